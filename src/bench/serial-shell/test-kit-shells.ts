import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { SerialShell } from './serial-shell.ts'
import { terminalOf, type Wire } from './test-kit.ts'

export const signal = AbortSignal.timeout(240_000)

/** A shell on a real terminal, ready for commands. */
export async function shellOn(program: string, wire: Wire & { limitMs?: number; atOnce?: boolean } = {}) {
  const stack = new AsyncDisposableStack()
  const terminal = stack.use(terminalOf(program, wire))
  const notes: string[] = []
  try {
    // As after a login: a shell that still prepares its terminal throws away what was typed before.
    if (wire.atOnce !== true)
      await terminal.port.expect(/[$#] (?:\u001b\[[?\d;]{0,9}[a-z]){0,2}$/, {
        from: 0,
        limitMs: 10_000,
        signal,
        late: () => new Error('no prompt'),
      })
    const shell = await SerialShell.start(terminal.port, terminal.recording, signal, {
      onNote: note => notes.push(note),
      ...(wire.limitMs !== undefined && { limitMs: wire.limitMs }),
    })
    const type = (text: string): Promise<void> => terminal.port.write(text)
    return { shell, notes, type, recording: terminal.recording, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** What `seq 1 COUNT` says. */
export const counted = (count: number): string => Array.from({ length: count }, (_, n) => `${n + 1}\n`).join('')

/** busybox with its own programs only, as on a small board. */
export const busybox = mkdtempSync(join(tmpdir(), 'hil-busybox-'))
execFileSync('busybox', ['--install', '-s', busybox])
/** bash as `sh`, as on NixOS. */
export const bash = mkdtempSync(join(tmpdir(), 'hil-bash-'))
symlinkSync('/bin/bash', join(bash, 'sh'))
/** A shell that throws away what is typed while it starts, and lives on when it is interrupted meanwhile. */
writeFileSync(join(bash, 'late'), '#!/bin/sh\ntrap : INT\ntimeout --foreground 1 cat >/dev/null\nexec dash -i\n', {
  mode: 0o755,
})
after(() => {
  for (const dir of [busybox, bash]) rmSync(dir, { recursive: true })
})
/** Shells that a board may have, by the command that starts them. */
export const PROGRAMS = [
  'dash -i',
  'bash --norc -i',
  `env PATH=${bash}:${process.env.PATH} bash --norc -i`,
  `env PATH=${busybox} ${busybox}/sh -i`,
]

export function nameOf(program: string): string {
  if (program.includes(bash)) return 'bash as sh'
  return program.includes(busybox) ? 'busybox' : program
}
