import assert from 'node:assert/strict'
import { readdirSync, readlinkSync, truncateSync } from 'node:fs'
import { test } from 'node:test'
import type { Stage } from '../../src/model/event.ts'
import { ROOT, story, type HilProcess } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { eventually } from './processes.ts'
import { cellsOf, faultsOf, of } from './verdicts.ts'

// Ctrl-C and SIGTERM at any moment: exit 130, every board off, the lease gone, the log complete, nothing blamed.

async function interruptAt(
  name: NodeJS.Signals,
  change: (lab: Lab) => BoardYaml,
  reached: (hil: HilProcess, lab: Lab) => Promise<unknown>,
  after: (lab: Lab, bench: string) => Promise<unknown> = async () => {},
): Promise<void> {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board(change(lab)) })
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'long'])
  await reached(hil, lab)
  hil.signal(name)
  const ended = await lab.mustEnd(hil, 130)
  const blames = of(ended.events, 'fault').map(({ blame }) => blame)
  assert.deepEqual(blames, ['cancelled'], story(ended))
  for (const [feature, verdict] of Object.entries(cellsOf(ended)))
    assert.ok(verdict === 'miss' || (feature === 'image' && verdict === 'pass'), `${feature}: ${verdict}`)
  await after(lab, bench)
}

const begins =
  (wanted: Stage) =>
  (hil: HilProcess): Promise<unknown> =>
    hil.until('stage', ({ stage, state }) => stage === wanted && state === 'begin')

test('Ctrl-C while an image is digested', async () => {
  await using lab = await Lab.open()
  const huge = lab.file('huge.img', '')
  truncateSync(huge, 64 * 2 ** 30)
  const hil = lab.startRun(lab.bench({ 'nuc-1': lab.board() }), ['--feature', 'quick', '--image', huge])
  await eventually('the image is being read', () => opens(hil.pid, huge))
  hil.signal('SIGINT')
  const ended = await lab.mustEnd(hil, 130)
  assert.match(ended.stderr, /cancelled\/interrupt/)
  assert.deepEqual(ended.events, [], 'no run was begun')
})

test('Ctrl-C while it flashes', () =>
  interruptAt(
    'SIGINT',
    lab => ({
      images: { debug: imageOf('ghaf-amd64') },
      media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 1024 },
      login: lab.board().login,
    }),
    hil => hil.until('progress', ({ stage }) => stage === 'flash'),
    async (lab, bench) => {
      const ended = await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick', '--no-flash']), 2)
      assert.deepEqual(faultsOf(ended), ['configuration/unflashed'], story(ended))
      assert.deepEqual(cellsOf(ended), { quick: 'miss' })
      assert.equal(lab.everPowered(), false)
    },
  ))

test('Ctrl-C while it boots', () =>
  interruptAt(
    'SIGINT',
    () => ({}),
    async (_hil, lab) => lab.consoleSpeaks(),
  ))

test('Ctrl-C while it logs in', () => interruptAt('SIGINT', () => ({}), begins('login')))

for (const name of ['SIGINT', 'SIGTERM'] as const)
  test(`${name} during a test`, () =>
    interruptAt(
      name,
      () => ({}),
      hil => hil.testBegins('it waits'),
    ))

test('Ctrl-C while the board is put away: what was found out stays', async () => {
  await using lab = await Lab.open()
  // A relay that is another program takes its time, so that the signal comes before the end.
  const inner = lab.bench({ 'nuc-9': lab.board({ console: undefined, media: undefined, shell: undefined }) }, 'relay')
  const relay = (action: string): string[] => [`${ROOT}src/cli/hil`, 'power', 'nuc-9', action, '--bench', inner]
  const bench = lab.bench({
    'nuc-1': lab.board({
      power: { driver: 'command', on: relay('on'), off: relay('off') },
      console: undefined,
      media: { driver: 'file', path: `${lab.boardDir('nuc-9')}/disk.img`, sizeMiB: 64 },
    }),
  })
  const hil = lab.startRun(bench, ['--feature', 'quick'])
  await begins('release')(hil)
  hil.signal('SIGINT')
  const ended = await lab.mustEnd(hil, 130)
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
})

function opens(pid: number, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === path)
  } catch {
    return false
  }
}
