import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../base/time.ts'
import type { NewEvent, RunEvent } from '../model/event.ts'
import { ProgressModel } from './progress-model.ts'

test('a flash tells what it does, how fast and for how long, and a log hears of it every ten seconds', () => {
  let ms = 0
  const clock: Clock = { ...systemClock, nowMs: () => ms, ticksMs: () => ms }
  const model = new ProgressModel(clock)
  const told: string[] = []
  const take = (event: NewEvent): void => {
    const timed = { at: '2026-01-01T00:00:00.000Z', ...event } as RunEvent
    model.take(timed)
    const line = model.tell(timed)
    if (line !== undefined && event.type === 'progress') told.push(line)
  }
  const board = { board: 'orin-1', type: 'orin', twin: false, image: null, features: [] }
  take({ type: 'run-started', run: 'r', version: '0', command: [], bench: 'b', boards: [board], left: [] })
  take({ type: 'stage', board: 'orin-1', stage: 'flash', state: 'begin' })
  const step = (unit: string, mib: number): void => {
    ms += 1000
    take({ type: 'progress', board: 'orin-1', stage: 'flash', done: mib << 20, total: 100 << 20, unit })
  }
  for (let n = 1; n <= 25; n++) step('B', 4 * n)
  assert.match(model.boards()[0]?.detail ?? '', /^writing 100\.0 MiB of 100\.0 MiB {2}100 % {2}4\.0 MiB\/s$/)
  assert.deepEqual(told, [
    'orin-1: writing 44.0 MiB of 100.0 MiB  44 %  4.0 MiB/s  ~14 s left',
    'orin-1: writing 84.0 MiB of 100.0 MiB  84 %  4.0 MiB/s  ~4.0 s left',
  ])
  step('B read back', 20)
  step('B compared', 20)
  assert.match(model.boards()[0]?.detail ?? '', /^comparing /)
})

test('a re-run is told as one and does not count as a further test', () => {
  const clock: Clock = { ...systemClock, nowMs: () => 0, ticksMs: () => 0 }
  const model = new ProgressModel(clock)
  const board = { board: 'a', type: 'nuc', twin: true, image: null, features: ['f'] }
  const tell = (event: NewEvent): string | undefined => {
    const timed = { at: '2026-01-01T00:00:00.000Z', ...event } as RunEvent
    model.take(timed)
    return model.tell(timed)
  }
  tell({ type: 'run-started', run: 'r', version: '0', command: [], bench: 'b', boards: [board], left: [] })
  const result = { feature: 'f', title: 't', durationMs: 1000, attempt: 0 }
  assert.equal(
    tell({ type: 'test', board: 'a', result: { ...result, verdict: 'fail', known: 'T-1' } }),
    'a: fail f: t (1.0 s, known issue T-1)',
  )
  assert.equal(
    tell({ type: 'test', board: 'a', result: { ...result, verdict: 'pass', rerun: 2 } }),
    'a: pass f: t (1.0 s, again 2)',
  )
  tell({ type: 'stage', board: 'a', stage: 'release', state: 'end' })
  assert.match(model.boards()[0]?.detail ?? '', /^0 passed, 1 not/)
})
