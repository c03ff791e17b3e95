import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from './cell.ts'
import { flakyOf } from './flaky.ts'
import { historiesOf } from './feature-history.ts'

/** `a+ a- b+`: a letter is an image, `+` a pass; one test a minute. */
function told(story: string, more: Partial<Evidence> = {}): Evidence[] {
  return story.split(' ').map((word, minute) => ({
    feature: 'netvm',
    type: 'nuc',
    board: 'nuc-1',
    twin: false,
    verdict: word[1] === '+' ? 'pass' : 'fail',
    at: new Date(Date.UTC(2026, 8, 1, 0, minute)).toISOString(),
    run: `r${minute}`,
    imageSha256: word[0]!.repeat(64),
    commit: `commit-${word[0]}`,
    line: 'main',
    variant: 'debug',
    ...more,
  }))
}

describe('historiesOf', () => {
  const breaks: [string, string | null, string | null, string | null][] = [
    ['a+ b+', 'b', null, null],
    ['a+ b+ c-', 'b', 'c', null],
    ['a+ b- c- d-', 'a', 'b', null],
    ['a+ b- c+ d- e- f+', 'c', 'd', 'f'],
    ['a- b-', null, 'a', null],
    ['a+ b- b+ c-', 'a', 'b', null],
    ['a+ b- a+ b-', 'a', 'b', null],
  ]
  for (const [story, good, bad, fixed] of breaks)
    it(`${story}: last good ${good ?? 'none'}, first bad ${bad ?? 'none'}, fixed by ${fixed ?? 'none'}`, () => {
      const [history] = historiesOf('netvm', told(story))
      assert.equal(history?.lastGood?.commit ?? null, good && `commit-${good}`)
      assert.equal(history?.firstBad?.commit ?? null, bad && `commit-${bad}`)
      assert.equal(history?.fixedBy?.commit ?? null, fixed && `commit-${fixed}`)
    })

  it('keeps board types and twins apart, and other features out', () => {
    const lines = [
      ...told('a+'),
      ...told('a-', { twin: true }),
      ...told('a-', { type: 'imx8mp' }),
      ...told('a-', { feature: 'guivm' }),
    ]
    const found = historiesOf('netvm', lines).map(({ type, twin, passRate }) => [type, twin, passRate.hits])
    assert.deepEqual(found, [
      ['imx8mp', false, 0],
      ['nuc', false, 1],
      ['nuc', true, 0],
    ])
  })

  it('does not depend on the order in which evidence is found', () => {
    const lines = told('a+ b- b+ c- d+')
    assert.deepEqual(historiesOf('netvm', lines.toReversed()), historiesOf('netvm', lines))
  })
})

describe('flakyOf', () => {
  it('finds a board that says both of one image, and counts only such images', () => {
    const [flaky, ...others] = flakyOf(told('a+ b+ b- b+ c-'))
    assert.deepEqual(others, [])
    assert.deepEqual([flaky?.how, flaky?.failRate.hits, flaky?.failRate.of], ['repeat', 1, 3])
    assert.deepEqual(flaky?.images, ['b'.repeat(64)])
    assert.equal(flaky?.lastRun, 'r3')
  })

  it('finds boards that disagree, each standing by its word', () => {
    const [flaky] = flakyOf([...told('a+'), ...told('a-', { board: 'nuc-2' })])
    assert.deepEqual([flaky?.how, flaky?.boards], ['boards', ['nuc-1', 'nuc-2']])
  })

  it('does not call a twin that differs from its board, a regression or another image flaky', () => {
    assert.deepEqual(flakyOf([...told('a+ b-'), ...told('a-', { twin: true })]), [])
  })

  it('puts what is surer to fail first', () => {
    const often = told('a- a- a- a- a- a- a- a+', { feature: 'often' })
    const once = told('a+ a-', { feature: 'once' })
    assert.deepEqual(
      flakyOf([...once, ...often]).map(({ feature }) => feature),
      ['often', 'once'],
    )
  })
})
