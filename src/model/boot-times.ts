import type { RunEvent, Stage } from './event.ts'

/** The stages whose times are learned: what else takes time depends on the image more than on the board. */
export const LEARNED_STAGES = ['boot', 'login'] as const satisfies readonly Stage[]
export type LearnedStage = (typeof LEARNED_STAGES)[number]

/** How long a stage took on a board that came up. */
export interface StageTime {
  readonly board: string
  readonly stage: LearnedStage
  /** What told that the board is up: their times do not compare. */
  readonly by: 'console' | 'ssh'
  /** When it was up: ISO time. */
  readonly at: string
  readonly durationMs: number
}

/** How long boot and login took at each boot of a run that came to its end. What failed, or was cut short, has no time. */
export function bootTimes(events: readonly RunEvent[]): StageTime[] {
  const begun = new Map<string, number>()
  const ended = new Map<string, number>()
  return events.flatMap(event => {
    if (event.type === 'stage') {
      const key = `${event.board}\n${event.stage}`
      const atMs = Date.parse(event.at)
      const fromMs = begun.get(key)
      begun.delete(key)
      if (event.state === 'begin') {
        begun.set(key, atMs)
        ended.delete(key)
      } else if (fromMs !== undefined && atMs >= fromMs) ended.set(key, atMs - fromMs)
      return []
    }
    if (event.type !== 'booted') return []
    const { board, by, at } = event
    return LEARNED_STAGES.flatMap(stage => {
      const durationMs = ended.get(`${board}\n${stage}`)
      return durationMs === undefined ? [] : [{ board, stage, by, at, durationMs }]
    })
  })
}
