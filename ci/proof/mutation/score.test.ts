import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scores } from './score.ts'

const file = (...statuses: string[]) => ({ mutants: statuses.map(status => ({ status })) })

test('files are told by group, of a folder of leases and of names that begin alike', () => {
  const report = {
    files: {
      'src/model/lease/book.ts': file('Killed', 'Killed'),
      'src/model/lease/queue.ts': file('Killed', 'Survived'),
      'src/model/fold.ts': file('Killed'),
      'src/model/fold-cells.ts': file('NoCoverage', 'Killed'),
      'src/model/folder.ts': file('Killed'),
      'src/model/budget.ts': file('Survived'),
    },
  }
  assert.deepEqual(scores(report, ['fold', 'lease']), {
    lease: { noticed: 3, tried: 4, percent: 75 },
    fold: { noticed: 2, tried: 3, percent: 66.6 },
    other: { noticed: 1, tried: 2, percent: 50 },
  })
})

test('tests that never end have noticed a change, and what does not compile was never tried', () => {
  const report = { files: { 'src/model/judge.ts': file('Timeout', 'CompileError', 'Ignored', 'Survived') } }
  assert.deepEqual(scores(report, ['judge']), { judge: { noticed: 1, tried: 2, percent: 50 } })
})

test('rules of which nothing was tried are not proven', () => {
  assert.equal(scores({ files: { 'src/model/status.ts': file() } }, ['status'])['status']!.percent, 0)
})
