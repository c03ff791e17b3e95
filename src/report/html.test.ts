import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import { fold } from '../model/fold.ts'
import { sampleFeatures, SampleLog, sampleRun } from '../model/fold-sample.ts'
import { runPage } from './html.ts'
import { anchor, escapeHtml, html } from './html-text.ts'

const FEATURES = sampleFeatures()
const LINKS = { log: 'run.jsonl', junit: 'junit.xml', consoles: { 'nuc-1': 'boards/nuc-1/console.log' } }
const PAGE = runPage(fold(sampleRun(), FEATURES), FEATURES, LINKS)

/** The tags of a page, without attributes. */
function tags(page: string): string[] {
  return [...page.replace(/<style>[^]*?<\/style>|<script>[^]*?<\/script>/g, '').matchAll(/<\/?[a-z][a-z0-9]*/g)].map(
    ([tag]) => tag,
  )
}

describe('runPage', () => {
  it('needs nothing from anywhere else', () => {
    assert.doesNotMatch(PAGE, /https?:|@import|url\(|<link|<img|src=/)
  })

  it('leads every cell of the matrix, and every other anchor, to a place on the page', () => {
    const ids = [...PAGE.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const targets = [...PAGE.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(targets.filter(target => target?.endsWith('--nuc-1') && !target.startsWith('board--')).length, 6)
    for (const target of targets) assert.ok(ids.includes(target), target)
  })

  it('tells blame, expected, seen, next and the console of a failure, and opens it', () => {
    const story = /<details id="netvm--nuc-1"[^]*?<\/details>/.exec(PAGE)?.[0] ?? ''
    assert.match(story, /^<details [^>]* open>/)
    for (const text of [
      'product/no-guest',
      'no route to host, 60 times',
      'see its unit on the host',
      'D3cold',
      'bytes 60120–71900',
    ])
      assert.ok(story.includes(text), text)
    assert.match(story, /href="boards\/nuc-1\/console\.log"/)
    assert.match(PAGE, /<details id="netvm--orin-1" class="pass">/)
  })

  it('says who blocks whom, what was noted and what was left out', () => {
    assert.match(PAGE, /<a href="#x86-image--nuc-2">x86-image<\/a> failed on this board/)
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
    fc.assert(fc.property(hostile, text => assert.deepEqual(tags(pageSaying(`x${text}`)), plain)))
  })
})

function pageSaying(text: string): string {
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
  const fault = new Fault('product/hang', { expected: text, seen: text, next: text, evidence: [text] })
  log.test('a', 'f', text, { verdict: 'fail', blame: 'product', fault: fault.record(), consoleLines: [text] })
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

  it('makes anchors of names', () => assert.equal(anchor('debug ssh', 'nuc-1/a'), 'debug-ssh--nuc-1-a'))
})
