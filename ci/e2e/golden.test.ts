import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NewEvent } from '../../src/model/event.ts'
import type { GoldenImage } from '../../src/model/golden.ts'
import type { Image } from '../../src/model/image.ts'
import { story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'

// Golden images: named by hand, or promoted from a run that earned it; copies that outlive their files and hil gc.

type Golden = GoldenImage & { readonly isThere: boolean }

async function hil(lab: Lab, ...args: string[]): Promise<Ended> {
  return lab.start([...args, '--bench', join(lab.folder, 'bench.yaml')]).ended
}

async function goldens(lab: Lab): Promise<Golden[]> {
  const ended = await hil(lab, 'golden', 'list', '--json')
  assert.equal(ended.exitCode, 0, story(ended))
  return JSON.parse(ended.stdout) as Golden[]
}

test('an image set by hand outlives its file and hil gc', async () => {
  await using lab = await Lab.open()
  lab.bench({
    'nuc-1': lab.board(),
    'nuc-2': lab.board({ power: lab.power({ sshPort: lab.port + 1 }), shell: undefined }),
  })
  const none = await hil(lab, 'golden', 'list')
  assert.match(none.stderr, /no golden image/)
  const file = join(lab.folder, 'good.img.zst')
  copyFileSync(imageOf('tiny-amd64'), file)
  copyFileSync(`${imageOf('tiny-amd64')}.json`, `${file}.json`)
  const set = await hil(lab, 'golden', 'set', 'nuc', '--image', file)
  assert.equal(set.exitCode, 0, story(set))
  assert.match(set.stderr, /no boot of it on nuc-1 or nuc-2 is on record; this tries it: hil health nuc-1/)
  rmSync(file)
  mkdirSync(lab.reportDir, { recursive: true })
  const gc = await hil(lab, 'gc', '--keep-last', '0', '--keep-days', '0', '--report-dir', lab.reportDir)
  assert.equal(gc.exitCode, 0, story(gc))
  const [golden, ...more] = await goldens(lab)
  assert.deepEqual([golden?.of, golden?.run, golden?.isThere, more], ['nuc', undefined, true, []])
  assert.ok(existsSync(golden!.image.path) && golden!.image.path !== file)

  const own = await hil(lab, 'golden', 'set', 'nuc-2', '--image', imageOf('tiny-amd64', 'hil.break=sshd'))
  assert.equal(own.exitCode, 0, story(own))
  assert.deepEqual(
    (await goldens(lab)).map(({ of }) => of),
    ['nuc', 'nuc-2'],
  )
})

test('what cannot be golden is refused by name', async () => {
  await using lab = await Lab.open()
  const twin = lab.board({ power: lab.power({ sshPort: lab.port + 1 }), shell: undefined })
  lab.bench({ 'nuc-1': lab.board({ twin: false }), 'nuc-2': twin })
  mkdirSync(lab.reportDir)
  const cases: [string[], RegExp][] = [
    [['set', 'orin', '--image', imageOf('tiny-amd64')], /configuration\/unknown-board.*orin/],
    [['set', 'nuc', '--image', imageOf('tiny-amd64')], /boards and twins: name each board/],
    [['set', 'nuc-1', '--image', join(lab.folder, 'none.img')], /configuration\/image.*ENOENT/],
    [['set', 'nuc-1', '--image', 'a', '--image', 'release=b'], /configuration\/usage.*one --image/],
    [['promote', '--report-dir', join(lab.folder, 'mistyped')], /configuration\/report-dir.*ENOENT/],
    [['promote', 'none', '--report-dir', lab.reportDir], /configuration\/run-log/],
    [['promote', '--report-dir', lab.reportDir], /configuration\/golden.*no run of it/],
  ]
  for (const [args, says] of cases) {
    const ended = await hil(lab, 'golden', ...args)
    assert.equal(ended.exitCode, 2, story(ended))
    assert.match(ended.stderr, says)
  }
  assert.deepEqual(await goldens(lab), [])
})

test('only the newest run that is proven main and good is promoted', async () => {
  await using lab = await Lab.open()
  lab.bench({ 'nuc-1': lab.board() })
  const inspected = await lab.start(['image', 'inspect', imageOf('tiny-amd64'), '--json']).ended
  const { image } = JSON.parse(inspected.stdout) as { image: Image }
  const main = { ...image, origin: { signature: 'good', line: 'main', why: 'signed' } } as const
  writeRun(lab, '20260901-0000-good', main, 'pass')
  writeRun(lab, '20260902-0000-fail', main, 'fail')
  writeRun(lab, '20260903-0000-mine', image, 'pass')
  const promote = (...args: string[]): Promise<Ended> =>
    hil(lab, 'golden', 'promote', ...args, '--report-dir', lab.reportDir)
  for (const [run, says] of [
    ['20260902-0000-fail', /nuc-1: quick: fail, it is not/],
    ['20260903-0000-mine', /nuc-1: its image is not proven to come from main/],
  ] as const) {
    const refused = await promote(run)
    assert.equal(refused.exitCode, 2, story(refused))
    assert.match(refused.stderr, says)
  }
  assert.deepEqual(await goldens(lab), [])
  const promoted = await promote()
  assert.equal(promoted.exitCode, 0, story(promoted))
  const [golden] = await goldens(lab)
  assert.deepEqual([golden?.of, golden?.run, golden?.image.sha256], ['nuc', '20260901-0000-good', image.sha256])
})

/** The log of a run of `quick` on nuc-1. */
function writeRun(lab: Lab, run: string, image: Image, verdict: 'pass' | 'fail'): void {
  const board = 'nuc-1'
  const sizes = { imageBytes: 1, writtenBytes: 1, readBackBytes: 1, durationMs: 1 }
  const failed = verdict === 'fail' ? ({ blame: 'product', reason: 'it is not' } as const) : {}
  const events: NewEvent[] = [
    {
      type: 'run-started',
      run,
      version: '0',
      command: [],
      bench: 'e2e',
      boards: [{ board, type: 'nuc', twin: true, image, features: ['quick'] }],
      left: [],
    },
    { type: 'flashed', board, image, proof: { target: 't', mode: 'full', ...sizes } },
    { type: 'stage', board, stage: 'test', state: 'begin' },
    {
      type: 'test',
      board,
      result: { feature: 'quick', title: 'it works', verdict, durationMs: 1, attempt: 0, ...failed },
    },
    { type: 'stage', board, stage: 'test', state: 'end' },
    { type: 'run-ended', exitCode: verdict === 'pass' ? 0 : 1, durationMs: 1 },
  ]
  const at = `${run.slice(0, 4)}-${run.slice(4, 6)}-${run.slice(6, 8)}T00:00:00.000Z`
  mkdirSync(join(lab.reportDir, run), { recursive: true })
  writeFileSync(
    join(lab.reportDir, run, 'run.jsonl'),
    events.map(event => `${JSON.stringify({ at, ...event })}\n`).join(''),
  )
}
