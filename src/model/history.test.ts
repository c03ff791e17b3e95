import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { historyOf } from './history.ts'
import { CONFIRMED, fail, pass, suspect } from './status-test-kit.ts'

describe('historyOf', () => {
  it('hopes only while a fail stands', () => {
    const [failed, hope, lifted] = [fail(5), pass(4), pass(3, CONFIRMED)]
    const { standing, hopeful } = historyOf([failed, hope], true)
    assert.deepEqual([standing, hopeful], [failed, hope])
    const after = historyOf([failed, hope, lifted], true)
    assert.deepEqual([after.standing, after.hopeful, after.passedBefore], [lifted, undefined, undefined])
  })

  it('knows what passed before a fail, as long as that stands', () => {
    const [first, failed, lifted] = [pass(5), fail(4), pass(3, CONFIRMED)]
    assert.equal(historyOf([first, failed], false).passedBefore, first)
    assert.equal(historyOf([first, failed, lifted], false).passedBefore, undefined)
  })

  it('calls the last of several suspects by its name', () => {
    const suspects = [suspect(4), suspect(3), suspect(2)]
    const { flaky } = historyOf([...suspects, pass(1)], false)
    assert.deepEqual(flaky, { fails: 3, runs: 4, last: suspects[2] })
  })

  it('is nothing of nothing', () => {
    assert.deepEqual(historyOf([], true), {
      standing: undefined,
      passedBefore: undefined,
      hopeful: undefined,
      suspect: undefined,
      flaky: undefined,
      disagree: undefined,
      lastPass: undefined,
    })
  })
})
