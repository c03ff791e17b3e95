import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { cellsOf, faultsOf, of } from './verdicts.ts'

// A board that does not boot its image is tried with a golden one: what fails while that boots is the image's fault, and
// what fails after it as well, is not.

const GOLDEN = imageOf('tiny-amd64')
/** Its kernel finds no init, and dies of that before anybody could log in. */
const PANICS = imageOf('tiny-amd64', 'rdinit=/none init=/none')

const ROWS = ['--feature', 'image', '--feature', 'quick']

async function setGolden(lab: Lab, bench: string, of = 'nuc'): Promise<void> {
  const set = await lab.start(['golden', 'set', of, '--image', GOLDEN, '--bench', bench]).ended
  assert.equal(set.exitCode, 0, story(set))
}

function steps({ events }: Ended): string[] {
  const ended = of(events, 'diagnosis-step').filter(({ state }) => state === 'end')
  return ended.map(step => `${step.of}: ${step.fault?.code ?? 'boots'}`)
}

function told({ events }: Ended): string[] {
  return of(events, 'diagnosis').map(({ board, is, wantsQuarantine }) => `${board} ${is}${wantsQuarantine ? '!' : ''}`)
}

test('an image whose kernel dies while the golden one boots is the product’s failure, confirmed', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board({ images: { debug: PANICS } }) })
  await setGolden(lab, bench)
  const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
  assert.deepEqual(steps(ended), ['image: product/panic', 'golden: boots', 'image: product/panic'])
  assert.deepEqual(told(ended), ['nuc-1 product'])
  assert.deepEqual(faultsOf(ended), ['product/panic'])
  assert.deepEqual(of(ended.events, 'fault')[0]?.reruns, { ran: 2, agreed: 2 })
  assert.deepEqual(cellsOf(ended), { image: 'fail', quick: 'miss, blocked by image' })
  assert.deepEqual(of(ended.events, 'flashed').length, 2, 'the golden image is not in the log as what was tested')
  const folder = join(lab.reportDir, of(ended.events, 'run-started')[0]!.run)
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /Diagnosis: <b>the image does not boot<\/b>/)

  // The golden image was just seen to boot here: a death needs no second look.
  const again = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
  assert.deepEqual([steps(again), told(again), faultsOf(again)], [[], ['nuc-1 product'], ['product/panic']])
})
