import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { endProgram } from '../../base/test-kit.ts'
import { systemClock } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import { expectIn } from '../expect.ts'
import { Recording } from '../recording.ts'

/** How often a byte is lost, doubled, or has one of its bits flipped. */
export interface Rates {
  readonly loss: number
  readonly duplication: number
  readonly flip: number
}

/** A line that damages bytes, the same way for the same seed. */
export class FaultyLine {
  readonly #rates: Rates
  #state: number
  /** Bytes that were damaged so far. */
  hits = 0

  constructor(rates: Rates, seed: number) {
    this.#rates = rates
    this.#state = seed >>> 0
  }

  pass(bytes: Uint8Array): Buffer {
    const { loss, duplication, flip } = this.#rates
    const out: number[] = []
    for (const byte of bytes) {
      const chance = this.#random()
      if (chance < loss + duplication + flip) this.hits++
      if (chance < loss) continue
      if (chance < loss + duplication) out.push(byte, byte)
      else if (chance < loss + duplication + flip) out.push(byte ^ (1 << Math.floor(this.#random() * 8)))
      else out.push(byte)
    }
    return Buffer.from(out)
  }

  /** Source: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface Wire {
  /** Changes what comes back from the shell. */
  readonly damage?: (bytes: Buffer) => Buffer
  /** Changes what is typed to it. */
  readonly mistype?: (bytes: Buffer) => Buffer
  /** Holds up what comes back, piece by piece and in order, for so long. */
  readonly lateMs?: () => number
}

/** A program on a real terminal, which socat makes: what it says is recorded, as a board's console is. */
export function terminalOf(program: string, wire: Wire = {}) {
  const { damage = bytes => bytes, mistype = bytes => bytes, lateMs } = wire
  const recording = new Recording(undefined, systemClock, fault => assert.fail(fault))
  const child = spawn('socat', ['-', `EXEC:'${program}',pty,setsid,ctty,stderr,sane`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  let arriving = Promise.resolve()
  child.stdout.on('data', (bytes: Buffer) => {
    if (!lateMs) return recording.append(damage(bytes))
    arriving = arriving.then(() => systemClock.sleep(lateMs())).then(() => recording.append(damage(bytes)))
  })
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    clock: systemClock,
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) =>
        child.stdin.write(mistype(Buffer.from(text)), error => (error ? reject(error) : resolve())),
      ),
  }
  return {
    port,
    recording,
    said: () => recording.slice(0).toString(),
    [Symbol.asyncDispose]: async () => {
      await endProgram(child)
      await arriving
      recording[Symbol.dispose]()
    },
  }
}
