import raw from '../../../src/drivers/flasher/raw.ts'
import { inspectImage } from '../../../src/image/inspect.ts'
import { testContext } from '../../../src/drivers/test-kit.ts'
import type { FlashMode } from '../../../src/controls/flasher.ts'

// One flash in a process of its own, as `hil` does it: inspected first, as a run does while it plans, then timed.
const [path, device, bmapPath, mode] = process.argv.slice(2) as [string, string, string, FlashMode]
const signal = AbortSignal.timeout(600_000)
const { image: found } = await inspectImage(path, 'debug', { signal })
const { bmapPath: _, ...bare } = found
const image = bmapPath === '' ? bare : { ...bare, bmapPath }
const flasher = await raw.open({}, testContext('/tmp'))
const before = process.cpuUsage()
const target = { path: device, kind: 'device' } as const
const { durationMs, writtenBytes } = await flasher.flash({ image, target, mode, signal, progress: () => {} })
const { user, system } = process.cpuUsage(before)
const maxRssBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ durationMs, writtenBytes, cpuMs: (user + system) / 1000, maxRssBytes }))
