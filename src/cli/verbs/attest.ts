import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { asFault, Fault } from '../../base/fault.ts'
import { shortPath } from '../../base/paths.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench, type Bench } from '../../bench/load.ts'
import { isUrl } from '../../image/http.ts'
import { obtainImage } from '../../image/obtain.ts'
import type { Evidence } from '../../model/cell.ts'
import { formatEvidence } from '../../model/evidence.ts'
import type { Variant } from '../../model/image.ts'
import { EVIDENCE, loadLabels } from '../../run/catalog.ts'
import { addEvidence } from '../../run/evidence-file.ts'
import { imageMeans } from '../../run/images.ts'
import { runId } from '../../run/run-id.ts'
import { allEvidence, featureNamed, openHistory } from '../history.ts'
import { keysNamed } from '../images.ts'
import { openTransfer } from '../progress-transfer.ts'

export interface AttestOptions {
  readonly device: string
  readonly verdict: 'pass' | 'fail'
  readonly by: string
  readonly image: string
  readonly note: string
  readonly evidence?: string
  readonly reportDir?: string
  readonly trustKey: string[]
  readonly bench: string
  readonly json?: boolean
}

type Place = Pick<Evidence, 'board' | 'type' | 'twin'>
type ImageFacts = Pick<Evidence, 'imageSha256' | 'commit' | 'line' | 'variant'>

const MAX_NAME_CHARS = 80
const MAX_NOTE_CHARS = 500

/** `hil attest`: what a person saw, as evidence that says so. Errors: `configuration/attest` with every complaint. */
export async function attest(id: string, options: AttestOptions, signal: AbortSignal): Promise<void> {
  const { verdict, by, note, json } = options
  const path = options.evidence ?? EVIDENCE
  const bench = await loadBench(options.bench)
  using history = openHistory(options.reportDir)
  // The first that somebody saw may begin the file.
  const known = existsSync(path) ? allEvidence(history, path) : history.store.evidence()
  const complaints: string[] = []
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) throw error
      complaints.push(complaintOf(asFault(error)))
      return undefined
    }
  }
  await attempt(() => featureNamed(id, history.features))
  const place = await attempt(() => placeNamed(options.device, bench))
  await attempt(() => mustBeLine('--by', by, MAX_NAME_CHARS))
  await attempt(() => mustBeLine('--note', note, MAX_NOTE_CHARS))
  const image = await attempt(() => imageNamed(options, bench, known, signal))
  if (!place || !image || complaints.length > 0)
    throw new Fault('configuration/attest', {
      expected: 'a feature, a device, an image, a name and a note',
      seen: `${complaints.length} mistake${complaints.length === 1 ? '' : 's'}`,
      evidence: complaints,
    })
  const evidence: Evidence = {
    feature: id,
    ...place,
    verdict,
    at: new Date(systemClock.nowMs()).toISOString(),
    run: `manual-${runId(systemClock)}`,
    ...image,
    ...(verdict === 'fail' && { why: note }),
    manual: { by: by.trim(), note: note.trim() },
  }
  await addEvidence(path, [evidence], signal)
  if (json) process.stdout.write(formatEvidence([evidence]))
  else process.stdout.write(confirmation(evidence, path))
}

function confirmation({ feature, board, line, verdict, imageSha256 }: Evidence, path: string): string {
  const counts =
    line === null
      ? 'its image is proven to come from no line, so it moves no row of hardware'
      : `it counts for the line ${line}`
  const next = path === EVIDENCE ? `\nhil matrix --write puts it into the page; commit ${shortPath(path)}` : ''
  return `${shortPath(path)}: ${feature} on ${board} with ${imageSha256.slice(0, 12)}: ${verdict}, manual; ${counts}${next}\n`
}

/** A board of the bench, or a board type: that of a unit nobody named. */
function placeNamed(device: string, bench: Bench): Place {
  const board = bench.boards.find(({ name }) => name === device)
  if (board) return { board: board.name, type: board.type.name, twin: board.spec.twin }
  const labels = Object.values(loadLabels()).flatMap(label => ('anyOf' in label ? label.anyOf : label.allOf))
  const types = [...new Set([...labels, ...bench.boards.map(({ type }) => type.name)])]
  if (types.includes(device)) return { board: device, type: device, twin: false }
  throw new Fault('configuration/unknown-board', {
    expected: `--device to be a board of ${bench.name} or a board type`,
    seen: `'${device}' (there are ${[...types, ...bench.boards.map(({ name }) => name)].join(', ')})`,
  })
}

/** By its digest what is known of it already; by its file what that proves. */
async function imageNamed(
  options: AttestOptions,
  { trust }: Bench,
  known: readonly Evidence[],
  signal: AbortSignal,
): Promise<ImageFacts> {
  const [, named, reference = ''] = /^(?:(debug|release)=)?(.*)$/s.exec(options.image) ?? []
  if (/^[0-9a-f]{64}$/.test(reference)) {
    const seen = known.filter(line => line.imageSha256 === reference && !line.manual)
    const fact = (key: 'commit' | 'line'): string | null => seen.findLast(line => line[key] !== null)?.[key] ?? null
    const variant = named ?? seen.at(-1)?.variant ?? 'debug'
    return { imageSha256: reference, commit: fact('commit'), line: fact('line'), variant }
  }
  using transfer = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const means = imageMeans([...trust, ...keysNamed(options.trustKey)], {
    clock: systemClock,
    signal,
    progress: transfer.download,
    note: transfer.note,
  })
  const variant = (named ?? 'debug') as Variant
  const { image } = await obtainImage(isUrl(reference) ? reference : resolve(reference), variant, means)
  return { imageSha256: image.sha256, commit: image.commit ?? null, line: image.origin?.line ?? null, variant }
}

function mustBeLine(option: string, text: string, maxChars: number): void {
  if (text.trim() !== '' && text.length <= maxChars && !/[\p{Cc}\u2028\u2029]/u.test(text) && text.isWellFormed())
    return
  throw new Fault('configuration/usage', {
    expected: `${option} to be one line of 1 to ${maxChars} characters`,
    seen: JSON.stringify(text.slice(0, maxChars)),
  })
}

function complaintOf({ expected, seen, class: whose, message }: Fault): string {
  return whose === 'configuration' ? `expected ${expected}; saw ${seen}` : message
}
