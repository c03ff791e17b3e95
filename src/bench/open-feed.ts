import type { Console } from '../controls/console.ts'
import { ConsoleFeed } from './console-feed.ts'
import type { LiveBoardOptions } from './live-board-options.ts'
import type { Board } from './load.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'

/** Opens a board's console: it feeds the recording and the vitals from here on. */
export function openFeed(
  driver: Console,
  board: Board,
  recording: Recording,
  vitals: Vitals,
  { consoleOwner: owner, listener: { note: onNote }, signal }: LiveBoardOptions,
): Promise<ConsoleFeed> {
  const { name, spec } = board
  return ConsoleFeed.open(driver, { board: name, recording, vitals, owner, twin: spec.twin, onNote }, signal)
}
