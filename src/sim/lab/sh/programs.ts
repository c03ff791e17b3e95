import { createHash } from 'node:crypto'
import { cksum } from './cksum.ts'
import { OpenFile, scratch } from './files.ts'
import { Leave, type Running } from './running.ts'
import type { Shell } from './shell.ts'
import { Incomplete, SyntaxFault } from './syntax.ts'

type Program = (shell: Shell, args: readonly string[]) => number | Running

/** Programs that a shell's scripts need, as far as they need them. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  sh: function* (shell, args) {
    const [flag, script = '', name = 'sh', ...rest] = args
    if (flag !== '-c') return 2
    const child = shell.program(name, rest)
    try {
      return yield* child.runAll(script)
    } catch (error) {
      if (error instanceof Leave) {
        // Whoever waits for it got the interrupt as well.
        yield* shell.interrupted()
        return 130
      }
      if (!(error instanceof Incomplete || error instanceof SyntaxFault)) throw error
      shell.write(2, 'sh: syntax error\n')
      return 2
    }
  },
  stty: (shell, args) => {
    if (args.includes('-g')) shell.write(1, 'sane\n')
    else if (args.includes('-echo')) shell.own(['stty', '-echo'], () => '')
    else if (args.includes('echo') || args.includes('sane')) shell.own(['stty', 'echo'], () => '')
    return 0
  },
  cat: (shell, args) => {
    let status = 0
    for (const path of args.length > 0 ? args : ['-']) {
      const text = path === '-' ? stdin(shell) : shell.file(path)?.data
      if (text === undefined) {
        shell.write(2, `cat: ${path}: No such file or directory\n`)
        status = 1
      } else shell.write(1, text)
    }
    return status
  },
  base64: (shell, args) => {
    const text = stdin(shell)
    if (args.includes('-d')) {
      shell.write(1, Buffer.from(text, 'base64').toString('latin1'))
      return 0
    }
    const encoded = Buffer.from(text, 'latin1').toString('base64')
    const width = args[0] === '-w' ? Number(args[1]) : 76
    const lines = width === 0 ? [encoded] : (encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
    shell.write(1, width === 0 ? encoded : lines.map(line => `${line}\n`).join(''))
    return 0
  },
  md5sum: shell => {
    shell.write(
      1,
      `${createHash('md5')
        .update(Buffer.from(stdin(shell), 'latin1'))
        .digest('hex')}  -\n`,
    )
    return 0
  },
  cksum: (shell, args) => {
    for (const path of args.length > 0 ? args : ['-']) {
      const data = Buffer.from(path === '-' ? stdin(shell) : (shell.file(path)?.data ?? ''), 'latin1')
      shell.write(1, `${cksum(data)} ${data.length}${path === '-' ? '' : ` ${path}`}\n`)
    }
    return 0
  },
  split: (shell, args) => {
    const [, size = '1', path = '', prefix = 'x'] = args
    const data = shell.files.find(path)?.data ?? ''
    for (let at = 0, n = 0; at < data.length; at += Number(size), n++) {
      const suffix = String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26))
      shell.files.at(`${prefix}${suffix}`).data = data.slice(at, at + Number(size))
    }
    return 0
  },
  dd: (shell, args) => {
    const value = (name: string): string => args.find(arg => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    const size = Number(value('bs') || 512)
    const data = shell.files.find(value('if'))?.data ?? ''
    const from = Number(value('skip')) * size
    const part = data.slice(from, value('count') === '' ? undefined : from + Number(value('count')) * size)
    if (value('of') === '') shell.write(1, part)
    else shell.files.at(value('of')).data = part
    return 0
  },
  wc: shell => {
    shell.write(1, `${stdin(shell).length}\n`)
    return 0
  },
  rm: (shell, args) => {
    for (const path of args.filter(arg => !arg.startsWith('-'))) shell.files.remove(path)
    return 0
  },
  mkdir: (shell, args) => {
    const path = args.at(-1) ?? ''
    if (shell.files.find(path)) return 1
    shell.files.at(path)
    return 0
  },
  sleep: function* (shell, [seconds = '0']) {
    const woken = yield { for: 'time', ms: Number(seconds) * 1000 }
    if (!woken?.interrupted) return 0
    yield* shell.interrupted()
    return 130
  },
  sudo: function* (shell, args) {
    const words = [...args]
    while (words[0]?.startsWith('-')) {
      const option = words.shift()
      if (option === '-p') words.shift()
      // The password is a line of its own in front of the program's input.
      const from = shell.streams[0]
      if (option === '-S' && from instanceof OpenFile) from.line()
    }
    return yield* shell.run(words)
  },
}

function stdin(shell: Shell): string {
  const from = shell.streams[0]
  return from instanceof OpenFile ? from.all() : scratch().all()
}
