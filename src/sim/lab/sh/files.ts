/** The files of a simulated board, as texts of which each character is a byte. */
export class Files {
  readonly #files = new Map<string, File>()
  #lastPid = 400
  /** Files that are made when they are looked at, by their path. */
  readonly made: (path: string) => string | undefined

  /** Devices that may be written to, by their path. */
  readonly device: (path: string) => Stream | undefined

  constructor(
    made: (path: string) => string | undefined = () => undefined,
    device: (path: string) => Stream | undefined = () => undefined,
  ) {
    this.made = made
    this.device = device
  }

  /** Undefined: there is none. */
  find(path: string): File | undefined {
    const made = this.made(path)
    return made === undefined ? this.#files.get(path) : { data: made }
  }

  /** The file at a path, made where there is none. */
  at(path: string): File {
    if (path === '/dev/null') return { data: '', isNull: true }
    const found = this.#files.get(path) ?? { data: '' }
    this.#files.set(path, found)
    return found
  }

  /** Removes a file, or a folder with all in it. */
  remove(path: string): void {
    for (const name of this.#files.keys()) if (name === path || name.startsWith(`${path}/`)) this.#files.delete(name)
  }

  /** The paths that a pattern matches, in order. */
  matching(pattern: RegExp, depth: number): string[] {
    return [...this.#files.keys()].filter(path => path.split('/').length === depth && pattern.test(path)).sort()
  }

  /** A number that no program had. */
  newPid(): number {
    return ++this.#lastPid
  }
}

export interface File {
  data: string
  readonly isNull?: true
}

/** What a program may read from or write to. */
export type Stream = Terminal | OpenFile

/** The terminal: lines are waited for, see `Wait`. */
export interface Terminal {
  readonly is: 'terminal'
  write(text: string): void
}

export class OpenFile {
  readonly is = 'file'
  readonly file: File
  position = 0
  readonly #append: boolean

  constructor(file: File, append = false) {
    this.file = file
    this.#append = append
  }

  write(text: string): void {
    if (this.file.isNull) return
    const { data } = this.file
    const at = this.#append ? data.length : this.position
    this.file.data = data.slice(0, at).padEnd(at, '\0') + text + data.slice(at + text.length)
    this.position = at + text.length
  }

  /** The next line, its end included where it has one; empty at the end. */
  line(): string {
    const { data } = this.file
    const end = data.indexOf('\n', this.position)
    const text = data.slice(this.position, end < 0 ? undefined : end + 1)
    this.position += text.length
    return text
  }

  /** All that is left. */
  all(): string {
    const text = this.file.data.slice(this.position)
    this.position += text.length
    return text
  }
}

/** A file that nobody else sees. */
export function scratch(data = ''): OpenFile {
  return new OpenFile({ data })
}
