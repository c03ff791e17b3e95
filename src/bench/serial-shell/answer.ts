import { cksum } from './cksum.ts'

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
  readonly streams: Record<'o' | 'e', { sizeBytes: number; crc: number }>
}

/**
 * Puts the frames of one command's answer together and believes nothing unproven.
 *
 * `again`: the end was seen, but something is missing or damaged: ask for the answer once more and go on feeding.
 * `refused`: the command arrived damaged and did not run.
 */
export class AnswerAssembly {
  readonly #id: string
  readonly #parts = { o: new Map<number, string>(), e: new Map<number, string>() }
  #head: Head | undefined

  constructor(id: string) {
    this.#id = id
  }

  take(frame: string): Progress {
    const [id, kind, ...rest] = frame.split('.')
    if (id !== this.#id) return { state: 'more' }
    switch (kind) {
      case 'x':
        return rest.length === 0 ? { state: 'refused' } : { state: 'more' }
      case 'p':
        return plain(rest)
      case 'l':
        this.#head = headOf(rest) ?? this.#head
        return { state: 'more' }
      case 'o':
      case 'e':
        this.#takePart(kind, rest)
        return { state: 'more' }
      case 'z':
        return this.#finish()
      default:
        return { state: 'more' }
    }
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
    const { sizeBytes, crc } = head.streams[name]
    return bytes.length === sizeBytes && cksum(bytes) === crc ? bytes : undefined
  }
}

function plain([exitCode, length, ...rest]: string[]): Progress {
  const text = rest.join('.')
  if (length === undefined || text.length !== Number(length) || !/^\d+$/.test(exitCode ?? '')) return { state: 'more' }
  const stdout = Buffer.from(text.replaceAll('!', '\n'), 'latin1')
  return { state: 'done', answer: { exitCode: Number(exitCode), stdout, stderr: Buffer.alloc(0) } }
}

function headOf(fields: string[]): Head | undefined {
  if (fields.length !== 5 || !fields.every(field => /^\d+$/.test(field))) return undefined
  const [exitCode, oSize, oCrc, eSize, eCrc] = fields.map(Number) as [number, number, number, number, number]
  return {
    exitCode,
    streams: { o: { sizeBytes: oSize, crc: oCrc }, e: { sizeBytes: eSize, crc: eCrc } },
  }
}
