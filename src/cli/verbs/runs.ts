import { Fault } from '../../base/fault.ts'
import { humanDuration } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import type { Verdict } from '../../model/verdict.ts'
import { VERDICTS } from '../../model/verdict.ts'
import { humanTime, MARKS, outcomeOf, short } from '../../report/words.ts'
import type { StoredBoard, StoredRun } from '../../store/run-store.ts'
import { isActive } from '../../run/active.ts'
import { openHistory } from '../history.ts'
import { parseSince } from '../log/since.ts'
import { table } from '../table.ts'

export interface RunsOptions {
  readonly device?: string
  readonly image?: string
  readonly result?: Verdict
  readonly since?: string
  readonly limit: number
  readonly reportDir?: string
  readonly json?: boolean
}

/** `hil runs`: the latest runs, a line for each board of each. */
export async function runs(options: RunsOptions): Promise<void> {
  const { device, image, result, limit, since } = options
  if (image !== undefined && !/^[0-9a-f]{4,64}$/.test(image))
    throw new Fault('configuration/usage', {
      expected: '--image to be at least four hexadecimal digits of a digest or commit',
      seen: `'${image}'`,
    })
  const filter = {
    ...(device !== undefined && { device }),
    ...(image !== undefined && { image }),
    ...(result !== undefined && { result }),
    ...(since !== undefined && { since: sinceTime(since) }),
    limit,
  }
  using history = openHistory(options.reportDir)
  const found = history.store.runs(filter)
  const active = await Promise.all(found.map(async ({ run, endedAt }) => endedAt === null && (await isActive(run))))
  const told = found.map((stored, n) => ({ ...stored, result: resultOf(stored, active[n]!) }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
    return
  }
  if (told.length === 0) {
    process.stderr.write('no run is known that fits\n')
    return
  }
  const lines = told.flatMap(({ boards, ...stored }) => {
    const wanted = boards.filter(({ board, type }) => device === undefined || [board, type].includes(device))
    return wanted.map((board, n) => [...(n === 0 ? headOf(stored) : ['', '', '', '']), ...boardOf(board)])
  })
  process.stdout.write(table(['WHEN', 'RUN', 'RESULT', 'TOOK', 'BOARD', 'IMAGE', 'COMMIT', 'FEATURES'], lines))
}

function headOf({ startedAt, run, result, durationMs }: Omit<StoredRun, 'boards'> & { result: string }): string[] {
  return [humanTime(startedAt), run, result, humanDuration(durationMs)]
}

function boardOf({ board, type, twin, imageName, imageSha256, commit, verdicts }: StoredBoard): string[] {
  const order: Verdict[] = ['pass', ...VERDICTS.filter(verdict => verdict !== 'pass')]
  const counts = order.flatMap(verdict => (verdicts[verdict] ? [`${MARKS[verdict]} ${verdicts[verdict]}`] : []))
  return [
    twin ? `${board} (${type} twin)` : board,
    imageName ?? short(imageSha256),
    short(commit),
    counts.join('  ') || '—',
  ]
}

function resultOf(stored: StoredRun, active: boolean): string {
  return active ? 'running' : outcomeOf(stored)
}

function sinceTime(text: string): string {
  const start = parseSince(text, systemClock.nowMs())
  if (typeof start === 'object') return new Date(start.sinceMs).toISOString()
  throw new Fault('configuration/usage', { expected: '--since to be an age or a time', seen: `'${text}'` })
}
