import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnosed, scriptedRun, type BootScript } from './boots-test-kit.ts'
import type { Findings } from './oracles/findings.ts'

function told({ events, matrix }: Findings): unknown {
  const image = matrix.cells.find(({ feature }) => feature === 'sim-image')
  return {
    diagnosed: diagnosed(events),
    faults: matrix.faults.map(({ fault }) => fault.code),
    image: image?.verdict,
    reruns: image?.reruns,
    exitCode: matrix.exitCode,
  }
}

const MIXED: [what: string, boots: BootScript[], steps: string[], fault: string][] = [
  [
    'no login, then only noise, then a boot',
    ['no-login', 'noise'],
    ['image: infrastructure/console-silent', 'golden: boots', 'image: boots', 'flaky-boot'],
    'product/no-login',
  ],
  [
    'noise, then a panic, then a boot',
    ['noise', 'panics-at-boot'],
    ['image: product/panic', 'golden: boots', 'image: boots', 'flaky-boot'],
    'product/panic',
  ],
]

for (const [what, boots, steps, fault] of MIXED)
  test(`${what}: what the image did by itself is a failure that stays, with its rate`, async () => {
    assert.deepEqual(told(await scriptedRun({ boots, diagnose: true })), {
      diagnosed: steps,
      faults: [fault],
      image: 'fail',
      reruns: { ran: 2, agreed: 1 },
      exitCode: 1,
    })
  })

test('what only the bench may have done is nobody’s failure once the image boots', async () => {
  assert.deepEqual(told(await scriptedRun({ boots: ['noise'], diagnose: true })), {
    diagnosed: ['image: boots', 'flaky-boot'],
    faults: [],
    image: 'pass',
    reruns: undefined,
    exitCode: 0,
  })
})

const pulled: BootScript = board => board.cable.unplug('tty-gone')

/** What keeps anybody from finding out more, after noise and a panic. */
const CUT_SHORT: [what: string, other: BootScript, goldenBooted: boolean, golden: string][] = [
  ['a cable that is pulled', pulled, true, 'infrastructure/tty-gone'],
  ['a golden image that nobody saw boot', 'noise', false, 'infrastructure/console-silent'],
]

for (const [what, other, goldenBooted, golden] of CUT_SHORT)
  test(`${what} hides no kernel that died before`, async () => {
    const boots: BootScript[] = ['noise', 'panics-at-boot', other]
    assert.deepEqual(told(await scriptedRun({ boots, diagnose: true, goldenBooted })), {
      diagnosed: ['image: product/panic', `golden: ${golden}`, 'unconfirmed'],
      faults: ['product/panic'],
      image: 'fail',
      reruns: undefined,
      exitCode: 1,
    })
  })
