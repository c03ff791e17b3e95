import { join } from 'node:path'
import { findProgram } from '../../../src/base/program.ts'
import { openZstdEngine } from '../../../src/drivers/flasher/raw/zstd-engine.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, type Row, unmeasured } from '../lib/row.ts'
import { Card, cardMissing } from './card.ts'
import { fallbackFlash, ourFlash, timed, type OurFlash } from './run.ts'
import { IMAGE_BYTES, makeImage } from './sparse-image.ts'

const ZST_BMAP = 'zst + block map, all read back'
const RAW_BMAP = 'raw + block map, all read back'
const ZST = 'zst without a block map, all read back'
const FALLBACK = 'zst + block map with the fallback decoder, all read back'
const FLOOR = 'zstd -dc > /dev/null'

/** Full flashes of one image, in turn with the tools that people use; whatever does not verify is followed by `cmp`. */
export const writing: Part = {
  name: 'writing',
  async measure(options) {
    const missing = cardMissing()
    return missing === undefined ? rowsOf(samplesOf(options)) : [unmeasured(ZST_BMAP, 'ms', missing)]
  },
}

interface Samples {
  readonly floor: number[]
  readonly zstBmap: OurFlash[]
  readonly rawBmap: OurFlash[]
  readonly zst: OurFlash[]
  readonly fallback: OurFlash[]
  readonly bmaptoolZst: number[]
  readonly bmaptoolRaw: number[]
  readonly dd: number[]
  readonly zstdDd: number[]
}

function samplesOf({ runs, say }: BenchOptions): Samples {
  using card = new Card()
  const { device, folder } = card
  say('making the image')
  const { raw, zst, bmap } = makeImage(folder, 'ghaf')
  const cache = join(folder, 'compile')
  const compare = `cmp -n ${IMAGE_BYTES} ${raw} ${device}`
  const bmaptool = findProgram('bmaptool')
  const samples: Samples = {
    floor: [],
    zstBmap: [],
    rawBmap: [],
    zst: [],
    fallback: [],
    bmaptoolZst: [],
    bmaptoolRaw: [],
    dd: [],
    zstdDd: [],
  }
  const steps: Record<keyof Samples, () => unknown> = {
    floor: () => samples.floor.push(timed(`zstd -dc ${zst}`)),
    zstBmap: () => samples.zstBmap.push(ourFlash({ path: zst, bmapPath: bmap, device, mode: 'full' }, cache)),
    rawBmap: () => samples.rawBmap.push(ourFlash({ path: raw, bmapPath: bmap, device, mode: 'full' }, cache)),
    zst: () => samples.zst.push(ourFlash({ path: zst, device, mode: 'full' }, cache)),
    fallback: () => samples.fallback.push(fallbackFlash({ path: zst, bmapPath: bmap, device, mode: 'full' }, cache)),
    bmaptoolZst: () =>
      bmaptool && samples.bmaptoolZst.push(timed(`${bmaptool} copy --bmap ${bmap} ${zst} ${device} && ${compare}`)),
    bmaptoolRaw: () =>
      bmaptool && samples.bmaptoolRaw.push(timed(`${bmaptool} copy --bmap ${bmap} ${raw} ${device} && ${compare}`)),
    dd: () => samples.dd.push(timed(`dd if=${raw} of=${device} bs=4M oflag=direct && ${compare}`)),
    zstdDd: () =>
      samples.zstdDd.push(timed(`zstd -dc ${zst} | dd of=${device} bs=4M iflag=fullblock oflag=direct && ${compare}`)),
  }
  // Once without counting: it fills the compile cache and the memory that every later run finds.
  card.clear()
  ourFlash({ path: zst, bmapPath: bmap, device, mode: 'full' }, cache)
  if (timed(compare) < 0) throw new Error('a clock that runs backwards')
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    const names = Object.keys(steps) as (keyof Samples)[]
    for (const name of run % 2 === 0 ? names : names.toReversed()) {
      // They write all of the 4 GiB, and only say what everybody knows.
      if ((name === 'dd' || name === 'zstdDd') && run > 1) continue
      card.clear()
      steps[name]()
    }
  }
  return samples
}

function rowsOf(samples: Samples): Row[] {
  const { floor, zstBmap, rawBmap, zst, fallback, bmaptoolZst, bmaptoolRaw, dd, zstdDd } = samples
  const durations = (flashes: readonly OurFlash[]): number[] => flashes.map(({ durationMs }) => durationMs)
  const floorPeer = { name: FLOOR, values: floor }
  const noTool = 'bmaptool is not installed: apt-get install bmap-tools'
  const besideTool = (
    name: string,
    ours: readonly OurFlash[],
    theirs: readonly number[],
    peer: string,
    ratioAtMost: number,
  ): Row =>
    theirs.length === 0
      ? unmeasured(name, 'ms', noTool, { ratioAtMost })
      : measured({
          name,
          unit: 'ms',
          values: durations(ours),
          against: { name: peer, values: theirs },
          target: { ratioAtMost },
        })
  return [
    measured({
      name: ZST_BMAP,
      unit: 'ms',
      values: durations(zstBmap),
      against: floorPeer,
      target: { ratioAtMost: openZstdEngine() ? 1.4 : 2.3 },
    }),
    measured({
      name: FALLBACK,
      unit: 'ms',
      values: durations(fallback),
      against: floorPeer,
      target: { ratioAtMost: 2.3 },
    }),
    besideTool(ZST_BMAP, zstBmap, bmaptoolZst, 'bmaptool zst + cmp', 0.4),
    besideTool(RAW_BMAP, rawBmap, bmaptoolRaw, 'bmaptool raw + cmp', 0.7),
    measured({ name: ZST, unit: 'ms', values: durations(zst), against: floorPeer, target: { ratioAtMost: 2 } }),
    measured({ name: ZST_BMAP, unit: 'ms', values: durations(zstBmap), against: { name: 'dd + cmp', values: dd } }),
    measured({ name: ZST, unit: 'ms', values: durations(zst), against: { name: 'zstd | dd + cmp', values: zstdDd } }),
    measured({
      name: `${ZST_BMAP}: processor time`,
      unit: 'ms',
      values: zstBmap.map(({ cpuMs }) => cpuMs),
      against: floorPeer,
    }),
    measured({
      name: 'most memory of a flash',
      unit: 'MiB',
      values: [...zstBmap, ...rawBmap, ...zst].map(({ flashRssBytes }) => flashRssBytes / MIB),
      target: { atMost: 200e6 / MIB },
    }),
    measured({
      name: 'most memory of a flash with the fallback decoder',
      unit: 'MiB',
      values: fallback.map(({ flashRssBytes }) => flashRssBytes / MIB),
      target: { atMost: 200e6 / MIB },
    }),
    measured({
      name: 'most memory of a flash and of who asked for it, shared code counted twice',
      unit: 'MiB',
      values: [...zstBmap, ...rawBmap, ...zst].map(({ maxRssBytes }) => maxRssBytes / MIB),
    }),
  ]
}

const MIB = 2 ** 20
