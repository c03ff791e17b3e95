import { parse } from './sh/parse.ts'
import { Leave, type Running } from './sh/running.ts'
import type { Shell } from './sh/shell.ts'
import { Incomplete, SyntaxFault } from './sh/syntax.ts'
import type { Terminal } from './terminal.ts'

const PROMPT = '[ghaf@ghaf-host:~]$ '
const REFUSED_MS = 3000

interface LoginMeans {
  readonly host: string
  readonly user: string
  readonly password: string
  readonly newShell: () => Shell
}

/** A console as getty and login have it: who is let in gets a shell, and then the next may try. */
export function* consoleLogin(terminal: Terminal, { host, user, password, newShell }: LoginMeans): Running {
  for (;;) {
    terminal.echo = true
    terminal.write(`\n${host} login: `)
    const name = yield { for: 'line' }
    if (!name?.line?.trim()) continue
    terminal.write('Password: ')
    terminal.echo = false
    const word = yield { for: 'line' }
    terminal.echo = true
    terminal.write('\n')
    if (word?.line === undefined) continue
    if (name.line === user && word.line === password) yield* session(terminal, newShell())
    else {
      yield { for: 'time', ms: REFUSED_MS }
      terminal.write('Login incorrect\n')
    }
  }
}

function* session(terminal: Terminal, shell: Shell): Running<void> {
  terminal.write('Last login: Thu Jan  1 00:00:10 UTC 2026 on ttyS0\n')
  for (let text = ''; ;) {
    terminal.write(text === '' ? PROMPT : '> ')
    const woken = yield { for: 'line' }
    if (woken?.line === undefined) {
      terminal.write('\n')
      text = ''
      continue
    }
    text += `${woken.line}\n`
    try {
      yield* shell.runList(parse(text))
      text = ''
    } catch (error) {
      if (error instanceof Incomplete) continue
      text = ''
      if (error instanceof SyntaxFault) terminal.write(`sh: syntax error: ${error.message}\n`)
      else if (!(error instanceof Leave)) throw error
      else if (error.what === 'exit') return
      else if (error.what === 'interrupt') terminal.write('\n')
    }
  }
}
