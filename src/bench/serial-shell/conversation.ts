import type { Clock } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { Recording } from '../recording.ts'
import { LEAVE } from './core.ts'
import { Deframer } from './deframer.ts'
import { FrameReader, type Encoding, type Frame } from './frame.ts'
import { lineHash } from './hash.ts'
import { Inbox } from './inbox.ts'
import { Typing } from './typing.ts'

/** What a terminal's line buffer takes while the board does something else (it has 4096 bytes). */
const MAX_AHEAD_CHARS = 1500
const PIECE_CHARS = { most: 240, least: 40 }
/** How long to wait for an answer before asking where the board stands, on a line that was clean so far and one that was not. */
const SILENCE_MS = { clean: 1000, noisy: 250, most: 10_000 }
const LEAVE_POLL_MS = 20
/** So many exchanges without a damaged line or frame make a line clean again. */
const CLEAN_AFTER = 50
/** A line is typed as it was so often, which is safe however often it arrives, before it is cut in smaller pieces. */
const AS_IT_WAS = 2
/** A line that was refused so often will not arrive. */
const MAX_REFUSALS = 40
/** Silences so many in a row, the last of them of 10 s each, are more than an hour: no command is waited for so long. */
const MAX_JUMPS = 400

/** The line cannot be had undamaged. */
export class NoWayThrough extends Error {}

/** What is done with the frames of an exchange. */
export interface Exchange {
  /** Whether its texts are a command, which the board names once it ran. */
  readonly runs?: boolean
  /** Told the number of its first line. */
  begins?(first: number): void
  /** Takes a frame; true when there is nothing more to wait for. */
  take(frame: Frame): boolean
  /** All lines were run and answered: what to type for what is missing, undefined to give up. Absent: then all is done. */
  ask?(): string | undefined
}

/**
 * Lines that arrive: each text is typed until the board has run it, exactly once and in order, whatever the line does to
 * it. The board names the line it waits for whenever it gets something else, which makes an empty line a question.
 *
 * No number is ever given to two texts: what was typed may still be on its way, and would run in the place of the other.
 * Before anything is typed anew the board is therefore had jump to a number that no line had, and says how far it came.
 */
export class Conversation implements Disposable {
  encoding: Encoding = 'base64'
  readonly nonce: number
  readonly #port: ConsolePort
  readonly #inbox: Inbox<Frame>
  readonly #follow: Disposable
  /** The number of the next line the board will run, as far as it is known. */
  #next = 0
  /** Larger than the number of any line that was ever typed. */
  #unused = 0
  /** What was typed before may still be on its way. */
  #unsure = false
  /** The board was told to jump, and has not said that it did. */
  #jumping = false
  #pieceChars = PIECE_CHARS.most
  #cleanSince = CLEAN_AFTER
  /** Lines that were typed and not yet answered, the questions of earlier exchanges included. */
  #owed = 0

  constructor(port: ConsolePort, recording: Recording, nonce: number) {
    this.#port = port
    this.#inbox = new Inbox(port.clock)
    this.nonce = nonce
    const deframer = new Deframer()
    const reader = new FrameReader(this, () => this.damaged())
    this.#follow = recording.follow(chunk => {
      for (const text of deframer.feed(chunk)) {
        const frame = reader.read(text)
        if (frame) this.#inbox.push(frame)
      }
    })
  }

  get clock(): Clock {
    return this.#port.clock
  }

  get noisy(): boolean {
    return this.#cleanSince < CLEAN_AFTER
  }

  /** Characters of what is asked for: a longer line would be cut in pieces. */
  get lineChars(): number {
    return this.#pieceChars
  }

  /** Marks the line as one that damages what is sent. */
  damaged(): void {
    this.#cleanSince = 0
  }

  /** The next frame, or nothing after some silence. */
  heard(silenceMs: number, signal: AbortSignal): Promise<Frame | undefined> {
    return this.#inbox.next(silenceMs, signal)
  }

  /** Types texts and hands over what comes back until the exchange has all. Errors: `NoWayThrough`, the signal's reason. */
  async exchange(texts: readonly string[], exchange: Exchange, signal: AbortSignal): Promise<void> {
    const typing = new Typing(texts, this.#pieceChars)
    this.#inbox.clear()
    if (this.#unsure) await this.#jump(new Typing([], 0), { take: () => false }, signal)
    this.#unsure = true
    const first = this.#next
    exchange.begins?.(first)
    let done = false
    for (let refusals = 0; ;) {
      await this.#typeDue(typing)
      const frame = await this.#inbox.next(this.#silenceMs, signal)
      if (frame) {
        const ran = this.#advance(frame, typing)
        if (ran > 0) refusals = 0
        // However its line came to be typed: a command that ran is not typed to its end, nor a second time.
        if (commandOf(frame) >= first) typing.over()
        done = exchange.take(frame) || done
        if (!this.#endsOurs(frame)) continue
        if (done || (typing.empty && !exchange.ask)) break
        // More is on its way than was asked about: it may be an answer to something older.
        if (this.#owed > 0) continue
        if (ran === 0 && ++refusals > MAX_REFUSALS) throw new NoWayThrough()
        if (frame.kind === 'waits' && ran === 0 && !typing.empty) {
          this.damaged()
          if (refusals % AS_IT_WAS !== 0) {
            typing.resend()
            continue
          }
          this.#pieceChars = Math.max(PIECE_CHARS.least, Math.floor(this.#pieceChars / 2))
        }
      }
      if (!frame || !typing.empty || (frame.kind === 'waits' && frame.ran < first && exchange.runs)) {
        const jumped = await this.#jump(typing, exchange, signal)
        done ||= jumped.done
        if (done) break
        if (jumped.ran >= first) typing.over()
        else if (!typing.empty) typing.again(this.#pieceChars)
        else if (exchange.runs) typing.restart(texts, this.#pieceChars)
      }
      if (!typing.empty) continue
      const more = exchange.ask?.()
      if (more === undefined) {
        if (exchange.ask) throw new NoWayThrough()
        break
      }
      typing.restart([more], this.#pieceChars)
      refusals = 0
    }
    this.#unsure = this.#jumping
    if (++this.#cleanSince >= CLEAN_AFTER) this.#pieceChars = PIECE_CHARS.most
  }

  /**
   * Has the board wait for a number that no line had: whatever is still on its way is refused from then on. What it ran
   * before is what it ran for good. Also a question where it stands, which a command at work answers when it has ended.
   *
   * The board answers in order, and no two jumps are alike: behind the answer to the last, nothing older is to come.
   * Gives back whether the exchange has all it needs meanwhile, and the command that ran last.
   */
  async #jump(typing: Typing, exchange: Exchange, signal: AbortSignal): Promise<{ done: boolean; ran: number }> {
    this.#jumping = true
    let silenceMs = this.#silenceMs
    for (let times = 0; times < MAX_JUMPS; times++) {
      const target = this.#newNumber()
      await this.#type(this.#jumpTo(target))
      for (let frame; (frame = await this.#inbox.next(silenceMs, signal));) {
        const done = exchange.take(frame)
        if (frame.kind === 'waits' && frame.next === target) {
          typing.ran(Math.max(0, (frame.before ?? this.#next) - this.#next))
          this.#next = target
          this.#owed = 0
          this.#jumping = false
          return { done, ran: frame.ran }
        }
        this.#advance(frame, typing)
        if (done) return { done, ran: commandOf(frame) }
      }
      // The command is not over yet, or the line was lost.
      silenceMs = Math.min(silenceMs * 2, SILENCE_MS.most)
    }
    throw new NoWayThrough()
  }

  /** Ends what runs, and waits until the board listens again: the command that ran last, or nothing when it does not. */
  async interrupt(limitMs: number, signal: AbortSignal): Promise<{ ran: number } | undefined> {
    const untilMs = this.#port.clock.ticksMs() + limitMs
    this.#inbox.clear()
    this.#unsure = true
    for (const key of ['\u0003', '\u0003', '\u001c', '\u001c', '\u001c', '\u001c']) {
      // A jump behind it, as a question: what the interrupt found may have ended by itself.
      const target = this.#newNumber()
      await this.#port.write(`${key}\n${this.#jumpTo(target)}`)
      const waitMs = Math.min(limitMs / 4, untilMs - this.#port.clock.ticksMs())
      for (let frame; (frame = await this.#inbox.next(waitMs, signal));) {
        if (frame.kind !== 'waits' || frame.next !== target) continue
        this.#next = target
        this.#owed = 0
        this.#jumping = false
        this.#unsure = false
        return { ran: frame.ran }
      }
      if (this.#port.clock.ticksMs() >= untilMs) break
    }
    return undefined
  }

  /** Ends the loop; whether the shell below it answered. */
  async leave(limitMs: number, signal: AbortSignal): Promise<boolean> {
    const untilMs = this.#port.clock.ticksMs() + limitMs
    const from = this.#port.end()
    await this.#port.write(`${LEAVE}\nprintf '~%s~\\n' left.${this.nonce}\n`)
    while (this.#port.clock.ticksMs() < untilMs) {
      if (this.#port.slice(from).includes(`~left.${this.nonce}~`)) return true
      await this.#inbox.next(LEAVE_POLL_MS, signal)
    }
    return false
  }

  [Symbol.dispose](): void {
    this.#follow[Symbol.dispose]()
  }

  /** A number that no line had. */
  #newNumber(): number {
    this.#unused = Math.max(this.#unused, this.#next) + 1
    return this.#unused
  }

  #jumpTo(target: number): string {
    return `!${target}.${lineHash(String(target), this.nonce)}\n`
  }

  async #typeDue(typing: Typing): Promise<void> {
    const how = { hashed: this.noisy, aheadChars: this.noisy ? 1 : MAX_AHEAD_CHARS }
    for (const text of typing.due(this.nonce, this.#next, how)) await this.#type(text)
    this.#unused = Math.max(this.#unused, this.#next + typing.typed)
  }

  /** How many of our lines a frame proves to have run. One that was said behind a jump of the past proves none. */
  #advance(frame: Frame, typing: Typing): number {
    if (frame.kind === 'waits' && frame.before !== undefined) return 0
    const ran = ranBefore(frame, this.#next)
    typing.ran(ran)
    this.#next += ran
    return ran
  }

  /** Whether it ends the answer to a line; counts it. */
  #endsOurs(frame: Frame): boolean {
    if (!ENDS_A_LINE.has(frame.kind)) return false
    this.#owed = Math.max(0, this.#owed - 1)
    return true
  }

  async #type(line: string): Promise<void> {
    this.#owed++
    await this.#port.write(line)
  }

  get #silenceMs(): number {
    return this.noisy ? SILENCE_MS.noisy : SILENCE_MS.clean
  }
}

/** Frames that are the whole answer to a line, or its last. */
const ENDS_A_LINE = new Set<Frame['kind']>(['waits', 'whole', 'sent', 'unsendable', 'unwritable', 'ready'])

/** How many lines the board has run since the one waited for, as a frame proves it. */
function ranBefore(frame: Frame, next: number): number {
  if (frame.kind === 'waits' || frame.kind === 'ready') return Math.max(0, frame.next - next)
  if (frame.kind === 'sent') return Math.max(0, frame.line + 1 - next)
  return 'id' in frame ? Math.max(0, frame.id + 1 - next) : 0
}

/** The command that a frame says has run. */
function commandOf(frame: Frame): number {
  return frame.kind === 'waits' ? frame.ran : 'id' in frame ? frame.id : -1
}
