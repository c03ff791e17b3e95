import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/replace-file.ts'
import { stateDirOf } from '../bench/load.ts'
import { STAGES, type PlannedBoard, type RunEvent, type Stage } from '../model/event.ts'

const KEPT = 5

type Times = Partial<Record<Stage, number[]>>

/** How long each stage usually takes on each board: the median of its last five runs on this host. */
export function usualMs(bench: string, boards: readonly PlannedBoard[]): Map<string, Map<Stage, number>> {
  return new Map(
    boards.flatMap(({ board }) => {
      const times = read(bench, board)
      const stages = STAGES.flatMap(stage => {
        const sorted = [...(times[stage] ?? [])].sort((a, b) => a - b)
        return sorted.length > 0 ? [[stage, sorted[sorted.length >> 1]!] as const] : []
      })
      return stages.length > 0 ? [[board, new Map(stages)] as const] : []
    }),
  )
}

/** Remembers the stages that ended in a run. */
export function rememberStages(bench: string, events: readonly RunEvent[]): void {
  const begun = new Map<string, number>()
  const ended = new Map<string, Times>()
  for (const event of events) {
    if (event.type !== 'stage') continue
    const key = `${event.board} ${event.stage}`
    if (event.state === 'begin') begun.set(key, Date.parse(event.at))
    else if (begun.has(key)) {
      const times = ended.get(event.board) ?? read(bench, event.board)
      times[event.stage] = [...(times[event.stage] ?? []), Date.parse(event.at) - begun.get(key)!].slice(-KEPT)
      ended.set(event.board, times)
    }
  }
  for (const [board, times] of ended) replaceFile(pathOf(bench, board), JSON.stringify(times))
}

function read(bench: string, board: string): Times {
  try {
    return JSON.parse(readFileSync(pathOf(bench, board), 'utf8')) as Times
  } catch {
    return {}
  }
}

function pathOf(bench: string, board: string): string {
  return join(stateDirOf(bench, board), 'stage-times.json')
}
