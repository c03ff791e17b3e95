import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../base/time.ts'
import { BoardLock, thisProcess } from '../bench/lock.ts'
import type { Evidence } from '../model/cell.ts'
import { evidenceOf, formatEvidence, parseEvidence } from '../model/evidence.ts'
import { fold, parseEvents } from '../model/fold.ts'
import { sampleRun } from '../model/fold-sample.ts'
import { loadFeatures } from '../run/catalog.ts'
import { holdRun } from '../run/active.ts'

const HIL = fileURLToPath(new URL('hil', import.meta.url))
const made: string[] = []
// Locks of its own: what else runs on this host does not matter.
process.env.HIL_LOCK_SPACE = `history-${process.pid}`
after(() => made.forEach(folder => rmSync(folder, { recursive: true, force: true })))

interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A place with runs and evidence of its own, and `hil` at work there. */
class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'hil-history-'))
  runs = join(this.folder, 'runs')
  readonly evidence = join(this.folder, 'evidence.jsonl')

  constructor() {
    made.push(this.folder)
    mkdirSync(this.runs)
    writeFileSync(this.evidence, '')
  }

  /** The sample run under a name of its own, so many days ago; `change` alters its log. */
  add(run: string, daysAgo: number, change: (log: string) => string = log => log): Evidence[] {
    const shiftMs = Date.now() - daysAgo * 86_400_000 - Date.parse('2026-09-01T08:00:00.000Z')
    const events = sampleRun().map(event => ({ ...event, at: new Date(Date.parse(event.at) + shiftMs).toISOString() }))
    const text = events.map(event => `${JSON.stringify(event)}\n`).join('')
    const log = change(text.replaceAll('20260901-0800-k3f9', run))
    mkdirSync(join(this.runs, run, 'nuc-1'), { recursive: true })
    writeFileSync(join(this.runs, run, 'run.jsonl'), log)
    return evidenceOf(fold(parseEvents(log), loadFeatures()))
  }

  /** The log of a run whose first line is torn. */
  addBroken(run: string): void {
    mkdirSync(join(this.runs, run))
    writeFileSync(join(this.runs, run, 'run.jsonl'), '{\n{}\n')
  }

  commit(evidence: readonly Evidence[]): void {
    writeFileSync(this.evidence, formatEvidence(evidence))
  }

  async hil(...args: string[]): Promise<Said> {
    const [verb = ''] = args
    const places = verb === 'runs' || args.includes('--evidence') ? [] : ['--evidence', this.evidence]
    const env = { ...process.env, HIL_STATE_DIR: join(this.folder, 'state') }
    const { promise, resolve } = Promise.withResolvers<Said>()
    const child = execFile(HIL, [...args, '--report-dir', this.runs, ...places], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
    return promise
  }

  async json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await this.hil(...args, '--json')
    assert.equal(code, 0, err)
    return JSON.parse(out) as T
  }
}

/** The log of a run whose netvm works, or whose image is another. */
const healed = (log: string): string =>
  log.replaceAll(/^.*"title":"answers ping from the host","verdict":"fail".*\n/gm, '')
const rebuilt = (digit: string) => (log: string) => log.replaceAll('9f2c4b1e', digit.repeat(8))

describe('hil runs', () => {
  it('lists runs with their boards, for people and for scripts', async () => {
    const place = new Place()
    place.add('r1', 2)
    place.add('r2', 1)
    const { out } = await place.hil('runs', '--device', 'nuc')
    assert.match(out, /^WHEN +RUN +RESULT +TOOK +BOARD +IMAGE +COMMIT +FEATURES\n/)
    assert.match(out, /r2 +the product failed +2 min 08 s +nuc-1 +generic-x86_64-debug +6b1f0c2d9a7e +✓ 4 {2}✗ 2\n/)
    assert.match(out, /nuc-2 \(nuc twin\)/)
    assert.doesNotMatch(out, /orin/)
    const [run, ...others] = await place.json<{ run: string; boards: { board: string }[] }[]>('runs', '-n', '1')
    assert.equal(run?.run, 'r2')
    assert.equal(run?.boards.length, 4)
    assert.deepEqual(others, [])
  })

  it('says what is wrong with a filter, and which log cannot be read', async () => {
    const place = new Place()
    place.addBroken('r1')
    const wrong = await place.hil('runs', '--image', '*')
    assert.equal(wrong.code, 2)
    const { code, out, err } = await place.hil('runs')
    assert.deepEqual([code, out], [0, ''])
    assert.match(err, /^not in the history: .*r1\/run\.jsonl:1: /)
  })

  it('tells a run that goes on from one that was killed', async () => {
    const place = new Place()
    const unended = (log: string): string => log.replace(/^.*"run-ended".*\n/m, '')
    place.add('killed', 1, unended)
    place.add('at work', 0, unended)
    await using _mark = await holdRun('at work')
    const runs = await place.json<{ run: string; result: string }[]>('runs')
    assert.deepEqual(
      runs.map(({ run, result }) => [run, result]),
      [
        ['at work', 'running'],
        ['killed', 'not ended'],
      ],
    )
  })
})

describe('hil history and hil flaky', () => {
  it('find the last good and the first bad image, over runs here and committed evidence', async () => {
    const place = new Place()
    place.commit(place.add('old', 40, log => rebuilt('a')(healed(log))))
    rmSync(join(place.runs, 'old'), { recursive: true })
    place.add('r1', 3, healed)
    place.add('r2', 2, rebuilt('b'))
    place.add('r3', 1, rebuilt('b'))
    const [nuc] = await place.json<{ passRate: { hits: number; of: number }; lastGood: object; firstBad: object }[]>(
      'history',
      'netvm',
      '--device',
      'nuc-1',
    )
    assert.deepEqual([nuc?.passRate.hits, nuc?.passRate.of], [2, 4])
    assert.partialDeepStrictEqual(nuc, {
      lastGood: { imageSha256: '9f2c4b1e'.repeat(8) },
      firstBad: { imageSha256: 'b'.repeat(64) },
    })
    const { out } = await place.hil('history', 'netvm', '--device', 'nuc-1')
    assert.match(out, /^netvm on nuc: passed 2 of 4 \(50 %, 95 % interval 15–85 %\)\n/)
    assert.match(out, /bbbbbbbbbbbb .* ✗✗ /)
  })

  it('find a verdict that changed on one image', async () => {
    const place = new Place()
    place.add('r1', 3, healed)
    place.add('r2', 2)
    const found = await place.json<{ feature: string; boards: string[]; how: string }[]>('flaky')
    assert.deepEqual(
      found.map(({ feature, boards, how }) => [feature, boards, how]),
      [['netvm', ['nuc-1'], 'repeat']],
    )
    assert.match((await place.hil('flaky')).out, /1 of 2 \(50 %, 95 % interval 9–91 %\)/)
    assert.match((await place.hil('flaky', '-d', 'orin')).err, /^no verdict changed/)
  })

  it('name the rows there are for one that is not', async () => {
    const { code, err } = await new Place().hil('history', 'nvm')
    assert.equal(code, 2)
    assert.match(err, /configuration\/unknown-feature: .*'nvm'[\s\S]* netvm\n/)
  })
})

describe('hil explain', () => {
  const ofMain = (evidence: readonly Evidence[]): Evidence[] => evidence.map(line => ({ ...line, line: 'main' }))

  it('quotes rule, fault, run and console', async () => {
    const place = new Place()
    const recorded = '{"at":"2026-09-01T08:00:00.000Z","type":"recording","board":"nuc-1","from":60000}\n'
    const evidence = place.add('r1', 1.5, log => log.replace(/\n/, `\n${recorded}`))
    place.commit(ofMain(evidence))
    const bytes = Buffer.alloc(12_000, 'before the slice\n')
    bytes.fill('in the slice\r\n', 120, 11_900)
    writeFileSync(join(place.runs, 'r1', 'nuc-1', 'console.log'), bytes)
    const { out } = await place.hil('explain', 'netvm', '--device', 'nuc-1')
    assert.match(out, /^\S+ `netvm` \(netvm\): /)
    assert.match(out, /^· nuc: no reference device of this row, so it never moves it\n/m)
    assert.match(out, /failed .* \(1 day ago\) on nuc-1, run r1/)
    assert.match(out, /✗ answers ping from the host: product\/no-guest\n +expected net-vm to answer/)
    assert.match(out, /console, bytes 120–11900 of .*r1\/nuc-1\/console\.log, the end of them:\n( +\| in the slice\n)+/)
    assert.doesNotMatch(out, /before the slice/)
  })

  it('rests on the committed evidence where no run is left, and tells what came since', async () => {
    const place = new Place()
    const committed = ofMain(place.add('gone', 5))
    place.commit(committed)
    rmSync(join(place.runs, 'gone'), { recursive: true })
    place.add('since', 1)
    const { out } = await place.hil('explain', 'netvm', '-d', 'nuc')
    assert.match(out, /because answers ping from the host: product\/no-guest: no route to host/)
    assert.match(out, /its run is no longer here/)
    assert.match(out, /since, in runs that are not taken into the evidence.*\n +failed .* on nuc-1, run since\n/)
    const told = await place.json<{ cells: { decidedBy: { runFolder: null } | null; since: Evidence[] }[] }>(
      'explain',
      'netvm',
      '-d',
      'nuc-1',
    )
    assert.equal(told.cells[0]?.decidedBy?.runFolder, null)
    assert.equal(told.cells[0]?.since[0]?.run, 'since')
  })
})

describe('hil attest', () => {
  const DIGEST = 'ab'.repeat(32)
  const words = ['--device', 'x1', '--verdict', 'pass', '--image', DIGEST, '--by', 'Aino K.']

  it('records who saw what, and everything that shows it says that it is manual', async () => {
    const place = new Place()
    const before = place.add('r1', 3).map(line => ({ ...line, imageSha256: DIGEST, line: 'main', commit: 'c0ffee' }))
    place.commit(before)
    const { code, err } = await place.hil('attest', 'guivm', ...words, '--note', 'the *desktop* comes up')
    assert.equal(code, 0, err)
    const added = parseEvidence(readFileSync(place.evidence, 'utf8'), 'e').filter(({ manual }) => manual)
    assert.equal(added.length, 1)
    assert.partialDeepStrictEqual(added[0], {
      feature: 'guivm',
      type: 'x1',
      twin: false,
      verdict: 'pass',
      line: 'main',
      commit: 'c0ffee',
      imageSha256: DIGEST,
      manual: { by: 'Aino K.', note: 'the *desktop* comes up' },
    })
    const history = await place.hil('history', 'guivm', '-d', 'x1')
    assert.match(history.out, /manual, by Aino K\.: the \*desktop\* comes up/)
    assert.match((await place.hil('explain', 'guivm', '-d', 'x1')).out, /on x1, manual, by Aino K\.: the \*desktop\*/)
  })

  it('complains about everything at once, and records nothing', async () => {
    const place = new Place()
    const wrong = ['--device', 'x9', '--verdict', 'pass', '--image', '/nowhere.img', '--by', ' ', '--note', 'a\nb']
    const { code, err } = await place.hil('attest', 'guivn', ...wrong)
    assert.equal(code, 2)
    for (const word of [/5 mistakes/, /guivn/, /x9/, /--by/, /--note/, /nowhere\.img/]) assert.match(err, word)
    assert.equal(readFileSync(place.evidence, 'utf8'), '')
  })

  it('loses nothing when several people attest at once', async () => {
    const place = new Place()
    const notes = ['one', 'two', 'three', 'four']
    await Promise.all(notes.map(async note => place.hil('attest', 'guivm', ...words, '--note', note)))
    const seen = parseEvidence(readFileSync(place.evidence, 'utf8'), 'e').map(({ manual }) => manual?.note)
    assert.deepEqual(new Set(seen), new Set(notes))
    assert.equal(seen.length, notes.length)
  })
})

describe('hil gc', () => {
  it('says what would go, then makes it so, and keeps what somebody needs', async () => {
    const place = new Place()
    place.commit(place.add('named', 400))
    for (const days of [100, 60, 50, 10]) place.add(`r${days}`, days)
    const policy = ['--keep-last', '1', '--keep-days', '30']
    const dry = await place.hil('gc', ...policy, '--dry-run')
    assert.match(dry.out, /^kept: the last 1 run of each board, what is younger than 30 days, /)
    assert.match(dry.out, /would remove 3 runs \(\d+\.\d KiB\) and 0 parts of recordings/)
    assert.ok(existsSync(join(place.runs, 'r100')))
    const { swept, kept } = await place.json<{ swept: { name: string }[]; kept: object[] }>('gc', ...policy)
    assert.deepEqual(
      swept.map(({ name }) => name),
      ['r50', 'r60', 'r100'],
    )
    assert.equal(kept.length, 2)
    assert.ok(!existsSync(join(place.runs, 'r100')))
    const left = await place.json<{ run: string }[]>('runs')
    assert.deepEqual(
      left.map(({ run }) => run),
      ['r10', 'named'],
    )
  })

  it('leaves a run in progress, and finishes what was cut short', async () => {
    const place = new Place()
    place.add('old', 100)
    place.add('at work', 90)
    place.add('newest', 80)
    mkdirSync(join(place.runs, '.going-older', 'nuc-1'), { recursive: true })
    await using _mark = await holdRun('at work')
    const { out } = await place.hil('gc', '--keep-last', '0', '--keep-days', '0')
    assert.match(out, /run at work .* left: it is in progress/)
    assert.deepEqual(
      ['old', 'at work', 'newest', '.going-older'].map(run => existsSync(join(place.runs, run))),
      [false, true, true, false],
    )
  })

  it('drops old parts of recordings, but not what evidence points at, nor of a board that is held', async () => {
    const place = new Place()
    const folder = join(place.folder, 'state', 'virtual', 'nuc-1', 'console')
    mkdirSync(folder, { recursive: true })
    const part = (start: number, daysAgo: number): string => {
      const path = join(folder, `${String(start).padStart(16, '0')}.log`)
      writeFileSync(path, 'x'.repeat(100))
      writeFileSync(`${path}.idx`, '')
      const at = Date.now() / 1000 - daysAgo * 86_400
      utimesSync(path, at, at)
      return path
    }
    const parts = [part(0, 90), part(100, 80), part(200, 70), part(300, 60)]
    const [line] = place.add('r1', 85)
    place.commit([{ ...line!, board: 'nuc-1', slice: { from: 210, to: 220 } }])
    const holder = thisProcess([], systemClock)
    const free = { waitMs: 0, clock: systemClock, signal: new AbortController().signal }
    const lock = await BoardLock.take('virtual', 'nuc-1', holder, free)
    assert.match((await place.hil('gc')).out, /recording nuc-1 {2}100 B {2}left: the board is held\n/)
    await lock[Symbol.asyncDispose]()
    assert.deepEqual(
      parts.map(path => existsSync(path)),
      [true, true, true, true],
    )
    const { swept } = await place.json<{ swept: { what: string; bytes: number }[] }>('gc')
    assert.deepEqual(
      swept.map(({ what, bytes }) => [what, bytes]),
      [
        ['recording', 100],
        ['recording', 100],
      ],
    )
    assert.deepEqual(
      parts.map(path => existsSync(path)),
      [false, false, true, true],
    )
  })

  it('takes its policy from a file, and complains with the line before anything goes', async () => {
    const place = new Place()
    const policy = join(place.folder, 'retention.yaml')
    writeFileSync(policy, 'keepLast: 7\nkeepDay: 3\nkeepDays: -1\n')
    const { code, err } = await place.hil('gc', '--policy', policy)
    assert.equal(code, 2)
    assert.match(err, /retention\.yaml:2: the file: unknown key 'keepDay'/)
    assert.match(err, /retention\.yaml:3: keepDays: /)
    writeFileSync(policy, 'keepLast: 7\n')
    assert.match(
      (await place.hil('gc', '--policy', policy, '--keep-days', '1')).out,
      /^kept: the last 7 runs of each board, what is younger than 1 day, /,
    )
  })
})

describe('a path that somebody names', () => {
  it('has to be there, for every verb that reads it', async () => {
    const place = new Place()
    const nowhere = join(place.folder, 'nowhere')
    for (const verb of [['history', 'netvm'], ['explain', 'netvm'], ['flaky'], ['gc']]) {
      const { code, out, err } = await place.hil(...verb, '--evidence', nowhere)
      assert.equal(code, 2, verb.join(' '))
      assert.equal(out, '')
      assert.match(err, /configuration\/run-log: expected a readable file .*nowhere; saw ENOENT/)
    }
    place.runs = nowhere
    for (const verb of [['runs'], ['history', 'netvm'], ['explain', 'netvm'], ['flaky'], ['gc']]) {
      const { code, err } = await place.hil(...verb)
      assert.equal(code, 2, verb.join(' '))
      assert.match(err, /configuration\/report-dir: expected --report-dir .*ENOENT.*nowhere/)
    }
  })
})
