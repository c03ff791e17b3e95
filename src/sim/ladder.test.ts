import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnosed, scriptedRun, type BootScript, type Scripted } from './boots-test-kit.ts'

// A board that no power cycle brings back gets its image again, and then its golden image tells whose fault it is.

/** In the middle of the last tests. */
const dies: BootScript = board =>
  void board.after(21_000, () => {
    board.system?.kernelSays('Kernel panic - not syncing: Fatal exception')
    board.system?.die()
  })

interface Told {
  readonly rungs: string[]
  readonly diagnosed: string[]
  readonly faults: string[]
  readonly image: string | undefined
  /** The test that could not begin on the dead board. */
  readonly last: string | undefined
}

async function told(scripted: Scripted): Promise<Told> {
  const { events, matrix } = await scriptedRun({ diagnose: true, ...scripted })
  const ended = events.flatMap(event => (event.type === 'recovery' && event.state === 'end' ? [event] : []))
  const [image, steady] = ['sim-image', 'sim-steady'].map(id => matrix.cells.find(({ feature }) => feature === id))
  assert.equal(steady?.verdict, 'fail', 'the test in which it died')
  return {
    rungs: ended.map(({ rung, fault }) => `${rung}: ${fault?.code ?? 'helps'}`),
    diagnosed: diagnosed(events),
    faults: matrix.faults.map(({ fault }) => fault.code),
    image: image?.verdict,
    last: steady?.tests.find(({ title }) => title === 'and then still runs')?.verdict,
  }
}

const NO_HELP = ['power-cycle: product/no-login', 'reflash: product/no-login']
const NOISE = 'infrastructure/console-silent'

test('an image that no longer boots while the golden one does is the product’s failure', async () => {
  const boots: BootScript[] = [dies, 'no-login', 'no-login', 'noise', 'as flashed', 'no-login']
  assert.deepEqual(await told({ boots }), {
    rungs: [...NO_HELP, 'golden: product/no-boot'],
    diagnosed: [`image: ${NOISE}`, 'golden: boots', 'image: product/no-login', 'product'],
    faults: ['product/no-boot'],
    image: 'fail',
    last: 'miss',
  })
})

test('one that boots after the golden one has the rest of its tests made, and its failure stays', async () => {
  const boots: BootScript[] = [dies, 'no-login', 'no-login', 'no-login']
  const { rungs, ...more } = await told({ boots })
  assert.deepEqual(rungs.slice(0, 3), [...NO_HELP, 'golden: helps'])
  assert.deepEqual(more, {
    diagnosed: ['image: product/no-login', 'golden: boots', 'image: boots', 'flaky-boot'],
    faults: ['product/no-login'],
    image: 'fail',
    last: 'pass',
  })
})

test('a board that its golden image does not boot on any more is an error, and is quarantined', async () => {
  const boots: BootScript[] = [dies, 'no-login', 'no-login', 'noise', 'noise']
  assert.deepEqual(await told({ boots }), {
    rungs: [...NO_HELP, 'golden: infrastructure/board-changed-by-image', 'quarantine: helps'],
    diagnosed: [`image: ${NOISE}`, `golden: ${NOISE}`, 'board-changed-by-image'],
    faults: ['infrastructure/board-changed-by-image'],
    image: 'error',
    last: 'miss',
  })
})

test('a golden image that nobody saw boot proves nothing, and without one nothing more is tried: the rest stays missed', async () => {
  const boots: BootScript[] = [dies, 'no-login', 'no-login', 'noise', 'noise']
  const stays = { faults: [], image: 'pass', last: 'miss' }
  assert.deepEqual(await told({ boots, goldenBooted: false }), {
    rungs: [...NO_HELP, 'golden: product/no-login'],
    diagnosed: [`image: ${NOISE}`, `golden: ${NOISE}`, 'unconfirmed'],
    ...stays,
  })
  assert.deepEqual(await told({ boots, diagnose: false }), { rungs: NO_HELP, diagnosed: [], ...stays })
})

test('a cable that is out is nothing for a golden image', async () => {
  const pulled: BootScript = board => board.cable.unplug('tty-gone')
  const { rungs, diagnosed, faults, image } = await told({ boots: [dies, 'no-login', pulled] })
  assert.deepEqual(rungs, ['power-cycle: product/no-login', 'reflash: infrastructure/tty-gone'])
  assert.deepEqual([diagnosed, faults, image], [[], ['infrastructure/tty-gone'], 'pass'])
})
