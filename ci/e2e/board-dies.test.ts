import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { cellsOf, faultRecords, faultsOf, resultsOf } from './verdicts.ts'

// Who took the board away decides: a plug pulled from outside is never the image's fault, a guest that stops always is.

test('a plug pulled while it boots', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'quick'])
  await hil.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
  await lab.consoleSpeaks()
  lab.pullPlug()
  const ended = await lab.mustEnd(hil, 3)
  assert.deepEqual(faultsOf(ended), ['infrastructure/board-gone'])
  assert.deepEqual(cellsOf(ended), { image: 'miss', quick: 'miss' })
})

test('a plug pulled during a test', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'long', '--feature', 'quick'])
  await hil.testIsAtWork('it waits')
  lab.pullPlug()
  const ended = await lab.mustEnd(hil, 3)
  const cut = resultsOf(ended).get('long: it waits')
  // The plug may be faster than the first thing the test does.
  assert.ok(cut?.verdict === 'error' || cut?.verdict === 'miss', cut?.verdict)
  assert.equal(cut.fault?.code, 'infrastructure/board-gone')
  // Power comes back with the next test, and what was cut stays cut.
  assert.deepEqual(cellsOf(ended), { image: 'pass', long: cut.verdict, quick: 'pass' })
})

test('a plug pulled between tests', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'quick'])
  await hil.until('test', ({ result }) => result.feature === 'image')
  lab.pullPlug()
  const ended = await hil.ended
  const { quick, image } = cellsOf(ended)
  // The last test may be over before anybody notices: then nobody needs the board any more.
  const wasNoticed = faultRecords(ended).length > 0
  await lab.mustEnd(hil, wasNoticed ? 3 : 0)
  assert.equal(image, 'pass')
  // Where the plug is faster than the test, this begins on a board that was brought back.
  assert.ok(quick === 'pass' || (wasNoticed && quick === 'error'), `quick is ${quick}`)
  assert.ok(faultRecords(ended).every(({ code }) => code === 'infrastructure/board-gone'))
})

test('a kernel that panics during a test', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=panic-on-cue') }
  const ended = await lab.run({ images }, ['long', 'quick'], 1)
  const died = resultsOf(ended).get('long: it waits')
  assert.equal(died?.verdict, 'fail')
  assert.equal(died.fault?.code, 'product/panic')
  assert.match([...died.fault.evidence, ...(died.consoleLines ?? [])].join('\n'), /Kernel panic - not syncing/)
  assert.deepEqual(cellsOf(ended), { long: 'fail', quick: 'pass' })
})

test('an image that switches itself off', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=poweroff-on-cue') }
  const ended = await lab.run({ images }, ['long', 'quick'], 1)
  assert.equal(resultsOf(ended).get('long: it waits')?.fault?.code, 'product/shutdown')
  assert.deepEqual(cellsOf(ended), { long: 'fail', quick: 'pass' })
})
