import type { TestStep } from '../model/event.ts'
import type { CommandRecord } from '../model/runner-message.ts'
import { visible } from './html-text.ts'
import type { Act } from './page-data.ts'

/** The commands in a file that a test left; none where it is no such file. */
export function commandsOf(text: string): CommandRecord[] {
  try {
    const records = JSON.parse(text) as unknown
    return Array.isArray(records) ? records.filter(isCommand) : []
  } catch {
    return []
  }
}

function isCommand(record: unknown): record is CommandRecord {
  const { shell, line, atMs, durationMs } = (record ?? {}) as Partial<CommandRecord>
  return [shell, line].every(text => typeof text === 'string') && [atMs, durationMs].every(n => typeof n === 'number')
}

/** What a test did as one list by time: a command stands below the steps that it is part of. */
export function actsOf(
  steps: readonly TestStep[],
  commands: readonly CommandRecord[],
  startedAtMs: number | undefined,
): Act[] {
  const started = startedAtMs ?? commands[0]?.atMs ?? 0
  const acts: Act[] = steps.map(step => ({
    title: visible(step.title),
    atMs: step.atMs,
    durationMs: step.durationMs,
    depth: step.depth,
    ...(step.where !== undefined && { where: visible(step.where) }),
    ...(step.error !== undefined && { error: visible(step.error) }),
  }))
  for (const command of commands) acts.push(actOf(command, command.atMs - started, steps))
  return acts.sort((a, b) => a.atMs - b.atMs || a.depth - b.depth)
}

function actOf(command: CommandRecord, atMs: number, steps: readonly TestStep[]): Act {
  const { shell, line, durationMs, error, exitCode, stdout, stderr, cutChars } = command
  const around = steps.filter(step => step.atMs <= atMs && atMs <= step.atMs + step.durationMs)
  return {
    title: visible(line),
    shell: visible(shell),
    atMs,
    durationMs,
    depth: around.length === 0 ? 0 : Math.max(...around.map(({ depth }) => depth)) + 1,
    ...(error !== undefined && { error: visible(error) }),
    ...(exitCode !== undefined && { exitCode }),
    ...(stdout && { stdout: visible(stdout) }),
    ...(stderr && { stderr: visible(stderr) }),
    ...(cutChars !== undefined && { cutChars }),
  }
}
