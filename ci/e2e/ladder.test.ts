import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RecoveryStep } from '../../src/model/event.ts'
import { AgentProcess } from './agent-process.ts'
import { type Ended, story } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { qmp } from './qmp.ts'
import { slow } from './slow.ts'
import { cellsOf, of, resultsOf } from './verdicts.ts'

// What becomes of a board in the middle of its tests: whatever it was, the next test has a board that can be trusted, and the verdict of
// the one before stays.

test('reboots that a suite asks for, soft and hard', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['reboots'], 0)
  assert.deepEqual(cellsOf(ended), { reboots: 'pass' })
  assert.deepEqual(
    of(ended.events, 'rebooted').map(({ how }) => how),
    ['soft', 'hard'],
  )
  assert.deepEqual(rungsOf(ended), [], 'a reboot that was asked for makes nobody doubt')
})

test('the same on a board without SSH', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({ shell: undefined }, ['reboots-serial'], 0)
  assert.deepEqual(cellsOf(ended), { 'reboots-serial': 'pass' })
})

test('a board that was frozen from outside is the bench’s, and switched off and on for the next test', async () => {
  await using lab = await Lab.open()
  const hil = lab.startRun(lab.bench({ 'nuc-1': lab.board() }), [
    '--feature',
    'image',
    '--feature',
    'long',
    '--feature',
    'quick',
  ])
  await hil.testIsAtWork('it waits')
  const frozenMs = performance.now()
  await qmp(join(lab.boardDir(), 'qmp.sock'), 'stop')
  await hil.until('test', ({ result }) => result.title === 'it waits', 15_000)
  assert.ok(performance.now() - frozenMs < 10_000, 'it is noticed within 10 s')
  const ended = await lab.mustEnd(hil, 3)
  assert.equal(resultsOf(ended).get('long: it waits')?.fault?.code, 'infrastructure/board-gone', story(ended))
  assert.deepEqual(cellsOf(ended), { image: 'pass', long: 'error', quick: 'pass' })
  assert.deepEqual(rungsOf(ended), ['power-cycle'])
})

test('a board that reboots by itself fails the test it was in, with the lines that show it', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=reboot-on-cue') }
  const ended = await lab.run({ images }, ['long', 'quick'], 1)
  const struck = resultsOf(ended).get('long: it waits')
  assert.equal(struck?.fault?.code, 'product/rebooted', story(ended))
  assert.match(struck.fault.evidence.join('\n'), /reboot: Restarting system[^]*SeaBIOS/)
  assert.deepEqual(cellsOf(ended), { long: 'fail', quick: 'pass' })
  assert.deepEqual(rungsOf(ended), ['probe'], 'it came up by itself: to wait for its login is enough')
})

test('a test that destroys the disk leaves the next one a board with its image', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const change = {
    images: { debug: imageOf('tiny-amd64', 'hil.break=wipe-on-cue') },
    limitsMs: { boot: 25_000, ssh: 30_000 },
  }
  const ended = await lab.run(change, ['long', 'quick'], 1)
  assert.equal(resultsOf(ended).get('long: it waits')?.fault?.code, 'product/no-boot', story(ended))
  assert.deepEqual(cellsOf(ended), { long: 'fail', quick: 'pass' }, story(ended))
  assert.deepEqual(rungsOf(ended), ['power-cycle', 'reflash'])
  assert.equal(of(ended.events, 'flashed').length, 2)
})

test('by an agent it is the same', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'long', '--feature', 'quick'])
  await hil.testIsAtWork('it waits')
  lab.pullPlug()
  const ended = await hil.ended
  assert.equal(ended.exitCode, 3, story(ended))
  assert.equal(cellsOf(ended).quick, 'pass', story(ended))
  assert.deepEqual(rungsOf(ended), ['power-cycle'])
  await agent.stop()
})

test('a session that ended uncleanly costs the next test a question, and no more', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['unclean', 'quick'], 3)
  const results = resultsOf(ended)
  assert.equal(
    results.get('unclean: it is killed in the middle of a command')?.fault?.code,
    'infrastructure/worker-lost',
  )
  assert.equal(results.get('unclean: it goes on as if nothing had been')?.verdict, 'pass', story(ended))
  const steps = of(ended.events, 'recovery').filter(({ state }) => state === 'end')
  assert.match(steps[0]!.why, /it changed a setting of the kernel/)
  assert.match(steps[1]!.why, /a test did not come to its end/)
  assert.ok(steps.every(({ rung, fault }) => rung === 'probe' && !fault))
  assert.ok(
    steps.every(({ durationMs }) => durationMs! < 20_000),
    'a question takes no reboot',
  )
  assert.equal(of(ended.events, 'booted').length, 1)
})

test('an SSH server that is killed comes back by the system’s own reboot', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=sshd-on-cue') }
  const ended = await lab.run({ images }, ['long', 'quick'], 1)
  assert.equal(resultsOf(ended).get('long: it waits')?.fault?.code, 'product/ssh-closed', story(ended))
  assert.deepEqual(cellsOf(ended), { long: 'fail', quick: 'pass' })
  assert.deepEqual(rungsOf(ended), ['probe', 'soft-reboot'])
})

/** The rungs that were tried, in order. */
function rungsOf({ events }: Ended): string[] {
  return of(events, 'recovery')
    .filter(({ state }) => state === 'end')
    .map(({ rung }: RecoveryStep) => rung)
}
