import { count } from '../../base/text.ts'
import { flakyOf, type Flaky } from '../../model/flaky.ts'
import { describeRate } from '../../model/rate.ts'
import { humanTime, short } from '../../report/words.ts'
import { allEvidence, isOf, openHistory } from '../history.ts'
import { table } from '../table.ts'

export interface FlakyOptions {
  readonly device?: string
  readonly evidence?: string
  readonly reportDir?: string
  readonly json?: boolean
}

/** `hil flaky`: verdicts that changed on one image, the surest first. */
export async function flaky(options: FlakyOptions): Promise<void> {
  using known = openHistory(options.reportDir)
  const evidence = allEvidence(known, options.evidence).filter(isOf(options.device))
  const found = flakyOf(evidence)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    return
  }
  if (found.length === 0) {
    process.stderr.write(`no verdict changed on one image, in ${count(evidence.length, 'piece')} of evidence\n`)
    return
  }
  process.stdout.write(table(['FEATURE', 'BOARD', 'FAILED', 'IMAGES', 'LAST', 'LAST RUN', ''], found.map(rowOf)))
}

function rowOf({ feature, type, twin, how, boards, images, failRate, lastAt, lastRun }: Flaky): string[] {
  return [
    feature,
    `${boards.join(', ')} (${type}${twin ? ' twin' : ''})`,
    describeRate(failRate),
    images.slice(0, 3).map(short).join(' ') + (images.length > 3 ? ` and ${images.length - 3} more` : ''),
    humanTime(lastAt),
    lastRun,
    how === 'boards' ? 'the boards disagree' : 'passes and fails',
  ]
}
