import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { imageOf } from './images.ts'
import { ROOT } from './hil.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { cellsOf, notesOf, of } from './verdicts.ts'

// Boards with less equipment are tested for what can be found out, and what could not be proven is said.

test('no console: the boot is proven over SSH, whose key is believed at first use', async () => {
  await using lab = await Lab.open()
  // No login on the console either, so that nothing but SSH can have answered.
  const images = { debug: imageOf('tiny-amd64', 'hil.break=getty') }
  const ended = await lab.run({ images, console: undefined, shell: eager(lab) }, ['image', 'quick'], 0)
  const [booted] = of(ended.events, 'booted')
  assert.equal(booted?.by, 'ssh')
  assert.match(booted.bootId ?? '', /^[0-9a-f-]{36}$/)
  assert.deepEqual(
    [...new Set(of(ended.events, 'trusted').map(({ trust }) => `${trust.host}: ${trust.how}`))],
    ['ghaf-host: first-use'],
  )
  assert.deepEqual(cellsOf(ended), { image: 'pass', quick: 'pass' })
})

test('no console: rows that need one are left out, not failed', async () => {
  await using lab = await Lab.open()
  const suites = { HIL_SUITES_DIR: join(ROOT, 'suites') }
  const bench = lab.bench({ 'nuc-1': lab.board({ console: undefined, shell: eager(lab) }) })
  const hil = lab.startRun(bench, ['--feature', 'debug-ssh', '--feature', 'debug-serial'], suites)
  const ended = await lab.mustEnd(hil, 0)
  assert.deepEqual(cellsOf(ended, suites.HIL_SUITES_DIR), { 'debug-ssh': 'pass' })
})

test('a relay that cannot be read back: off is unverified, and noted', async () => {
  await using lab = await Lab.open()
  // The relay is another bench of this program, on which the same board is wired to power alone.
  const inner = lab.bench({ 'nuc-9': lab.board({ console: undefined, media: undefined, shell: undefined }) }, 'relay')
  const relay = (action: string): string[] => [`${ROOT}src/cli/hil`, 'power', 'nuc-9', action, '--bench', inner]
  assert.equal((await lab.start(relay('status').slice(1)).ended).exitCode, 0)
  const there = lab.boardDir('nuc-9')
  const ended = await lab.run(
    {
      power: { driver: 'command', on: relay('on'), off: relay('off') },
      console: { driver: 'serial', path: `${there}/ttyACM0` },
      media: { driver: 'file', path: `${there}/disk.img`, sizeMiB: 64 },
    },
    ['quick'],
    0,
  )
  assert.ok(
    notesOf(ended).some(text => text.includes('off is unverified')),
    notesOf(ended).join('\n'),
  )
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
})

/** QEMU takes a connection long before its guest can: without a console only trying again tells when that is. */
function eager(lab: Lab): BoardYaml {
  return { ...(lab.board().shell as BoardYaml), connectLimitMs: 2000 }
}
