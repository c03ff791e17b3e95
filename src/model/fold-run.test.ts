import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fold } from './fold.ts'
import { SampleLog, sampleFeatures, sampleRun } from './fold-sample.ts'

const FEATURES = sampleFeatures()

/** What a matrix says beside its boards and cells. */
function besides(...events: Parameters<typeof fold>[0][]): object {
  const {
    boards: _,
    cells: __,
    ...rest
  } = fold(
    events.flatMap(list => [...list]),
    FEATURES,
  )
  return rest
}

describe('what a fold says of the run itself', () => {
  it('is nothing of no log', () => {
    assert.deepEqual(fold([], FEATURES), {
      run: '',
      startedAt: '',
      endedAt: null,
      bench: '',
      exitCode: 0,
      boards: [],
      cells: [],
      faults: [],
      notes: [],
      left: [],
    })
  })

  it('is what its beginning and its end say', () => {
    const log = sampleRun()
    const { faults, notes, ...rest } = fold(log, FEATURES)
    assert.partialDeepStrictEqual(rest, {
      run: '20260901-0800-k3f9',
      startedAt: log[0]?.at,
      endedAt: log.at(-1)?.at,
      bench: 'tampere-1',
      command: ['hil', 'run', '--bench', 'tampere-1'],
      exitCode: 1,
      left: [{ what: 'imx8mp-1', why: 'in quarantine since 2026-08-30: infrastructure/tty-gone, twice' }],
    })
    assert.ok(!('diagnoses' in rest))
    assert.deepEqual(
      faults.map(({ board, blame, fault }) => [board, blame, fault.code]),
      [
        ['nuc-2', 'product', 'product/panic'],
        ['x1-1', 'infrastructure', 'infrastructure/tty-gone'],
      ],
    )
    assert.deepEqual(notes, [
      { board: 'nuc-2', text: 'power-off could not be verified: this relay cannot be read back' },
      { board: 'orin-1', text: 'kernel WARNING at drivers/gpu/host1x/dev.c:512, once during boot' },
    ])
  })

  it('is what the log has, where its beginning is missing', () => {
    const { events } = new SampleLog().add(3, { type: 'note', board: null, text: 'odd' })
    assert.deepEqual(besides(events), {
      run: '',
      startedAt: events[0]?.at,
      endedAt: null,
      bench: '',
      exitCode: 0,
      faults: [],
      notes: [{ board: null, text: 'odd' }],
      left: [],
    })
  })

  it('has the diagnoses that were made', () => {
    const { events } = new SampleLog().add(1, {
      type: 'diagnosis',
      board: 'nuc-2',
      is: 'product',
      why: 'the golden image boots',
      wantsQuarantine: false,
    })
    const diagnoses = [{ board: 'nuc-2', is: 'product', why: 'the golden image boots', steps: [] }]
    assert.partialDeepStrictEqual(besides(sampleRun(), events), { diagnoses })
  })
})
