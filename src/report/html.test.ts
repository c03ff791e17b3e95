import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import { fold } from '../model/fold.ts'
import { sampleFeatures, SampleLog, sampleRun } from '../model/fold-sample.ts'
import { runPage } from './html.ts'
import { escapeHtml, html, place, visible } from './html-text.ts'
import type { PageData } from './page-data.ts'

const FEATURES = sampleFeatures()
const LINKS = { log: 'run.jsonl', junit: 'junit.xml', consoles: { 'nuc-1': 'boards/nuc-1/console.log' } }
const PAGE = runPage(fold(sampleRun(), FEATURES), FEATURES, LINKS)

/** The tags of a page, without attributes. */
function tags(page: string): string[] {
  return [...page.replace(/<style>[^]*?<\/style>|<script[^]*?<\/script>/g, '').matchAll(/<\/?[a-z][a-z0-9]*/g)].map(
    ([tag]) => tag,
  )
}

describe('runPage', () => {
  it('needs nothing from anywhere else', () => {
    assert.doesNotMatch(PAGE, /https?:|@import|url\(|<link|<img|src=/)
  })

  it('leads every cell of the matrix to its place, and has no place twice', () => {
    const ids = [...PAGE.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
    const matrix = /<table class="matrix">[^]*?<\/table>/.exec(PAGE)?.[0] ?? ''
    const targets = [...matrix.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target)
    assert.equal(targets.filter(target => target?.endsWith('/nuc-1')).length, 6)
    assert.equal(targets.filter(target => target?.startsWith('board%3A')).length, 4)
  })

  it('shows how a board was brought back: on its timeline and in words', () => {
    const step = { type: 'recovery', board: 'nuc-1', rung: 'power-cycle', state: 'end', why: 'a <panic>' } as const
    const log = [...sampleRun(), { at: '2026-09-01T08:01:00.000Z', ...step, durationMs: 31_000 }]
    const page = runPage(fold(log, FEATURES), FEATURES, LINKS)
    assert.match(
      page,
      /<li class="stage recovery" style="left:[\d.]+%;width:[\d.]+%" title="power-cycle, 31 s: a &#60;panic/,
    )
    assert.match(page, /<li>after 29 s: power-cycle took 31 s and brought it back: a &#60;panic/)
    assert.doesNotMatch(PAGE, /stage recovery/)
  })

  it('tells blame, expected, seen, next and the console of a failure', () => {
    const story = /<article class="problem fail">\n<h3>[^\n]*netvm[^]*?<\/article>/.exec(PAGE)?.[0] ?? ''
    for (const text of [
      'The product’s fault',
      'product/no-guest',
      'no route to host, 60 times',
      'ask for its unit',
      '84s ago',
    ])
      assert.ok(story.toLowerCase().includes(text.toLowerCase()), text)
  })

  it('tells what looking again at a failure said', () => {
    const found = fold(sampleRun(), FEATURES)
    const cells = found.cells.map(cell =>
      cell.feature === 'netvm' && cell.verdict === 'fail' ? { ...cell, reruns: { ran: 2, agreed: 0 } } : cell,
    )
    const story = /<article class="problem fail">\n<h3>[^\n]*netvm[^]*?<\/article>/
    assert.match(story.exec(runPage({ ...found, cells }, FEATURES, LINKS))?.[0] ?? '', /<dt>Again<\/dt><dd>flaky: /)
    assert.doesNotMatch(story.exec(PAGE)?.[0] ?? '', /<dt>Again/)
  })

  it('tells one thing that went wrong once, with all that it kept from being tried', () => {
    assert.equal(PAGE.match(/<dd>&#39;Kernel panic&#39; 2\.1 s after/g)?.length, 1)
    assert.match(PAGE, /Blocks [^\n]*root filesystem flashing<\/a>, [^\n]*guivm<\/a>\./)
  })

  it('gives its script every cell and test, with its words as they may be shown', () => {
    const data = dataOf(PAGE)
    assert.equal(data.cells.length, 24)
    assert.equal(data.cells.flatMap(({ tests }) => tests).length, 17)
    assert.deepEqual(
      data.cells[6]?.tests.map(({ title }) => title),
      ['boots the image that was flashed'],
    )
  })

  it('quotes what a board said for people, in no time whatever it is', () => {
    const said = [
      '#'.repeat(4000),
      '$~'.repeat(2000),
      'ghaf@host:~$ ghaf@host:~$',
      '~=6.5.n.1..~=6.5.n.1..~',
      '[FAILED] to start',
    ]
    const quoted = /<pre>([^<]*)<\/pre>/.exec(pageSaying('x', said))?.[1]?.split('\n')
    assert.deepEqual(
      quoted?.map(line => line.slice(0, 17)),
      ['#'.repeat(17), '[FAILED] to start'],
    )
  })

  it('says what was noted and what was left out', () => {
    assert.match(PAGE, /kernel WARNING at/)
    assert.match(PAGE, /left out: in quarantine/)
  })

  it('links only what is there', () => {
    assert.match(PAGE, /href="run\.jsonl"/)
    assert.doesNotMatch(PAGE, /status page/)
  })

  it('renders any beginning of a run', () => {
    const events = sampleRun()
    for (let n = 0; n <= events.length; n++) {
      const page = runPage(fold(events.slice(0, n), FEATURES), FEATURES)
      assert.doesNotMatch(page, /undefined|NaN|\[object/, `after ${n} events`)
      assert.equal(tags(page).filter(tag => tag === '<div').length, tags(page).filter(tag => tag === '</div').length)
    }
  })

  it('has the same tags whatever a board says', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('</pre><script>alert(1)</script>', '"><b>', "' onclick='x", '<!--', '&lt;'),
    )
    const plain = tags(pageSaying('plain'))
    fc.assert(fc.property(hostile, text => assert.deepEqual(tags(pageSaying(`x${text}y`)), plain)))
  })
})

function dataOf(page: string): PageData {
  const json = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(page)?.[1]
  return JSON.parse(json ?? '') as PageData
}

function pageSaying(text: string, consoleLines = [text]): string {
  const boards = [{ board: 'a', type: text, twin: true, image: null, features: ['f'] }]
  const log = new SampleLog()
  log.add(0, {
    type: 'run-started',
    run: text,
    version: '0',
    command: [],
    bench: text,
    boards,
    left: [{ what: text, why: text }],
  })
  const fault = new Fault('product/hang', { expected: text, seen: text, next: text, evidence: consoleLines })
  log.test('a', 'f', text, { verdict: 'fail', blame: 'product', fault: fault.record(), consoleLines })
  log.test('a', 'f', `2${text}`, { verdict: 'skip', reason: text }).add(0, { type: 'note', board: 'a', text })
  log.fault('a', new Fault('infrastructure/power', { expected: text, seen: text, next: text }), 'release')
  return runPage(fold(log.events, []), [], { log: text, consoles: { a: text } })
}

describe('html', () => {
  it('escapes what is put into it, and leaves its own markup alone', () => {
    assert.equal(
      html`<p>${'<b>'}${html`<i>${'&'}</i>`}${[html`<u>`, '"']}${false}${null}${0}</p>`.text,
      '<p>&#60;b&#62;<i>&#38;</i><u>&#34;0</p>',
    )
  })

  it('lets no bracket, quote or control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text =>
        assert.doesNotMatch(escapeHtml(text), /[<>"'\u0000-\u0008\u001b]/),
      ),
    )
  })

  it('makes places of names that no name can leave', () => {
    assert.equal(place('debug ssh', 'nuc-1/a'), 'debug%20ssh/nuc-1%2Fa')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => assert.match(place(text), /^[\w%.!~*'()-]*$/)))
  })

  it('shows what hides in a text', () => {
    assert.equal(
      visible('a\u001b[31mred\u001b[0m\u0007\u0000 \u202eb\u200b\ud800\r\n\t'),
      'ared␇␀ ‹U+202E›b‹U+200B›\ufffd\n\t',
    )
  })
})
