import type { OpenLease } from './agent.ts'
import type { News } from './news.ts'

/** What was said on a board under its newest lease, also once that is over. */
export interface BoardRecord {
  readonly epoch: number
  readonly news: News
  readonly recording: OpenLease['live']['recording']
  /** Aborts when nothing more will be said. */
  readonly over: AbortSignal
}
