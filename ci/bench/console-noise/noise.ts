import { eventually } from '../../e2e/processes.ts'
import type { LiveBoard } from '../../../src/bench/live-board.ts'

/** What the tiny image does with `hil.noise=USER,KERNEL`: lines of each kind every 20 ms, while /tmp/noise exists. */
export const NOISE_ARGS = 'hil.noise=3,16 loglevel=7 printk.devkmsg=on'

const USER = /\[ {2}OK {2}\] Started Some Unit of Ghaf, number/g
const KERNEL = /usb 1-1: noise: ffs_data_put\(\): freeing, bcdVersion must be 0x0100, line/g

/** Lines that arrived, each kind per second. */
export interface Arrived {
  readonly user: number
  readonly kernel: number
}

/** Has the board print, and resolves when it does. */
export async function startNoise(live: LiveBoard): Promise<void> {
  const from = live.recording.end
  await live.run({ by: 'serial' }, ['touch', '/tmp/noise'], { limitMs: 20_000 })
  await eventually('noise on the console', () => {
    const said = live.recording.slice(from).toString('latin1')
    return said.search(USER) >= 0 && said.search(KERNEL) >= 0
  })
}

/** Has the board be quiet again. */
export async function stopNoise(live: LiveBoard): Promise<void> {
  await live.run({ by: 'serial' }, ['rm', '-f', '/tmp/noise'], { limitMs: 20_000 })
}

/** Counts the lines that arrive while something is done. */
export async function arrivedDuring(live: LiveBoard, work: () => Promise<void>): Promise<Arrived> {
  const counts = { user: 0, kernel: 0 }
  let tail = ''
  using _counting = live.recording.follow(chunk => {
    const text = tail + Buffer.from(chunk).toString('latin1')
    // Counted up to the last whole line, so that none is counted twice or in halves.
    const whole = text.lastIndexOf('\n') + 1
    tail = text.slice(whole)
    counts.user += text.slice(0, whole).match(USER)?.length ?? 0
    counts.kernel += text.slice(0, whole).match(KERNEL)?.length ?? 0
  })
  const startedMs = performance.now()
  await work()
  const seconds = (performance.now() - startedMs) / 1000
  return { user: counts.user / seconds, kernel: counts.kernel / seconds }
}
