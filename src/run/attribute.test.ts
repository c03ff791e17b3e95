import assert from 'node:assert/strict'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Agent } from '../agent/agent.ts'
import { OwnHost } from '../agent/host.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import { keepGolden } from '../bench/golden.ts'
import { loadBench } from '../bench/load.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { Feature } from '../model/feature.ts'
import { SAMPLE_IMAGE } from '../model/fold-sample.ts'
import type { TestResult } from '../model/event.ts'
import { attributeFailures } from './attribute.ts'
import { EventLog } from './event-log.ts'
import { imageMeans } from './images.ts'
import type { PlannedRun } from './plan.ts'
import { plannedBoard } from './run-board.ts'
import { RunContext } from './run-context.ts'

/** The host of a bench whose agent keeps the state of its boards in another folder. */
class Elsewhere extends OwnHost {
  readonly #folder: string

  constructor(folder: string) {
    super(new Agent(systemClock, silentLog), undefined)
    this.#folder = folder
  }

  override stateDirOf({ name }: PlannedRun['board']): string {
    return join(this.#folder, name)
  }
}

test('the golden image that a failure is weighed with is that of whoever has the board', async () => {
  using dir = tempDir()
  const there = join(dir.path, 'of-the-agent')
  const golden = { ...SAMPLE_IMAGE, sha256: 'b'.repeat(64), path: join(there, 'golden.img') }
  keepGolden(there, { of: 'nuc', image: golden, since: '2026-01-01T00:00:00.000Z' })
  const path = join(dir.path, 'bench.yaml')
  const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
  writeFileSync(path, JSON.stringify({ name: `attribute-${process.pid}`, boards: { 'nuc-1': board, 'nuc-2': board } }))
  const bench = await loadBench(path)
  const row = { id: 'f', title: 'f', section: 'Development', devices: ['All'], maturity: 'integrated' }
  const features = [Feature.parse({ ...row, suite: 'f.spec.ts' })]
  const imagePath = SAMPLE_IMAGE.path
  const phases = [{ variant: 'debug' as const, imagePath, features }]
  const runs = bench.boards.map(board => ({ board, features, phases }))
  const images = new Map([[imagePath, SAMPLE_IMAGE]])
  const signal = AbortSignal.timeout(20_000)
  const asked: string[] = []
  using log = new EventLog(join(dir.path, 'run.jsonl'), systemClock, [])
  const common = { command: ['run'], version: '0' }
  const context = new RunContext(
    {
      ...common,
      ...{ bench, plan: { runs, left: [] }, confirm: 'aba', diagnose: false, issues: [], doubted: () => new Set() },
      passedBefore: async (_, sha256) => asked.push(sha256) > 0,
      images: imageMeans([], { clock: systemClock, signal, progress: () => undefined, note: () => undefined }),
      ...{ leaseWaitMs: 0, reportDir: dir.path, clock: systemClock, openLog: () => silentLog, signal },
      onEvent: () => undefined,
    },
    log,
    dir.path,
    silentLog,
  )
  const boards = runs.map(planned => plannedBoard(planned, images))
  context.emit({ type: 'run-started', run: 'r', bench: bench.name, ...common, boards, left: [] })
  const result: TestResult = { feature: 'f', title: 't', verdict: 'fail', durationMs: 1, attempt: 0 }
  for (const { name } of bench.boards) context.emit({ type: 'test', board: name, result })
  context.emit({ type: 'compared', board: 'nuc-1', result })

  await attributeFailures(runs[0]!, images, new Elsewhere(there), context)
  const is = context.events.flatMap(event => (event.type === 'attributed' ? [[event.is, event.clears]] : []))
  assert.deepEqual([asked, is], [[golden.sha256], [['test', true]]])
})
