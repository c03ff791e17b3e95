import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lab } from './lab.ts'
import { eventually, kill } from './processes.ts'
import { cellsOf, faultsOf, of, resultsOf } from './verdicts.ts'

// What goes wrong in a suite or its process stays there: the next test runs on the same boot of the same board.

test('an exception in a suite is an error of the suite, and the next tests run', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['throws', 'quick'], 5)
  const results = resultsOf(ended)
  const thrown = results.get('throws: it has a mistake')
  assert.equal(thrown?.verdict, 'error')
  assert.equal(thrown.fault?.code, 'test/exception')
  assert.match(thrown.fault.seen, /Cannot read properties of null/)
  assert.equal(results.get('throws: it goes on')?.verdict, 'pass')
  assert.deepEqual(cellsOf(ended), { quick: 'pass', throws: 'error' })
  assert.equal(of(ended.events, 'booted').length, 1, 'boots')
})

test('a suite that cannot be loaded is an error of the suite', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['unloadable'], 5)
  assert.deepEqual(faultsOf(ended), ['test/exception'])
  assert.notEqual(cellsOf(ended).unloadable, 'fail')
})

for (const [how, title, next] of [
  ['over SSH', 'long: it waits', 'long: it goes on'],
  ['on the console', 'long-serial: it waits on the console', 'long-serial: the console goes on'],
] as const)
  test(`a test process killed while it runs a command ${how}`, async () => {
    await using lab = await Lab.open()
    const [feature, name] = title.split(': ') as [string, string]
    const bench = lab.bench({ 'nuc-1': lab.board() })
    const hil = lab.startRun(bench, ['--feature', feature, '--feature', 'quick'])
    await hil.testBegins(name)
    const worker = await eventually('a command runs', () => lab.workers().at(-1))
    kill(worker.pid)
    const ended = await lab.mustEnd(hil, 3)
    const results = resultsOf(ended)
    assert.equal(results.get(title)?.verdict, 'error')
    assert.equal(results.get(title)?.fault?.code, 'infrastructure/worker-lost')
    assert.equal(results.get(next)?.verdict, 'pass', 'the next test, on the same boot')
    assert.deepEqual(cellsOf(ended), { [feature]: 'error', quick: 'pass' })
    assert.equal(of(ended.events, 'booted').length, 1, 'boots')
  })
