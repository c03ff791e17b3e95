import { createHash } from 'node:crypto'

/** What a command said, whole and proven. */
export interface Answer {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** What the frames of one command amount to so far. */
export type Progress = { state: 'more' } | { state: 'again' } | { state: 'refused' } | { state: 'done'; answer: Answer }

interface Head {
  readonly exitCode: number
  readonly md5: Record<'o' | 'e', string>
}

/**
 * Puts the frames of one command's answer together and believes nothing unproven.
 *
 * `again`: the end was seen, but something is missing or damaged: ask for the answer once more and go on feeding.
 * `refused`: the command arrived damaged and did not run.
 */
export class AnswerAssembly {
  readonly id: string
  readonly #parts = { o: new Map<number, string>(), e: new Map<number, string>() }
  #head: Head | undefined
  #plain: string | undefined
  #begun = false

  constructor(id: string) {
    this.id = id
  }

  /** Whether something of the answer came: the command has ended, however much of it is still missing. */
  get begun(): boolean {
    return this.#begun
  }

  take(frame: string): Progress {
    const [id, kind, ...rest] = frame.split('.')
    if (id !== this.id) return { state: 'more' }
    if (kind !== undefined && kind !== '' && 'ploez'.includes(kind)) this.#begun = true
    switch (kind) {
      case 'x':
        return rest.length === 0 ? { state: 'refused' } : { state: 'more' }
      case 'p':
        return this.#takePlain(frame, rest)
      case 'l':
        this.#head = headOf(rest) ?? this.#head
        return { state: 'more' }
      case 'o':
      case 'e':
        this.#takePart(kind, rest)
        return { state: 'more' }
      case 'z':
        return this.#finish()
      case undefined:
      default:
        return { state: 'more' }
    }
  }

  /** A plain frame is believed when a second copy says the same: damage that keeps the length may hit one, not both alike. */
  #takePlain(frame: string, rest: string[]): Progress {
    const answer = plain(rest)
    const twice = answer !== undefined && this.#plain === frame
    if (answer !== undefined) this.#plain = frame
    return twice ? { state: 'done', answer } : { state: 'more' }
  }

  #takePart(stream: 'o' | 'e', [index, length, text]: string[]): void {
    if (text !== undefined && text.length === Number(length)) this.#parts[stream].set(Number(index), text)
  }

  #finish(): Progress {
    const head = this.#head
    if (!head) return { state: 'again' }
    const stdout = this.#stream('o', head)
    const stderr = this.#stream('e', head)
    if (!stdout || !stderr) {
      // A damaged part may have the right length: trust none of them and take all afresh.
      this.#parts.o.clear()
      this.#parts.e.clear()
      return { state: 'again' }
    }
    return { state: 'done', answer: { exitCode: head.exitCode, stdout, stderr } }
  }

  #stream(name: 'o' | 'e', head: Head): Buffer | undefined {
    const parts = [...this.#parts[name].entries()].sort(([a], [b]) => a - b).map(([, text]) => text)
    const bytes = Buffer.from(parts.join(''), 'base64')
    // Against damage on a line, not against an adversary: MD5 is what every small board has.
    return createHash('md5').update(bytes).digest('hex') === head.md5[name] ? bytes : undefined
  }
}

function plain([exitCode, length, ...rest]: string[]): Answer | undefined {
  const text = rest.join('.')
  if (length === undefined || text.length !== Number(length) || !/^\d+$/.test(exitCode ?? '')) return undefined
  return {
    exitCode: Number(exitCode),
    stdout: Buffer.from(text.replaceAll('!', '\n'), 'latin1'),
    stderr: Buffer.alloc(0),
  }
}

function headOf([exitCode = '', o = '', e = '', ...rest]: string[]): Head | undefined {
  if (rest.length > 0 || !/^\d+$/.test(exitCode) || !MD5.test(o) || !MD5.test(e)) return undefined
  return { exitCode: Number(exitCode), md5: { o, e } }
}

const MD5 = /^[0-9a-f]{32}$/
