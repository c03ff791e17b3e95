import type { Bench } from './lib/bench.ts'
import { delta } from './flash/delta.ts'
import { writing } from './flash/writing.ts'

/** What a flash costs with everything read back, beside the tools that people use and what decoding alone costs. */
export default {
  title:
    'flash: an image of 4 GiB, about 600 MB of it data in 540 ranges, onto a loop device past the memory of the host',
  parts: [writing, delta],
} satisfies Bench
