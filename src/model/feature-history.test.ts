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

  /** `b3-`: image b, whose commit is the third of the line. */
  const late: [string, string, string | null, string | null, string | null][] = [
    ['c3- a1+ b2+', 'a b c', 'b', 'c', null],
    ['c3- a1+ b2-', 'a b c', 'a', 'b', null],
    ['d4+ b2- c3- a1+', 'a b c d', 'a', 'b', 'd'],
    ['a1+ c3- a1+ b2+ c3-', 'a b c', 'b', 'c', null],
    ['b2- c3- a1-', 'a b c', null, 'a', null],
    ['c10+ b9- a8+', 'a b c', 'a', 'b', 'c'],
    // Nobody says where b stands: where it was when it was first tested.
    ['c3+ b- a1-', 'a c b', 'c', 'b', null],
    ['a1+ b- c3+', 'a b c', 'a', 'b', 'c'],
    // Of one build, as the debug and the release image are: as they were tested.
    ['b2+ a2-', 'b a', 'b', 'a', null],
  ]
  for (const [story, order, good, bad, fixed] of late)
    it(`${story}: in the order of builds ${order}; last good ${good ?? 'none'}, first bad ${bad ?? 'none'}`, () => {
      const lines = told(story.replaceAll(/\d/g, '')).map((line, index) => {
        const place = /\d+/.exec(story.split(' ')[index]!)?.[0]
        return place === undefined ? line : { ...line, position: Number(place) }
      })
      for (const found of [lines, lines.toReversed()]) {
        const [history, ...others] = historiesOf('netvm', found)
        assert.deepEqual(others, [])
        const letter = (image: { imageSha256: string } | null | undefined): string | null =>
          image?.imageSha256[0] ?? null
        assert.equal(history?.images.map(letter).join(' '), order)
        assert.deepEqual([history?.lastGood, history?.firstBad, history?.fixedBy].map(letter), [good, bad, fixed])
      }
    })

  it('keeps lines apart: a broken pull request breaks no main', () => {
    const lines = [
      ...told('a+ b+'),
      ...told('c-', { line: 'pr-7', at: '2026-09-01T00:00:30.000Z' }),
      ...told('d-', { line: null }),
    ]
    const stories = historiesOf('netvm', lines)
    assert.deepEqual(
      stories.map(({ line, images, firstBad }) => [line, images.length, firstBad?.commit ?? null]),
      [
        ['main', 2, null],
        ['pr-7', 1, 'commit-c'],
        [null, 1, 'commit-d'],
      ],
    )
  })

  it('takes an image as what is known best of it: proven once, it is proven', () => {
    const early = told('a- a-', { line: null, commit: null })
    const lines = [
      ...early,
      ...told('b+', { position: 1 }),
      ...told('a+', { position: 2, at: '2026-09-02T00:00:00.000Z' }),
    ]
    const [history, ...others] = historiesOf('netvm', lines)
    assert.deepEqual(others, [])
    assert.deepEqual(
      history?.images.map(({ commit, line, verdict }) => [commit, line, verdict]),
      [
        ['commit-b', 'main', 'pass'],
        ['commit-a', 'main', 'mixed'],
      ],
    )
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
