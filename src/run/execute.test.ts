import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FeatureFile } from '../model/feature.ts'
import type { NewEvent } from '../model/event.ts'
import type { FinishedTest, RunnerMessage } from '../model/runner-message.ts'
import { Execution, type ExecuteOptions } from './execute.ts'

const row = (id: string) => ({
  ...{ id, title: id, section: 'Development', devices: ['x86'], maturity: 'integrated', suite: `${id}.spec.ts` },
})
const { features } = FeatureFile.parse({ features: [row('one'), row('two')] })

const named = (suite: string, title: string) => ({ suite: `${suite}.spec.ts`, title })
const begins = (suite: string, title: string): RunnerMessage => ({ type: 'started', ...named(suite, title) })
const passes = (suite: string, title: string): FinishedTest => ({
  ...{ type: 'test', ...named(suite, title), status: 'passed', durationMs: 1, attempt: 0, errors: [] },
  ...{ startedAtMs: 0, steps: [], files: [] },
})
const TESTS = [named('one', 'a'), named('one', 'b'), named('two', 'c')]

function options(folder: string, emitted: NewEvent[]): ExecuteOptions {
  return {
    ...{ board: 'nuc-1', epoch: 1, variant: 'debug', features, socketPath: '', folder },
    knownIssue: () => undefined,
    emit: event => void emitted.push(event),
  }
}

/** What a run makes of what its runner says, and whether it believes that all was said. */
async function hears(
  ...messages: RunnerMessage[]
): Promise<{ results: string[]; left: (number | undefined)[]; thrown: string | undefined }> {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'hil-test-'))
  const emitted: NewEvent[] = []
  await using execution = new Execution({
    ...options(dir.path, emitted),
    startTests: ({ onMessage }) => ({
      ended: Promise.resolve().then(() => {
        for (const message of messages) onMessage(message)
        return { exitCode: 0, signal: null }
      }),
      kill: () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  })
  const thrown = await execution.finish(new AbortController().signal).then(
    () => undefined,
    (error: { code: string }) => error.code,
  )
  const results = emitted.flatMap(event => (event.type === 'test' ? event.result : []))
  const told = results.map(({ title, verdict }) => `${title} ${verdict}`)
  return { results: told, left: results.map(({ left }) => left), thrown }
}

test('a result that is told twice counts once, and does not stand in for one that was lost', async () => {
  const told = [passes('one', 'a'), passes('one', 'a'), begins('one', 'b'), passes('two', 'c')]
  const { results, thrown } = await hears({ type: 'begin', tests: TESTS }, ...told)
  assert.deepEqual(results, ['a pass', 'c pass', 'b error'])
  assert.equal(thrown, 'infrastructure/runner')
})

test('a test is missing that others came behind, although not even its beginning was told', async () => {
  const { results } = await hears({ type: 'begin', tests: TESTS }, passes('one', 'a'), passes('two', 'c'))
  assert.deepEqual(results, ['a pass', 'c pass', 'b error'])
})

test('a test that never began is none of its own: the fault of the runner says why', async () => {
  const { results, thrown } = await hears({ type: 'begin', tests: TESTS }, passes('one', 'a'))
  assert.deepEqual(results, ['a pass'])
  assert.equal(thrown, 'infrastructure/runner')
})

test('with each result goes how many tests of its suite are still to come, where that is known', async () => {
  const told = [passes('one', 'a'), passes('one', 'b'), passes('two', 'c')]
  assert.deepEqual((await hears({ type: 'begin', tests: TESTS }, ...told)).left, [1, 0, 0])
  assert.deepEqual((await hears(...told)).left, [undefined, undefined, undefined])
})

test('tests that never had their board are killed, and heard no more', () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'hil-test-'))
  const emitted: NewEvent[] = []
  let hear: (message: RunnerMessage) => void = () => undefined
  let kills = 0
  const execution = new Execution({
    ...options(dir.path, emitted),
    startTests: ({ onMessage }) => {
      hear = onMessage
      return {
        ended: new Promise(() => undefined),
        kill: () => void kills++,
        [Symbol.asyncDispose]: async () => undefined,
      }
    },
  })
  execution.abandon()
  hear(passes('one', 'a'))
  assert.deepEqual([kills, emitted], [1, []])
})
