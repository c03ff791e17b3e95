import { ConsoleFeed } from './console-feed.ts'
import type { LiveBoardOptions } from './live-board-options.ts'
import type { Board } from './load.ts'
import { openControl } from './open-control.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'

/** Opens a board's console, where it has one: what it says goes to the recording from now on. */
export async function openFeed(
  board: Board,
  recording: Recording,
  vitals: Vitals,
  options: LiveBoardOptions,
): Promise<ConsoleFeed | undefined> {
  if (!board.wired.console) return undefined
  const { consoleOwner: owner, listener, signal } = options
  const driver = await openControl(board, 'console', options)
  const { name, spec } = board
  const feed = { board: name, recording, vitals, owner, twin: spec.twin, onNote: listener.note }
  return ConsoleFeed.open(driver, feed, signal)
}
