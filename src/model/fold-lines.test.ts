import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Fault } from '../base/fault.ts'
import type { EventType } from './event.ts'
import { fold } from './fold.ts'
import { parseEvents } from './fold-lines.ts'
import { sampleFeatures, sampleRun } from './fold-sample.ts'

const FEATURES = sampleFeatures()

/** What each event must say, in the order in which it is missed. */
const TOLD: Record<EventType, Record<string, unknown>> = {
  'run-started': { run: 'r', bench: 'b', boards: [], left: [] },
  stage: { board: 'b', stage: 'boot', state: 'begin' },
  progress: { board: 'b' },
  flashed: { board: 'b', proof: {}, image: {} },
  source: { board: 'b', image: {} },
  booted: { board: 'b' },
  recording: { board: 'b', from: 7 },
  trusted: { board: 'b', trust: {} },
  test: { board: 'b', result: {} },
  fault: { board: null, fault: {}, blame: 'product' },
  joined: { board: 'b', planned: {}, insteadOf: 'a', why: 'w' },
  'diagnosis-step': { board: 'b', of: 'image', state: 'end' },
  compared: { board: 'b', result: {} },
  attributed: { board: 'b', feature: 'f', is: 'test', why: 'w' },
  diagnosis: { board: 'b', is: 'bench', why: 'w' },
  recovery: { board: 'b', rung: 'asked', state: 'end', why: 'w' },
  rebooted: { board: 'b', how: 'soft', bootId: 'i', durationMs: 1 },
  note: { board: null, text: 't' },
  'run-ended': { exitCode: 0, durationMs: 1 },
}

/** A log of one event, and what is wrong with it. */
function complaintsOf(event: object): readonly string[] {
  try {
    parseEvents(`${JSON.stringify({ at: '2026-09-01T08:00:00Z', ...event })}\n`, 'log')
    return []
  } catch (error) {
    return (error as Fault).evidence
  }
}

function kind(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value
}

describe('a line of a log', () => {
  for (const [type, told] of Object.entries(TOLD))
    it(`of type ${type} is taken with what it must say, and with nothing less`, () => {
      assert.deepEqual(complaintsOf({ type, ...told }), [])
      for (const [name, value] of Object.entries(told)) {
        const wanted = value === null ? 'string or null' : kind(value)
        const wrong = (is: string): string[] => [`log:1: ${type}: '${name}' is ${is}, not ${wanted}`]
        assert.deepEqual(complaintsOf({ type, ...told, [name]: undefined }), wrong('undefined'))
        assert.deepEqual(complaintsOf({ type, ...told, [name]: true }), wrong('boolean'))
        if (value !== null) assert.deepEqual(complaintsOf({ type, ...told, [name]: null }), wrong('null'))
      }
    })

  it('must be an event', () => {
    const no = ["log:1: not an event: 'at' and 'type' are missing"]
    assert.deepEqual(complaintsOf({ type: 7 }), no)
    assert.deepEqual(complaintsOf({ at: null, type: 'progress', board: 'b' }), no)
    for (const value of ['[]', 'null', '7'])
      assert.throws(
        () => parseEvents(`${value}\n`, 'log'),
        ({ evidence }: Fault) => evidence[0] === no[0],
      )
  })

  it('may be empty, and is told of by its number', () => {
    const line = JSON.stringify({ at: '2026-09-01T08:00:00Z', type: 'progress', board: 'b' })
    assert.equal(parseEvents(['', ' ', line, ' ']).length, 1)
    assert.throws(
      () => parseEvents(`\n${line}\n \n{\n`),
      ({ evidence }: Fault) => evidence.length === 1 && evidence[0]!.startsWith('run.jsonl:4: '),
    )
  })
})

describe('parseEvents', () => {
  const events = sampleRun()
  const text = events.map(event => `${JSON.stringify(event)}\n`).join('')

  it('gives back what was written', () => assert.deepEqual(parseEvents(text), events))

  it('loses at most the torn line of a log cut anywhere', () => {
    fc.assert(
      fc.property(fc.nat(text.length), at => {
        const lines = text.slice(0, at).split('\n').length - 1
        const found = parseEvents(text.slice(0, at))
        assert.ok(found.length === lines || found.length === lines + 1)
        fold(found, FEATURES)
      }),
    )
  })

  it('names every broken line', () => {
    const lines = text.split('\n')
    lines[1] = lines[1]?.slice(0, 20) ?? ''
    lines[3] = '{"at":"2026-09-01T08:00:00Z","type":"note","board":7,"text":"x"}'
    assert.throws(
      () => parseEvents(lines.join('\n'), 'a/run.jsonl'),
      (error: Fault) => {
        assert.equal(error.code, 'configuration/run-log')
        assert.match(error.evidence[0] ?? '', /^a\/run\.jsonl:2: /)
        assert.equal(error.evidence[1], "a/run.jsonl:4: note: 'board' is number, not string or null")
        return true
      },
    )
  })

  it('passes over events of a later version', () => {
    assert.deepEqual(parseEvents(`${text}{"at":"2026-09-01T08:00:00Z","type":"weather"}\n`), events)
  })
})
