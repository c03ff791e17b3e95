import { join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, type Row, unmeasured } from '../lib/row.ts'
import { Card, cardMissing, SlowWrites } from './card.ts'
import { ourFlash } from './run.ts'
import { makeImage } from './sparse-image.ts'

const NAME = 'a nightly that differs in 5 %, onto a card of 40 MB/s'
const TARGET = { ratioAtMost: 0.6 }
const CARD_BYTES_PER_SECOND = 40e6

/** Flashing what is nearly there already, on a medium that writes as slowly as a card. */
export const delta: Part = {
  name: 'delta',
  async measure(options) {
    const missing = cardMissing()
    return missing === undefined ? rowsOf(options) : [unmeasured(NAME, 'ms', missing, TARGET)]
  },
}

function rowsOf({ runs, say }: BenchOptions): Row[] {
  using card = new Card()
  const { device, folder } = card
  using slow = SlowWrites.to(device, CARD_BYTES_PER_SECOND)
  if (!slow) return [unmeasured(NAME, 'ms', 'the control groups of this host cannot limit block devices', TARGET)]
  say('making the images')
  const old = makeImage(folder, 'monday')
  const nightly = makeImage(folder, 'tuesday', 0.05)
  const cache = join(folder, 'compile')
  const full: number[] = []
  const deltas: number[] = []
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    for (const mode of ['full', 'delta'] as const) {
      ourFlash({ path: old.zst, bmapPath: old.bmap, device, mode: 'full' }, cache)
      const flash = { path: nightly.zst, bmapPath: nightly.bmap, device, mode }
      const { durationMs, writtenBytes } = ourFlash(flash, cache, argv => slow.wrap(argv))
      const rate = writtenBytes / (durationMs / 1000)
      if (rate > CARD_BYTES_PER_SECOND * 1.1)
        return [unmeasured(NAME, 'ms', `the kernel let ${Math.round(rate / 1e6)} MB/s through`, TARGET)]
      ;(mode === 'full' ? full : deltas).push(durationMs)
    }
  }
  return [
    measured({
      name: NAME,
      unit: 'ms',
      values: deltas,
      against: { name: 'a full flash', values: full },
      target: TARGET,
    }),
  ]
}
