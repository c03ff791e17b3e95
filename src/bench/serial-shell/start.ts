import { Fault } from '../../base/fault.ts'
import { readableLines } from '../../base/text.ts'
import type { Random } from '../../base/random.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { Recording } from '../recording.ts'
import { Conversation, NoWayThrough } from './conversation.ts'
import { CORE, LEAVE, provenLines, WHOLE_PROOF, wholeLines } from './core.ts'
import { isEcho } from './echo.ts'
import type { Frame } from './frame.ts'
import { lineHash } from './hash.ts'
import { LOAD, READY } from './prelude.ts'

/**
 * How long a shell may take to answer what is typed first. The login proved that it is there: one that takes its time is a
 * board, or its virtual host, at its limit (11 s were seen of one with three boards on two processors).
 */
export const READY_LIMIT_MS = 25_000
const MAX_SILENCES = 2
const MAX_ATTEMPTS = 8
/** How much slower the first lines are typed when they did not arrive: a UART without flow control may have been overrun. */
const LINE_PAUSE_MS = 20
/** How long a shell gets to digest `^C`: what is typed while it does may be thrown away. */
const INTERRUPT_PAUSE_MS = 50

/** A shell that is ready for commands, and what had to be done without. */
export interface Started {
  readonly conversation: Conversation
  readonly notes: readonly string[]
}

/**
 * Types the loop of `core.ts` and its functions into the shell that waits at the console's prompt, and has both proven.
 *
 * Errors: `infrastructure/serial-corrupt` when what is typed arrives damaged time and again, `product/no-shell` when
 * nothing answers twice, or the board lacks what answers need.
 */
export async function startConversation(
  plainPort: ConsolePort,
  recording: Recording,
  signal: AbortSignal,
  limitMs: number,
  random: Random,
): Promise<Started> {
  let heard = false
  const { port, foreign } = listening(plainPort)
  for (let attempt = 1, silences = 0; attempt <= MAX_ATTEMPTS && silences < MAX_SILENCES; attempt++) {
    using undo = new DisposableStack()
    const conversation = undo.use(new Conversation(port, recording, newNonce(random)))
    const from = port.end()
    const how = { heard, limitMs, signal }
    const whole = attempt === 1
    const typed = await (whole ? typeWhole : typeProven)(port, conversation.nonce, how)
    if (!typed && !whole) break
    const loop = typed ? await listens(port, conversation, { from, limitMs, signal }) : 'silent'
    const ready = loop === 'waits' ? await load(conversation, 2 * limitMs, signal) : loop
    if (typeof ready === 'object') {
      assertWrites(ready)
      undo.move()
      conversation.encoding = ready.encoding
      return { conversation, notes: notesOf(ready) }
    }
    heard ||= loop !== 'silent'
    if (loop === 'silent') silences++
    // Whatever stands there must not swallow the next attempt: half a line, an open quote, a loop that was damaged.
    await port.write(`\u0003\n${LEAVE}\n`)
    await port.clock.sleep(INTERRUPT_PAUSE_MS, signal)
    await port.write('\u0003')
    await port.clock.sleep(INTERRUPT_PAUSE_MS, signal)
  }
  if (!heard && !foreign())
    throw new Fault('product/no-shell', { expected: 'a shell after the login', seen: 'no answer to a command' })
  throw new Fault('infrastructure/serial-corrupt', {
    expected: 'what is typed on the console to arrive undamaged',
    seen: 'damage, however often it was typed',
  })
}

/**
 * The port, and whether anything was heard on it that is neither the kernel's nor the exact echo of what was typed. A shell
 * that is gone leaves the terminal, which only echoes: who says something else is there, and its line is damaged.
 */
function listening(plain: ConsolePort): { port: ConsolePort; foreign: () => boolean } {
  const begin = plain.end()
  let typed = ''
  const port: ConsolePort = {
    clock: plain.clock,
    end: () => plain.end(),
    slice: (from, to) => plain.slice(from, to),
    expect: (pattern, options) => plain.expect(pattern, options),
    write: async text => {
      typed += Buffer.from(text).toString('latin1')
      await plain.write(text)
    },
  }
  const foreign = (): boolean =>
    readableLines(plain.slice(begin).toString('latin1'))
      .map(line => line.replaceAll('^C', '').trim())
      .some(line => !/^\[ {0,5}\d{1,7}\.\d{6}\]/.test(line) && !isEcho(line, typed))
  return { port, foreign }
}

interface How {
  /** Something was heard of the shell already. */
  readonly heard: boolean
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** Types everything, as fast as the board takes it; whether it seemed to take it. */
async function typeWhole(port: ConsolePort, nonce: number, { limitMs, signal }: How): Promise<boolean> {
  const { stages, start } = wholeLines(nonce)
  for (const { typed, proof } of stages) if (!(await says(port, typed, proof, limitMs / 2, signal))) return false
  await port.write(start)
  return true
}

/** Types the loop piece by piece until the shell has said back each of them; whether it did. */
async function typeProven(port: ConsolePort, nonce: number, { heard, limitMs, signal }: How): Promise<boolean> {
  let tries = heard ? MAX_TIMES : MAX_TIMES_UNHEARD
  let patienceMs = limitMs / 16
  const { pieces, start } = provenLines(nonce)
  for (const { typed, proof } of pieces) {
    let said = false
    for (let times = 0; !said && times < tries; times++) {
      // Whatever a damaged one left open: a quote, or half a line.
      if (times > 0) await port.write('\u0003\n')
      const startedMs = port.clock.ticksMs()
      said = await says(port, typed, proof, patienceMs * (1 + times / 4), signal)
      // A board that answered is waited for as long as it takes, and not as long as it might: damage costs less time.
      if (said) patienceMs = Math.max(limitMs / 64, Math.min(patienceMs, PATIENCE * (port.clock.ticksMs() - startedMs)))
    }
    if (!said) return false
    tries = MAX_TIMES
  }
  for (const text of start) {
    await port.write(text)
    await port.clock.sleep(LINE_PAUSE_MS, signal)
  }
  return true
}

/** How much longer than the last a piece may take before it is typed again. */
const PATIENCE = 4
const MAX_TIMES = 16
const MAX_TIMES_UNHEARD = 5

async function says(
  port: ConsolePort,
  typed: string,
  text: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const from = port.end()
  await port.write(typed)
  const untilMs = port.clock.ticksMs() + limitMs
  while (port.clock.ticksMs() < untilMs) {
    if (port.slice(from).includes(text)) return true
    await port.clock.sleep(POLL_MS, signal)
  }
  return false
}

/** What the loop is ready for, that it waits for its functions, that a shell did not start it, or that nothing was heard. */
async function listens(
  port: ConsolePort,
  conversation: Conversation,
  { from, limitMs, signal }: { from: number; limitMs: number; signal: AbortSignal },
): Promise<Ready | 'waits' | 'failed' | 'silent'> {
  const untilMs = port.clock.ticksMs() + limitMs
  for (;;) {
    const frame = await conversation.heard(POLL_MS, signal)
    if (frame?.kind === 'ready' && frame.proof === WHOLE_PROOF) return frame
    if (frame?.kind === 'waits') return 'waits'
    const said = port.slice(from).toString('latin1')
    if (said.includes(`~raw.${conversation.nonce}~`)) return 'failed'
    if (port.clock.ticksMs() < untilMs) continue
    // A loop that cannot even count: what it says is no answer, but somebody says it.
    return /~n\.\d*\.\d*\.\d*\.?\d*~/.test(said) ? 'failed' : 'silent'
  }
}

const POLL_MS = 10

type Ready = Extract<Frame, { kind: 'ready' }>

/** Loads the functions; what the board is ready for, or nothing when its loop is not the one that was typed. */
async function load(conversation: Conversation, limitMs: number, signal: AbortSignal): Promise<Ready | undefined> {
  let ready: Ready | undefined
  let asked = 0
  const limited = AbortSignal.any([signal, conversation.clock.timeout(limitMs)])
  const take = (frame: Frame): boolean => {
    if (frame.kind === 'ready') ready = frame
    return ready !== undefined
  }
  try {
    await conversation.exchange([LOAD], { take, ask: () => (asked++ < MAX_ASKED ? READY : undefined) }, limited)
  } catch (error) {
    if (signal.aborted || !(error instanceof NoWayThrough || limited.aborted)) throw error
  }
  return ready?.proof === String(lineHash(CORE, conversation.nonce)) ? ready : undefined
}

function assertWrites({ writes }: Ready): void {
  if (writes) return
  throw new Fault('product/no-shell', {
    expected: 'a directory on the board that the login may write to',
    seen: 'none of $TMPDIR, /tmp, /run, /dev/shm and its home',
    next: 'serial commands keep their output there until it was read: mount one of them writable',
  })
}

/** So often the board is asked what it is ready for: one that has lost the question's function will not answer. */
const MAX_ASKED = 5

function newNonce(random: Random): number {
  return 1 + (random(4).readUInt32BE() % 1_000_000_000)
}

function notesOf({ encoding, cksum, split }: Ready): string[] {
  const notes: string[] = []
  if (encoding === 'hex')
    notes.push('the board has no base64: binary output of serial commands travels as hexadecimal of od, twice as long')
  if (encoding === 'none')
    notes.push('the board has neither base64 nor od: only short plain output of serial commands can be had')
  if (!cksum) notes.push('the board lacks cksum: long output of serial commands is checked by its shell, more slowly')
  else if (!split) notes.push('the board lacks split: what arrives damaged of a long output is sent again more slowly')
  return notes
}
