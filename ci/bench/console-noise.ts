import { damagedLine } from './console-noise/damaged-line.ts'
import { foreignText } from './console-noise/foreign-text.ts'
import type { Bench } from './lib/bench.ts'

/** How exact commands over a console are while others print to it, and on a line that damages what is sent. */
export default {
  title: 'console-noise: commands on a noisy console, beside labgrid and pexpect on the same board',
  parts: [foreignText, damagedLine],
} satisfies Bench
