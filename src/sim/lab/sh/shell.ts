import { expandFields, expandPattern, expandText } from './expand.ts'
import { OpenFile, scratch, type File, type Files, type Stream } from './files.ts'
import { matches } from './pattern.ts'
import { parse } from './parse.ts'
import { BUILTINS } from './builtins.ts'
import { PROGRAMS } from './programs.ts'
import { Leave, type Answer, type OwnPrograms, type Running } from './running.ts'
import type { AndOr, Command, Compound, List, Pipeline, Redirection, Simple } from './syntax.ts'

/** A shell at work: variables, functions, open files. */
export class Shell {
  readonly files: Files
  readonly own: OwnPrograms
  readonly pid: number
  variables: Map<string, string>
  functions: Map<string, Command>
  traps: Map<string, string>
  streams: (Stream | undefined)[]
  args: readonly string[] = []
  name = 'sh'
  status = 0
  /** Where relative paths begin. */
  folder = '/home/ghaf'

  constructor(files: Files, own: OwnPrograms, streams: (Stream | undefined)[], pid: number) {
    this.files = files
    this.own = own
    this.streams = streams
    this.pid = pid
    this.variables = new Map([['HOME', '/home/ghaf']])
    this.functions = new Map()
    this.traps = new Map()
  }

  get(name: string): string {
    if (/^\d+$/.test(name)) return name === '0' ? this.name : (this.args[Number(name) - 1] ?? '')
    if (name === '?') return String(this.status)
    if (name === '$') return String(this.pid)
    if (name === '#') return String(this.args.length)
    if (name === '@' || name === '*') return this.args.join(' ')
    return this.variables.get(name) ?? ''
  }

  isSet(name: string): boolean {
    if (/^\d+$/.test(name)) return Number(name) <= this.args.length
    return name === '@' || name === '*' ? this.args.length > 0 : this.variables.has(name) || /^[?$#]$/.test(name)
  }

  /** A copy whose changes this one does not see. */
  child(streams: (Stream | undefined)[] = this.streams): Shell {
    const child = new Shell(this.files, this.own, [...streams], this.pid)
    child.variables = new Map(this.variables)
    child.functions = new Map(this.functions)
    child.args = this.args
    child.name = this.name
    child.folder = this.folder
    return child
  }

  /** A shell that runs as a program of its own, under this one. */
  program(name: string, args: readonly string[]): Shell {
    const shell = new Shell(this.files, this.own, [...this.streams], this.files.newPid())
    shell.name = name
    shell.args = args
    return shell
  }

  /** A file by its path, or by its name in the folder this shell is in. */
  file(path: string): File | undefined {
    return this.files.find(path.startsWith('/') ? path : `${this.folder}/${path}`)
  }

  write(fd: number, text: string): void {
    this.streams[fd]?.write(text)
  }

  /** Runs a text to its end; its exit code. Errors: of parsing. */
  *runText(text: string): Running {
    return yield* this.runList(parse(text))
  }

  /** The same for a shell of its own: `exit` ends it. Errors: of parsing; an interrupt that it does not trap. */
  *runAll(text: string): Running {
    try {
      this.status = yield* this.runText(text)
    } catch (error) {
      if (!(error instanceof Leave) || error.what === 'interrupt') throw error
      this.status = error.status
    }
    const last = this.traps.get('EXIT')
    if (last) yield* this.runText(last)
    return this.status
  }

  /** What a command substitution is replaced by. */
  *outputOf(list: List): Running<string> {
    const out = scratch()
    const streams = [...this.streams]
    streams[1] = out
    this.status = yield* this.#inChild(this.child(streams), list)
    return out.file.data.replace(/\n+$/, '')
  }

  *runList(list: List): Running {
    for (const andOr of list) this.status = yield* this.#andOr(andOr)
    return this.status
  }

  /** An interrupt came: whoever traps it goes on. */
  *interrupted(): Running<void> {
    const trap = this.traps.get('INT')
    if (trap === undefined) throw new Leave('interrupt', 130)
    yield* this.runText(trap)
  }

  *#inChild(child: Shell, list: List): Running {
    try {
      return yield* child.runList(list)
    } catch (error) {
      if (!(error instanceof Leave)) throw error
      if (error.what !== 'interrupt') return error.status
      yield* this.interrupted()
      return 130
    }
  }

  *#andOr({ first, more }: AndOr): Running {
    this.status = yield* this.#pipeline(first)
    for (const { when, next } of more)
      if ((this.status === 0) === (when === '&&')) this.status = yield* this.#pipeline(next)
    return this.status
  }

  *#pipeline({ not, commands }: Pipeline): Running {
    let status = 0
    if (commands.length === 1) status = yield* this.command(commands[0]!)
    else {
      let input = this.streams[0]
      for (const [n, command] of commands.entries()) {
        const output = n < commands.length - 1 ? scratch() : undefined
        const streams = [...this.streams]
        streams[0] = input
        if (output) streams[1] = output
        const list: List = [{ first: { not: false, commands: [command] }, more: [] }]
        status = yield* this.#inChild(this.child(streams), list)
        input = output && scratch(output.file.data)
      }
    }
    return not ? Number(status === 0) : status
  }

  *command(command: Command): Running {
    if (command.redirections.length === 0)
      return command.is === 'simple' ? yield* this.#simple(command) : yield* this.#compound(command)
    const before = this.streams
    this.streams = [...before]
    try {
      for (const redirection of command.redirections) {
        const failed = yield* this.#redirect(redirection)
        if (failed === undefined) continue
        before[2]?.write(`sh: ${failed}\n`)
        return 1
      }
      return command.is === 'simple' ? yield* this.#simple(command) : yield* this.#compound(command)
    } finally {
      this.streams = before
    }
  }

  *#redirect({ fd, how, target }: Redirection): Running<string | undefined> {
    const path = yield* expandText(this, target)
    if (how === '>&' || how === '<&') {
      this.streams[fd] = path === '-' ? undefined : this.streams[Number(path)]
      return undefined
    }
    const position = /^\/proc\/self\/fdinfo\/(\d+)$/.exec(path)?.[1]
    if (position !== undefined) {
      const stream = this.streams[Number(position)]
      this.streams[fd] = scratch(`pos:\t${stream instanceof OpenFile ? stream.position : 0}\nflags:\t0100002\n`)
      return undefined
    }
    if (how === '<') {
      const file = this.files.find(path) ?? (path === '/dev/null' ? this.files.at(path) : undefined)
      if (!file) return `cannot open ${path}: No such file`
      this.streams[fd] = new OpenFile(file)
      return undefined
    }
    const device = this.files.device(path)
    if (device) {
      this.streams[fd] = device
      return undefined
    }
    const file = this.files.at(path)
    if (how === '>') file.data = ''
    this.streams[fd] = new OpenFile(file, how === '>>')
    return undefined
  }

  *#simple({ assigns, words }: Simple): Running {
    const argv: string[] = []
    for (const word of words) argv.push(...(yield* expandFields(this, word)))
    const set = new Map<string, string>()
    for (const { name, value } of assigns) set.set(name, yield* expandText(this, value))
    if (argv.length === 0) {
      for (const [name, value] of set) this.variables.set(name, value)
      return assigns.some(({ value }) => value.some(part => part.is === 'output')) ? this.status : 0
    }
    const before = [...set.keys()].map(name => [name, this.variables.get(name)] as const)
    for (const [name, value] of set) this.variables.set(name, value)
    try {
      return yield* this.run(argv)
    } finally {
      for (const [name, value] of before)
        if (value === undefined) this.variables.delete(name)
        else this.variables.set(name, value)
    }
  }

  /** Runs one command by its words. */
  *run(argv: readonly string[]): Running {
    const [name = '', ...args] = argv
    const body = this.functions.get(name)
    if (body) return yield* this.#call(body, args)
    const builtin = BUILTINS[name]
    if (builtin) return yield* finished(builtin(this, args))
    const stdin = (): string => {
      const from = this.streams[0]
      return from instanceof OpenFile ? from.all() : ''
    }
    const answer = this.own(argv, stdin)
    if (answer) return yield* this.#answer(answer)
    const program = PROGRAMS[name]
    if (program) return yield* finished(program(this, args))
    this.write(2, `sh: ${name}: not found\n`)
    return 127
  }

  *#answer({ exitCode, stdout, stderr, ms, hangs }: Answer): Running {
    if (ms !== undefined || hangs) {
      const woken = yield hangs ? { for: 'ever' } : { for: 'time', ms: ms! }
      if (woken?.interrupted) {
        yield* this.interrupted()
        return 130
      }
    }
    if (stdout) this.write(1, stdout)
    if (stderr) this.write(2, stderr)
    return exitCode
  }

  *#call(body: Command, args: readonly string[]): Running {
    const before = this.args
    this.args = args
    try {
      return yield* this.command(body)
    } catch (error) {
      if (error instanceof Leave && error.what === 'return') return error.status
      throw error
    } finally {
      this.args = before
    }
  }

  *#compound(command: Compound): Running {
    switch (command.is) {
      case 'group':
        return yield* this.runList(command.body)
      case 'subshell':
        return yield* this.#inChild(this.child(), command.body)
      case 'function':
        this.functions.set(command.name, command.body)
        return 0
      case 'if':
        for (const { when, body } of command.arms)
          if ((yield* this.runList(when)) === 0) return yield* this.runList(body)
        return command.otherwise ? yield* this.runList(command.otherwise) : 0
      case 'case': {
        const text = yield* expandText(this, command.word)
        for (const { patterns, body } of command.arms)
          for (const pattern of patterns)
            if (matches(text, yield* expandPattern(this, pattern))) return yield* this.runList(body)
        return 0
      }
      case 'for': {
        const values: string[] = []
        if (command.words) for (const word of command.words) values.push(...(yield* expandFields(this, word)))
        return yield* this.#loop(command.body, (shell, n) => {
          const value = (command.words ? values : shell.args)[n]
          if (value === undefined) return false
          shell.variables.set(command.name, value)
          return true
        })
      }
      case 'while':
        return yield* this.#loop(command.body, function* (shell) {
          return ((yield* shell.runList(command.when)) === 0) !== command.until
        })
    }
  }

  *#loop(body: List, goesOn: (shell: Shell, n: number) => boolean | Running<boolean>): Running {
    let status = 0
    for (let n = 0; yield* finished(goesOn(this, n)); n++)
      try {
        status = yield* this.runList(body)
      } catch (error) {
        if (error instanceof Leave && error.what === 'break') break
        if (!(error instanceof Leave && error.what === 'continue')) throw error
      }
    return status
  }
}

/** What came of something, whether or not it had to wait. */
function* finished<T extends number | boolean>(work: T | Running<T>): Running<T> {
  return typeof work === 'object' ? yield* work : work
}
