import raw from '../../../src/drivers/flasher/raw.ts'
import { inspectImage } from '../../../src/image/inspect.ts'
import { testContext } from '../../../src/drivers/test-kit.ts'
import type { FlashMode } from '../../../src/controls/flasher.ts'
import { childCpuMs, childPeakBytes } from './children.ts'

// One flash in a process of its own, as `hil` does it: inspected first, as a run does while it plans, then timed.
const [path, device, bmapPath, mode] = process.argv.slice(2) as [string, string, string, FlashMode]
const signal = AbortSignal.timeout(600_000)
const { image: found } = await inspectImage(path, 'debug', { signal })
const { bmapPath: _, ...bare } = found
const image = bmapPath === '' ? bare : { ...bare, bmapPath }
const flasher = await raw.open({}, testContext('/tmp'))
const before = process.cpuUsage()
const beforeChildMs = childCpuMs()
const target = { path: device, kind: 'device' } as const
let peakBytes = 0
const progress = (): void => void (peakBytes = Math.max(peakBytes, childPeakBytes()))
const { durationMs, writtenBytes, readBackBytes } = await flasher.flash({ image, target, mode, signal, progress })
// Only of a child that ended is it known what it took.
process.once('beforeExit', () => {
  const { user, system } = process.cpuUsage(before)
  const cpuMs = (user + system) / 1000 + childCpuMs() - beforeChildMs
  const maxRssBytes = process.resourceUsage().maxRSS * 1024 + peakBytes
  const found = { durationMs, writtenBytes, readBackBytes, cpuMs, flashRssBytes: peakBytes, maxRssBytes }
  process.stdout.write(JSON.stringify(found))
})
