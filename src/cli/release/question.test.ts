import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Fault } from '../../base/fault.ts'
import type { Evidence } from '../../model/cell.ts'
import type { RunEvent } from '../../model/event.ts'
import { formatEvidence } from '../../model/evidence.ts'
import { SAMPLE_IMAGE, sampleFeatures, sampleRun } from '../../model/fold-sample.ts'
import { QUESTION, sampleSources } from '../../report/release/test-kit.ts'
import { readLogs } from './logs.ts'
import { askedReport } from './question.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'hil-release-'))
after(() => rmSync(FOLDER, { recursive: true }))
const EVIDENCE = join(FOLDER, 'evidence.jsonl')
writeFileSync(EVIDENCE, formatEvidence(sampleSources().evidence))
// No run in it.
mkdirSync(join(FOLDER, 'none'))
const COMMON = { to: 'v26.08', evidence: EVIDENCE, runs: join(FOLDER, 'none'), asOf: QUESTION.asOf }

function faultOf(work: () => unknown): Fault {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was wrong')
}

function waivers(text: string): Fault {
  const path = join(FOLDER, 'waivers.yaml')
  writeFileSync(path, text)
  return faultOf(() => askedReport({ ...COMMON, waivers: path }, 0))
}

describe('a question about a release', () => {
  it('is answered from the evidence alone', () => {
    const report = askedReport({ ...COMMON, from: 'v26.07' }, 0)
    assert.equal(report.evidenceCount, 68)
    assert.equal(report.trends.length, 0)
    assert.match(report.missing.join('\n'), /No log is at hand of any of the 15 runs of v26\.08/)
  })

  it('is about now, unless somebody names a time', () => {
    const { asOf, ...rest } = COMMON
    assert.equal(askedReport(rest, Date.parse(asOf)).asOf, '2026-09-02T12:00:00.000Z')
    assert.equal(faultOf(() => askedReport({ ...COMMON, asOf: 'soon' }, 0)).code, 'configuration/usage')
  })

  it('is refused where a release has no evidence, and the others are named', () => {
    const mistyped = faultOf(() => askedReport({ ...COMMON, to: 'v26.8' }, 0))
    assert.equal(mistyped.code, 'configuration/no-evidence')
    assert.equal(mistyped.seen, 'only of v26.07, v26.08')
    assert.equal(faultOf(() => askedReport({ ...COMMON, from: 'v1' }, 0)).code, 'configuration/no-evidence')
    assert.equal(faultOf(() => askedReport({ ...COMMON, from: 'v26.08' }, 0)).code, 'configuration/usage')
    const nowhere = join(FOLDER, 'nowhere')
    assert.match(faultOf(() => askedReport({ ...COMMON, runs: nowhere }, 0)).seen, /ENOENT.*nowhere/)
    assert.match(faultOf(() => askedReport({ ...COMMON, evidence: nowhere }, 0)).seen, /ENOENT.*nowhere/)
    const early = { ...COMMON, asOf: '2026-08-01T00:00:00Z' }
    assert.equal(faultOf(() => askedReport(early, 0)).seen, 'only of v26.07')
  })

  it('names every mistake in a form of a waiver with its line', () => {
    const fault = waivers(`waivers:
  - feature: debug-ssh
    scope: []
    approver: ' '
    reason: known
    expires: 31.12.2026
    aprover: Ada
`)
    assert.equal(fault.code, 'configuration/waivers')
    assert.deepEqual(fault.evidence.map(line => line.replace(/^.*waivers\.yaml:(\d+: [^:]+).*$/, '$1')).sort(), [
      '3: waivers.0.scope',
      '4: waivers.0.approver',
      '6: waivers.0.expires',
      '7: waivers.0',
    ])
  })

  it('names every row and device that does not exist, and what is waived twice', () => {
    const words = 'approver: Ada Example\n    reason: known\n    expires: 2026-12-31'
    const fault = waivers(`waivers:
  - feature: debug-shh
    scope: [x1]
    ${words}
  - feature: debug-ssh
    scope: [x1, X2, Lenovo X1]
    ${words}
  - feature: debug-ssh
    scope:
      - nuc
      - x1
    ${words}
`)
    assert.deepEqual(
      fault.evidence.map(line => line.slice(join(FOLDER, 'waivers.yaml:').length)),
      [
        "2: 'debug-shh' is no row of suites/features.yaml",
        "8: 'X2' is no board type, no device word of devices/labels.yaml, and not 'all'",
        `15: debug-ssh on x1 is waived already in ${join(FOLDER, 'waivers.yaml')}:7`,
      ],
    )
  })
})

describe('the logs of runs', () => {
  const runs = join(FOLDER, 'runs')
  const image = { ...SAMPLE_IMAGE, origin: { signature: 'good' as const, line: 'v26.08', why: 'signed' } }
  const events = sampleRun().map(event => ('image' in event ? { ...event, image } : event)) as RunEvent[]
  const text = events.map(event => `${JSON.stringify(event)}\n`).join('')
  for (const [name, log] of [
    ['a', text],
    ['b', text.replaceAll('"line":"v26.08"', '"line":"main"')],
    ['no-log', undefined],
  ] as const) {
    mkdirSync(join(runs, name), { recursive: true })
    if (log !== undefined) writeFileSync(join(runs, name, 'run.jsonl'), log)
  }
  const read = (evidence: readonly Evidence[]) => readLogs(runs, ['v26.08'], evidence, sampleFeatures())

  it('are read as far as they are about a line', () => {
    const { runs } = read([])
    assert.deepEqual(
      runs.map(run => [run.run, run.flashes.length]),
      [['20260901-0800-k3f9', 4]],
    )
    assert.deepEqual(readLogs(join(FOLDER, 'none'), ['v26.08'], [], []), { runs: [], untold: [] })
  })

  it('are compared with the evidence: what it does not have and would keep is untold', () => {
    const { untold } = read([])
    assert.ok(untold.length > 5)
    assert.ok(untold.every(({ line }) => line === 'v26.08'))
    assert.deepEqual(read(untold).untold, [])
    const since = untold.flatMap(e => [
      { ...e, run: 'first', at: '2026-08-01T00:00:00Z' },
      { ...e, run: 'newer', at: '2026-08-20T00:00:00Z', commit: 'f'.repeat(40) },
    ])
    assert.deepEqual(read(since).untold, [], 'an old image tested again')
  })
})
