import { OpenFile } from './files.ts'
import { formatted } from './printf.ts'
import { Leave, type Running } from './running.ts'
import type { Shell } from './shell.ts'

type Builtin = (shell: Shell, args: readonly string[]) => number | Running

/** What a shell does itself. */
export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => {
    return 0
  },
  true: () => {
    return 0
  },
  false: () => {
    return 1
  },
  echo: (shell, args) => {
    shell.write(1, `${args.join(' ')}\n`)
    return 0
  },
  printf: (shell, args) => {
    const [format = '', ...values] = args[0] === '--' ? args.slice(1) : args
    shell.write(1, formatted(format, values))
    return 0
  },
  test: (shell, args) => {
    return Number(!isTrue(shell, args))
  },
  '[': (shell, args) => {
    return Number(!isTrue(shell, args.slice(0, -1)))
  },
  eval: function* (shell, args) {
    return yield* shell.runText(args.join(' '))
  },
  set: (shell, args) => {
    if (args[0] === '--') shell.args = args.slice(1)
    else if (args.length > 0 && !/^[-+]/.test(args[0]!)) shell.args = args
    return 0
  },
  unset: (shell, args) => {
    for (const name of args) shell.variables.delete(name)
    return 0
  },
  export: (shell, args) => {
    for (const [name, ...value] of args.map(arg => arg.split('=')))
      if (value.length > 0) shell.variables.set(name!, value.join('='))
    return 0
  },
  read: function* (shell, args) {
    const names = args.filter(arg => !arg.startsWith('-'))
    const from = shell.streams[0]
    let line: string
    let ended = true
    if (from instanceof OpenFile) {
      const text = from.line()
      ended = text.endsWith('\n')
      line = text.replace(/\n$/, '').replaceAll('\0', '')
    } else if (!from) return 1
    else {
      const woken = yield { for: 'line' }
      if (woken?.interrupted) {
        yield* shell.interrupted()
        for (const name of names) shell.variables.set(name, '')
        return 130
      }
      line = woken?.line ?? ''
    }
    assign(shell, names, line)
    return ended ? 0 : 1
  },
  trap: (shell, [action = '', ...names]) => {
    for (const name of names)
      if (action === '-') shell.traps.delete(name)
      else shell.traps.set(name, action)
    return 0
  },
  exit: (shell, [status]) => {
    throw new Leave('exit', status === undefined ? shell.status : Number(status))
  },
  return: (shell, [status]) => {
    throw new Leave('return', status === undefined ? shell.status : Number(status))
  },
  break: () => {
    throw new Leave('break')
  },
  continue: () => {
    throw new Leave('continue')
  },
  command: function* (shell, [how, name = '']) {
    if (how !== '-v') return yield* shell.run([how ?? '', name])
    const there = name in BUILTINS || shell.functions.has(name) || MORE.has(name)
    if (there) shell.write(1, `/bin/${name}\n`)
    return Number(!there)
  },
  cd: (shell, args) => {
    shell.folder = args.at(-1) ?? '/home/ghaf'
    return 0
  },
  umask: () => {
    return 0
  },
  pwd: shell => {
    shell.write(1, '/home/ghaf\n')
    return 0
  },
}

/** Programs that a script may ask for. */
const MORE = new Set(['base64', 'cksum', 'split', 'od', 'md5sum', 'dd', 'cat', 'ssh', 'ssh-keyscan', 'mktemp'])

/** Gives a line to variables, the last of which gets what is left. */
function assign(shell: Shell, names: readonly string[], line: string): void {
  const separators = shell.variables.get('IFS') ?? ' \t\n'
  if (separators === '') {
    shell.variables.set(names[0] ?? 'REPLY', line)
    return
  }
  const blanks = separators.replaceAll(/[^ \t]/g, '')
  const blank = new RegExp(`^[${blanks}]+`)
  const first = new RegExp(`^[^${blanks}]*`)
  let rest = line.replace(blank, '').replace(new RegExp(`[${blanks}]+$`), '')
  for (const [n, name] of names.entries()) {
    const word = n < names.length - 1 ? (first.exec(rest)?.[0] ?? '') : rest
    shell.variables.set(name, word)
    rest = rest.slice(word.length).replace(blank, '')
  }
}

function isTrue(shell: Shell, args: readonly string[]): boolean {
  const [first = '', second = '', third = ''] = args
  if (args.length <= 1) return first !== ''
  if (first === '!') return !isTrue(shell, args.slice(1))
  if (args.length === 2) return ofFile(shell, first, second)
  const [a, b] = [Number(first), Number(third)]
  switch (second) {
    case '=':
    case '==':
      return first === third
    case '!=':
      return first !== third
    case '-eq':
      return a === b
    case '-ne':
      return a !== b
    case '-gt':
      return a > b
    case '-ge':
      return a >= b
    case '-lt':
      return a < b
    case '-le':
      return a <= b
    default:
      return false
  }
}

function ofFile(shell: Shell, how: string, path: string): boolean {
  if (how === '-n') return path !== ''
  if (how === '-z') return path === ''
  if (path.startsWith('/proc/self/fdinfo/')) return true
  const file = shell.files.find(path)
  return how === '-s' ? (file?.data.length ?? 0) > 0 : file !== undefined
}
