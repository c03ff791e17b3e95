import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { systemClock, type Clock } from '../base/time.ts'
import type { Shell } from '../controls/shell.ts'
import { whyLost, whySilent } from './why-lost.ts'

const LOST = new Fault('infrastructure/ssh-lost', { expected: 'a connection', seen: 'none' })
const SILENT = new Fault('infrastructure/console-silent', { expected: 'an answer', seen: 'none' })

/** Limits are over at once, each by itself. */
const hasty: Clock = { ...systemClock, timeout: () => AbortSignal.timeout(5) }

const board = {
  clock: hasty,
  signal: new AbortController().signal,
  heardBytes: () => 0,
  lastLines: () => ['the last line'],
  powerState: async (signal: AbortSignal) => {
    signal.throwIfAborted()
    return 'on' as const
  },
  isLineAway: () => false,
}

/** A console that takes all the time it is given. */
const nobody = (signal: AbortSignal): Promise<Shell> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

test('the power is still asked when the console took all of its time: a board with power that says nothing hangs', async () => {
  const fault = await whyLost(LOST, { ...board, serial: nobody })
  assert.equal(fault.code, 'product/hang')
  assert.deepEqual(fault.evidence, ['the last line'])
})

test('a board that is heard and does not answer may have a bad line: nobody says that it hangs', async () => {
  let bytes = 0
  const heardBytes = (): number => bytes++
  assert.equal(await whyLost(LOST, { ...board, heardBytes, serial: nobody }), LOST)
  assert.equal(await whySilent(SILENT, { ...board, heardBytes, answersSsh: async () => false }), SILENT)
})

test('a silent console of a board that SSH reaches is a bad cable; of one that SSH does not reach, with power, a hang', async () => {
  assert.equal(await whySilent(SILENT, { ...board, answersSsh: async () => true }), SILENT)
  assert.equal((await whySilent(SILENT, { ...board, answersSsh: async () => false })).code, 'product/hang')
  assert.equal(await whySilent(SILENT, { ...board, answersSsh: undefined }), SILENT)
  const off = { ...board, powerState: async () => 'off' as const }
  assert.equal(await whySilent(SILENT, { ...off, answersSsh: async () => false }), SILENT)
})
