import { humanSize } from '../base/text.ts'
import type { TestFile, TestResult } from '../model/event.ts'
import { COMMANDS } from '../model/runner-message.ts'
import { actsOf, commandsOf } from './html-acts.ts'
import { consoleExcerpt } from './html-console.ts'
import { visible } from './html-text.ts'
import type { ConsoleExcerpt, PageFile, TestChunk } from './page-data.ts'
import type { RunFiles } from './run-files.ts'

/** What of a run's files may go into its page, in bytes: of one thing, and of all. The rest is linked, and said so. */
const LIMITS = {
  console: { failed: 64 << 10, passed: 12 << 10, all: 6 << 20 },
  commands: { one: 256 << 10, all: 4 << 20 },
  image: { one: 1 << 20, all: 8 << 20 },
  text: { one: 64 << 10, all: 2 << 20 },
  other: { one: 64 << 10, all: 2 << 20 },
}
const IMAGE = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/
const TEXT = /^(?:text\/|application\/(?:json|xml|yaml|x-ndjson)\b)/

/** A path is a log's word, and is only followed down. */
function isInside({ path }: TestFile): boolean {
  return !path.startsWith('/') && !path.split(/[/\\]/).includes('..')
}

/** What tests did and left, as parts of the page that are read only when somebody looks; within limits. */
export class Chunks {
  readonly list: (TestChunk | ConsoleExcerpt)[] = []
  readonly #files: RunFiles | undefined
  readonly #left = {
    console: LIMITS.console.all,
    commands: LIMITS.commands.all,
    image: LIMITS.image.all,
    text: LIMITS.text.all,
    other: LIMITS.other.all,
  }

  constructor(files: RunFiles | undefined) {
    this.#files = files
  }

  /** Whether there is anything to look for. */
  mayTell({ steps, files, slice }: TestResult): boolean {
    return Boolean(steps?.length || files?.length || (slice && this.#files))
  }

  /** The number of the chunk with what a test did; undefined: nothing more is known of it. */
  ofTest(board: string, test: TestResult): number | undefined {
    const { startedAtMs, steps = [], files = [], slice, verdict } = test
    const leftOut: string[] = []
    const kept = files.find(({ name }) => name === COMMANDS)
    const acts = actsOf(steps, kept ? this.#commands(kept, leftOut) : [], startedAtMs)
    const limit = verdict === 'pass' || verdict === 'skip' ? LIMITS.console.passed : LIMITS.console.failed
    const bytes = slice && this.#files?.console(board, slice, Math.min(limit, this.#left.console))
    if (bytes) this.#left.console -= bytes.bytes.length
    const own = files.filter(file => file !== kept && isInside(file))
    if (own.length + Number(kept !== undefined) < files.length)
      leftOut.push('what the log names outside the run’s folder')
    const shown = own.map(file => this.#file(file))
    if (acts.length + shown.length + leftOut.length === 0 && !bytes) return undefined
    const console = bytes && consoleExcerpt(bytes)
    this.list.push({
      ...(startedAtMs !== undefined && { startedAtMs }),
      acts,
      ...(console && { console }),
      files: shown,
      leftOut,
    })
    return this.list.length - 1
  }

  /** The number of the chunk with what a board said in a span of time; undefined: nothing. */
  ofBoot(board: string, fromMs: number, toMs: number): number | undefined {
    const limit = Math.min(LIMITS.console.failed, this.#left.console)
    const bytes = this.#files?.consoleBetween(board, fromMs, toMs, limit)
    if (!bytes) return undefined
    this.#left.console -= bytes.bytes.length
    this.list.push(consoleExcerpt(bytes))
    return this.list.length - 1
  }

  #commands(file: TestFile, leftOut: string[]): ReturnType<typeof commandsOf> {
    const bytes = this.#read(file, 'commands', LIMITS.commands.one)
    if (!bytes) {
      leftOut.push(`the commands of this test, ${humanSize(file.sizeBytes)}, are in ${visible(file.path)}`)
      return []
    }
    return commandsOf(bytes.toString('utf8'))
  }

  #file(file: TestFile): PageFile {
    const { sizeBytes } = file
    const told = { name: visible(file.name), contentType: visible(file.contentType), sizeBytes, path: file.path }
    if (IMAGE.test(file.contentType)) {
      const bytes = this.#read(file, 'image', LIMITS.image.one)
      return { ...told, ...(bytes && { base64: bytes.toString('base64') }) }
    }
    if (TEXT.test(file.contentType)) {
      const bytes = this.#read(file, 'text', LIMITS.text.one)
      return { ...told, ...(bytes && { text: visible(bytes.toString('utf8')) }) }
    }
    const bytes = this.#read(file, 'other', LIMITS.other.one)
    return { ...told, ...(bytes && { base64: bytes.toString('base64') }) }
  }

  #read({ path, sizeBytes }: TestFile, kind: keyof typeof LIMITS, one: number): Buffer | undefined {
    if (sizeBytes > Math.min(one, this.#left[kind])) return undefined
    const bytes = this.#files?.read(path, Math.min(one, this.#left[kind]))
    if (bytes) this.#left[kind] -= bytes.length
    return bytes
  }
}
