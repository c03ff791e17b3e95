import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readYaml } from '../../src/base/schema.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { fold } from '../../src/model/fold.ts'
import { AgentProcess } from './agent-process.ts'
import { ROOT, story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { RelayTwin } from './relay-twin.ts'
import { slow } from './slow.ts'
import { cellsOf, faultsOf, of } from './verdicts.ts'

// A board that does not boot its image is tried with a golden one: what fails while that boots is the image's fault, and
// what fails after it as well, is not.

const GOLDEN = imageOf('tiny-amd64')
/** Its kernel finds no init, and dies of that before anybody could log in. */
const PANICS = imageOf('tiny-amd64', 'rdinit=/none init=/none')

const { features } = readYaml(`${ROOT}ci/e2e/suites/features.yaml`, FeatureFile, 'configuration/usage').data
const ROWS = ['--feature', 'image', '--feature', 'quick']

async function setGolden(lab: Lab, bench: string, image = GOLDEN): Promise<void> {
  const set = await lab.start(['golden', 'set', 'nuc', '--image', image, '--bench', bench]).ended
  assert.equal(set.exitCode, 0, story(set))
}

function steps({ events }: Ended): string[] {
  const ended = of(events, 'diagnosis-step').filter(({ state }) => state === 'end')
  return ended.map(step => `${step.of}: ${step.fault?.code ?? 'boots'}`)
}

function told({ events }: Ended): string[] {
  return of(events, 'diagnosis').map(({ board, is, wantsQuarantine }) => `${board} ${is}${wantsQuarantine ? '!' : ''}`)
}

test(
  'an image whose kernel dies while the golden one boots is the product’s failure, confirmed',
  { skip: slow },
  async () => {
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
  },
)

test(
  'an image that changes the board is an error of the board, which is not to be used, and a sibling tells',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    // What the image leaves behind outlives every flash: the board is dead from then on.
    const relay = await RelayTwin.open(lab, 'grep -aq init=/none $disk && touch $lab/dead', {
      limitsMs: { boot: 45_000 },
    })
    const sibling = lab.board({ power: lab.power({ sshPort: lab.port + 1 }), shell: undefined })
    const bench = lab.bench({ 'nuc-1': relay.board, 'nuc-2': sibling })
    await setGolden(lab, bench)
    await lab.mustEnd(lab.startRun(bench, ROWS), 0)
    const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', '--image', PANICS, ...ROWS]), 1, 400_000)
    assert.deepEqual(steps(ended).slice(0, 2), [
      'image: infrastructure/console-silent',
      'golden: infrastructure/console-silent',
    ])
    assert.deepEqual(told(ended), ['nuc-1 board-changed-by-image!', 'nuc-2 product'])
    assert.deepEqual(faultsOf(ended), ['infrastructure/board-changed-by-image', 'product/panic'])
    const { cells } = fold(ended.events, features)
    assert.deepEqual(
      cells.map(({ board, feature, verdict }) => `${board} ${feature}: ${verdict}`),
      ['nuc-1 image: error', 'nuc-1 quick: miss', 'nuc-2 image: fail', 'nuc-2 quick: miss'],
    )
    assert.match(of(ended.events, 'joined')[0]!.why, /nuc-1 cannot tell: the golden image does not boot either/)
  },
)

test(
  'a boot that fails once and then does not is a suspect, never a pass; the rest is tested',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    const once = `[ -e $lab/once ] || { touch $lab/once $lab/dead; (sleep 1; echo "Linux version 6.1" > $console) & }`
    const relay = await RelayTwin.open(lab, `rm -f $lab/dead\n${once}`, { limitsMs: { boot: 45_000 } })
    const bench = lab.bench({ 'nuc-1': relay.board })
    await setGolden(lab, bench)
    const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
    assert.deepEqual([steps(ended), told(ended)], [['image: boots'], ['nuc-1 flaky-boot']])
    assert.deepEqual(faultsOf(ended), ['product/no-login'])
    assert.deepEqual(cellsOf(ended), { image: 'fail', quick: 'pass' })
    const image = fold(ended.events, features).cells.find(({ feature }) => feature === 'image')
    assert.deepEqual(image?.reruns, { ran: 1, agreed: 0 })
  },
)

test('without a golden image it is said that nobody can confirm, and the verdict stays', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board({ images: { debug: PANICS } }) })
  const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
  assert.deepEqual([steps(ended), told(ended), faultsOf(ended)], [[], ['nuc-1 unconfirmed'], ['product/panic']])
  const text = of(ended.events, 'diagnosis')[0]!.why
  assert.match(text, /no golden image/)
  const off = await lab.mustEnd(lab.startRun(bench, ROWS), 1)
  assert.deepEqual(told(off), [], 'a twin is not diagnosed unasked')
})

test(
  'a golden image that nobody ever saw boot clears no image by not booting: the verdict stays, the board too',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    const bench = lab.bench({ 'nuc-1': lab.board({ images: { debug: PANICS } }) })
    await setGolden(lab, bench, imageOf('tiny-amd64', 'rdinit=/none init=/none quiet'))
    const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
    assert.deepEqual(steps(ended), ['image: product/panic', 'golden: product/panic'])
    assert.deepEqual([told(ended), faultsOf(ended)], [['nuc-1 unconfirmed'], ['product/panic']])
    assert.match(of(ended.events, 'diagnosis')[0]!.why, /nobody has ever seen it boot/)
  },
)

test('an agent’s board is diagnosed as one’s own, with the golden images of its bench', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board({ images: { debug: PANICS } }) })
  const agent = await AgentProcess.start(lab, bench)
  await setGolden(lab, bench)
  const ended = await lab.mustEnd(lab.startRun(bench, ['--diagnose', ...ROWS]), 1)
  assert.deepEqual(steps(ended), ['image: product/panic', 'golden: boots', 'image: product/panic'])
  assert.deepEqual([told(ended), faultsOf(ended)], [['nuc-1 product'], ['product/panic']])
  await agent.stop()
})
