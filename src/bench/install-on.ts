import { driveInstaller } from '../boot/installer.ts'
import { installBlindly } from '../boot/installer-blind.ts'
import type { Ask } from '../boot/running.ts'
import type { ConsolePort } from '../controls/console.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import type { Board } from './load.ts'
import type { SerialShell } from './serial-shell/serial-shell.ts'

export interface InstallMeans {
  /** Absent: there is no login on one, and only `ask` gets through. */
  readonly console: ConsolePort | undefined
  readonly ask: Ask
  readonly serial: () => Promise<SerialShell>
  readonly signal: AbortSignal
}

/** Has a booted installer install, at its prompts on the console, or over SSH where there is none. */
export async function installOn(board: Board, order: InstallOrder, means: InstallMeans): Promise<void> {
  const { login } = board.spec
  const { console, ask, serial, signal } = means
  if (!console) return installBlindly(ask, order, login)
  // The installer asks questions: a prompt for people, and not the loop that takes commands only.
  await (await serial()).leave(signal)
  await driveInstaller(console, order, { ...login, signal })
}
