import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { FlashMode } from '../../../src/controls/flasher.ts'

/** What one flash of ours took. */
export interface OurFlash {
  readonly durationMs: number
  readonly writtenBytes: number
  readonly readBackBytes: number
  /** Of all processes it takes. */
  readonly cpuMs: number
  /** The most that the process took which flashes. */
  readonly flashRssBytes: number
  /** That, and the most that the one took which asked for it; what both map is counted twice. */
  readonly maxRssBytes: number
}

/** Flashes once with `hil`'s writer. `wrap` puts the command line into something that limits it. */
export function ourFlash(
  { path, bmapPath = '', device, mode }: { path: string; bmapPath?: string; device: string; mode: FlashMode },
  cacheDir: string,
  wrap: (argv: string[]) => string[] = argv => argv,
): OurFlash {
  const argv = wrap([process.execPath, join(import.meta.dirname, 'once.ts'), path, device, bmapPath, mode])
  // As src/cli/hil sets it: without, every thread would first translate its program again.
  const env = { ...process.env, NODE_COMPILE_CACHE: cacheDir }
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`the flash ended with ${status}\n${stderr}`)
  return JSON.parse(stdout) as OurFlash
}

/** The same without the decoder beneath Node's streams, as it is done where a Node.js has changed it. */
export function fallbackFlash(...[flash, cacheDir]: Parameters<typeof ourFlash>): OurFlash {
  return ourFlash(flash, cacheDir, argv => ['env', 'HIL_ZSTD=stream', ...argv])
}

/** How long a shell command takes, in ms. */
export function timed(command: string): number {
  const startMs = performance.now()
  const { status, stderr } = spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (status !== 0) throw new Error(`'${command}' ended with ${status}\n${stderr}`)
  return performance.now() - startMs
}
