import { describeRate } from '../../model/rate.ts'
import { historiesOf, type FeatureHistory, type ImageHistory } from '../../model/feature-history.ts'
import { humanTime, MARKS, short } from '../../report/words.ts'
import { allEvidence, featureNamed, isOf, openHistory } from '../history.ts'
import { table } from '../table.ts'

export interface HistoryOptions {
  readonly device?: string
  readonly evidence?: string
  readonly reportDir?: string
  readonly json?: boolean
}

/** `hil history`: a feature's verdicts over the images, for each board type and line by itself. */
export async function history(id: string, options: HistoryOptions): Promise<void> {
  using known = openHistory(options.reportDir)
  const feature = featureNamed(id, known.features)
  const evidence = allEvidence(known, options.evidence, feature.id).filter(isOf(options.device))
  const stories = historiesOf(feature.id, evidence)
  if (options.json) process.stdout.write(`${JSON.stringify(stories, null, 2)}\n`)
  else if (stories.length > 0) process.stdout.write(stories.map(story => storyOf(story, stories)).join('\n'))
  else process.stderr.write(`${feature.id}: nothing is known${options.device ? ` of ${options.device}` : ''} yet\n`)
}

function storyOf(story: FeatureHistory, stories: readonly FeatureHistory[]): string {
  const { feature, type, twin, line, images, passRate } = story
  const isOneOfSeveral = stories.filter(other => other.type === type && other.twin === twin).length > 1
  const of = isOneOfSeveral ? `, ${line === null ? 'unproven images' : `line ${line}`}` : ''
  const head = `${feature} on ${type}${twin ? ' (twin)' : ''}${of}: passed ${describeRate(passRate)}\n`
  const rows = images.map(image => {
    const last = image.evidence.at(-1)!
    return [
      humanTime(image.evidence[0]!.at),
      short(image.imageSha256),
      short(image.commit),
      image.line ?? 'unproven',
      marksOf(image),
      last.run,
      remarkOf(image),
    ]
  })
  return `${head}${table(['FIRST TESTED', 'IMAGE', 'COMMIT', 'LINE', 'VERDICTS', 'LAST RUN', ''], rows)}${breakOf(story)}`
}

/** One mark a test, oldest first; of many only the latest. */
const MAX_MARKS = 20

function marksOf({ evidence }: ImageHistory): string {
  const marks = evidence.slice(-MAX_MARKS).map(({ verdict }) => MARKS[verdict])
  return `${evidence.length > MAX_MARKS ? '…' : ''}${marks.join('')}`
}

function remarkOf({ evidence }: ImageHistory): string {
  const manual = evidence.findLast(line => line.manual)?.manual
  const fail = evidence.findLast(line => line.verdict === 'fail' && !line.manual)
  return [manual && `manual, by ${manual.by}: ${manual.note}`, fail?.why].filter(Boolean).join(' · ')
}

function breakOf({ lastGood, firstBad, fixedBy }: FeatureHistory): string {
  if (!firstBad) return lastGood ? `last good: ${nameOf(lastGood)}\n` : ''
  const good = lastGood ? `last good: ${nameOf(lastGood)}` : 'never seen good before'
  const range = lastGood?.commit && firstBad.commit && lastGood.commit !== firstBad.commit
  const search = range ? `\n  look at: git log ${short(lastGood.commit)}..${short(firstBad.commit)}` : ''
  return `${good}, first bad: ${nameOf(firstBad)}${fixedBy ? `, fixed by: ${nameOf(fixedBy)}` : ''}${search}\n`
}

function nameOf({ commit, imageSha256 }: ImageHistory): string {
  return commit ? `commit ${short(commit)}` : `image ${short(imageSha256)} (commit unknown)`
}
