import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { RunEvent } from '../model/event.ts'
import { SampleLog, sampleFeatures, sampleRun } from '../model/fold-sample.ts'
import { RunStore } from './run-store.ts'

const FEATURES = sampleFeatures()
const made: string[] = []
after(() => made.forEach(folder => rmSync(folder, { recursive: true, force: true })))

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hil-store-'))
  made.push(path)
  return path
}

/** The sample run under a name of its own, a day later each. */
function logOf(run: string, day = 1, events: readonly RunEvent[] = sampleRun()): string {
  const text = events.map(event => `${JSON.stringify(event)}\n`).join('')
  return text
    .replaceAll('20260901-0800-k3f9', run)
    .replaceAll('2026-09-01T', `2026-09-${String(day).padStart(2, '0')}T`)
}

function write(runs: string, run: string, text = logOf(run)): string {
  mkdirSync(join(runs, run), { recursive: true })
  const path = join(runs, run, 'run.jsonl')
  writeFileSync(path, text)
  return path
}

/** All that can be asked of a history. */
function said(runs: string): unknown {
  using store = new RunStore(runs)
  store.sync(FEATURES)
  return {
    runs: store.runs({ limit: -1 }),
    evidence: store.evidence(),
    fails: [...store.lastFails()],
    unread: store.unread(),
  }
}

/** What a history that was never there before says. */
function rebuilt(runs: string): unknown {
  rmSync(join(runs, 'history.sqlite'), { force: true })
  return said(runs)
}

describe('RunStore', () => {
  it('tells runs with their boards, newest first, and narrows the list', () => {
    const runs = folder()
    write(runs, 'r1', logOf('r1', 1))
    write(runs, 'r2', logOf('r2', 2))
    using store = new RunStore(runs)
    store.sync(FEATURES)
    const all = store.runs({ limit: 10 })
    assert.deepEqual(
      all.map(({ run }) => run),
      ['r2', 'r1'],
    )
    assert.deepEqual(
      all[0]?.boards.map(({ board, verdicts }) => [board, verdicts]),
      [
        ['nuc-1', { fail: 2, pass: 4 }],
        ['nuc-2', { fail: 1, miss: 5 }],
        ['orin-1', { pass: 5, skip: 1 }],
        ['x1-1', { error: 1, miss: 4, pass: 1 }],
      ],
    )
    assert.equal(all[0]?.durationMs, 128_000)
    const names = (filter: object): string[] => store.runs({ limit: 10, ...filter }).map(({ run }) => run)
    assert.deepEqual(names({ since: '2026-09-02T00:00:00.000Z' }), ['r2'])
    assert.deepEqual(names({ device: 'nuc' }), ['r2', 'r1'])
    assert.deepEqual(names({ device: 'imx8mp' }), [])
    assert.deepEqual(names({ device: 'orin', result: 'fail' }), [])
    assert.deepEqual(names({ device: 'nuc-1', result: 'fail' }), ['r2', 'r1'])
    assert.deepEqual(names({ image: '9f2c4b1e' }), ['r2', 'r1'])
    assert.deepEqual(names({ image: '6b1f0c2d9a7e' }), ['r2', 'r1'])
    assert.deepEqual(names({ image: '*' }), [])
    assert.deepEqual(names({ limit: 1 }), ['r2'])
    assert.equal(store.run('r1')?.startedAt, '2026-09-01T08:00:00.000Z')
    assert.equal(store.run('r3'), undefined)
    assert.deepEqual(store.lastFails(), new Set(['r2']))
  })

  it('says the same however often and in whatever pieces its logs came: as made anew from them', () => {
    const lines = logOf('r1').split(/(?<=\n)/)
    const steps = fc.array(
      fc.record({ lines: fc.nat(lines.length), cut: fc.nat(80), gone: fc.boolean(), other: fc.boolean() }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(steps, steps => {
        const runs = folder()
        for (const { lines: n, cut, gone, other } of steps) {
          if (gone) rmSync(join(runs, 'r1'), { recursive: true, force: true })
          else write(runs, 'r1', lines.slice(0, n).join('') + (lines[n] ?? '').slice(0, cut))
          if (other) write(runs, 'r2', logOf('r2', 2))
          assert.deepEqual(said(runs), said(runs))
        }
        const before = said(runs)
        assert.deepEqual(rebuilt(runs), before)
      }),
      { numRuns: 25 },
    )
  })

  it('knows a run that goes on, and takes the rest when it comes', () => {
    const runs = folder()
    const text = logOf('r1')
    const torn = text.slice(0, text.length - 20)
    const path = write(runs, 'r1', torn)
    using store = new RunStore(runs)
    store.sync(FEATURES)
    assert.equal(store.run('r1')?.endedAt, null)
    appendFileSync(path, text.slice(torn.length))
    store.sync(FEATURES)
    assert.equal(store.run('r1')?.endedAt, '2026-09-01T08:02:08.000Z')
  })

  it('names a log that cannot be read, a copy of a run, and takes in all others', () => {
    const runs = folder()
    write(runs, 'r1')
    write(runs, 'r0', `${logOf('r0').slice(0, 100)}\n${logOf('r0')}`)
    cpSync(join(runs, 'r1'), join(runs, 'copy of r1'), { recursive: true })
    mkdirSync(join(runs, 'no run'))
    using store = new RunStore(runs)
    store.sync(FEATURES)
    assert.deepEqual(
      store.runs({ limit: 9 }).map(({ run }) => run),
      ['r1'],
    )
    const [copy, broken, ...more] = store.unread()
    assert.deepEqual(more, [])
    assert.match(copy?.why ?? '', /^it is the log of r1, /)
    assert.match(broken?.why ?? '', /r0\/run\.jsonl:1: /)
    write(runs, 'r0')
    store.sync(FEATURES)
    assert.equal(store.unread().length, 1)
  })

  it('makes itself anew where it is damaged or of an older form, and refuses a newer one', () => {
    const runs = folder()
    write(runs, 'r1')
    const before = said(runs)
    const path = join(runs, 'history.sqlite')
    writeFileSync(path, 'this is no database, and longer than the head of one '.repeat(40))
    assert.deepEqual(said(runs), before)
    const old = new DatabaseSync(path)
    old.exec('DROP TABLE cell; CREATE TABLE cell (a); CREATE TABLE other (a); PRAGMA user_version = 0')
    old.close()
    assert.deepEqual(said(runs), before)
    const newer = new DatabaseSync(path)
    newer.exec('PRAGMA user_version = 1000000')
    newer.close()
    assert.throws(() => said(runs), /configuration\/history: .* form 1000000, of a newer hil/)
  })

  it('has an empty history where there is no folder, and makes none', () => {
    const nowhere = join(folder(), 'runs')
    assert.deepEqual(said(nowhere), { runs: [], evidence: [], fails: [], unread: [] })
  })

  it('is whole after several processes have read the same logs at once', async () => {
    const runs = folder()
    for (let n = 10; n < 22; n++) write(runs, `r${n}`, logOf(`r${n}`, n))
    const script = `
      const { RunStore } = await import(${JSON.stringify(new URL('run-store.ts', import.meta.url).href)})
      const { sampleFeatures } = await import(${JSON.stringify(new URL('../model/fold-sample.ts', import.meta.url).href)})
      for (let turn = 0; turn < 3; turn++) {
        using store = new RunStore(${JSON.stringify(runs)})
        store.sync(sampleFeatures())
      }`
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    )
    const errors: string[] = []
    for (const child of children) child.stderr.on('data', chunk => errors.push(String(chunk)))
    const codes = await Promise.all(children.map(child => once(child, 'close').then(([code]) => code as number)))
    assert.deepEqual([codes, errors], [[0, 0, 0, 0], []])
    const before = said(runs)
    assert.equal((before as { runs: unknown[] }).runs.length, 12)
    assert.deepEqual(rebuilt(runs), before)
  })

  it('knows how long boots took on a board, oldest first, of one bench', () => {
    const runs = folder()
    const boot = new SampleLog().stage('orin-1', 'boot', 31).stage('orin-1', 'login', 2)
    boot.add(0, { type: 'booted', board: 'orin-1', bootId: null, by: 'console', durationMs: 1 })
    for (const [run, day, seconds] of [
      ['b', 2, 40],
      ['a', 1, 31],
    ] as const) {
      const events = boot.events.map((event, n) =>
        n === 1 ? { ...event, at: new Date(Date.parse(event.at) + (seconds - 31) * 1000).toISOString() } : event,
      )
      write(runs, run, logOf(run, day, [...sampleRun().slice(0, 1), ...events]))
    }
    using store = new RunStore(runs)
    store.sync(FEATURES)
    const times = (bench: string, by: 'console' | 'ssh' = 'console'): number[] =>
      store.stageTimes(bench, { board: 'orin-1', stage: 'boot', by })
    assert.deepEqual([times('tampere-1'), times('tampere-1', 'ssh'), times('other')], [[31_000, 40_000], [], []])
    rmSync(join(runs, 'a'), { recursive: true })
    store.sync(FEATURES)
    assert.deepEqual(times('tampere-1'), [40_000], 'what went with its run is forgotten')
  })
})
