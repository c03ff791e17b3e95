import type { Cell } from '../../model/cell.ts'
import { SIM_SUITES } from '../suite/tests.ts'
import type { Findings } from './findings.ts'

/** (f) Every cell that is no pass says why, and every pass was earned by each test of its row. */
export function evidence({ run, matrix }: Findings): string[] {
  return matrix.cells.flatMap(cell => {
    const why = cell.verdict === 'pass' ? unearned(cell, run.told) : unproven(cell)
    return why === undefined ? [] : [`${run.planned.name} ${cell.board} ${cell.feature}, ${cell.verdict}: ${why}`]
  })
}

function unproven({ verdict, fault, reason, blockedBy, blame, imageSha256, tests }: Cell): string | undefined {
  if (fault === undefined && reason === undefined && blockedBy === undefined) return 'it does not say why'
  if (verdict === 'skip') return 'no test of the simulation skips'
  if ((verdict === 'fail' || verdict === 'error') && blame === undefined) return 'it does not say whose fault it is'
  if (verdict !== 'fail') return undefined
  if (imageSha256 === null) return 'it names no image'
  const shown = (fault?.evidence.length ?? 0) > 0 || tests.some(test => test.verdict === 'fail' && test.slice)
  return shown ? undefined : 'it shows nothing: neither console lines nor a slice of the recording'
}

function unearned(cell: Cell, told: readonly { board: string; title: string; status: string }[]): string | undefined {
  for (const { title } of SIM_SUITES[`${cell.feature}.spec.ts`] ?? []) {
    const results = told.filter(result => result.board === cell.board && result.title === title)
    if (!results.some(({ status }) => status === 'passed')) return `'${title}' never passed`
    // One that could not begin was made after the board was flashed again.
    const first = results.find(({ status }) => status !== 'skipped')
    if (first?.status !== 'passed') return `'${title}' was ${first?.status} first`
  }
  return undefined
}
