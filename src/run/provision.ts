import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/time.ts'
import type { Lease } from '../agent/agent.ts'
import type { FlashProof, NewEvent, Stage } from '../model/event.ts'
import type { Image, Variant } from '../model/image.ts'

export interface ProvisionMeans {
  readonly clock: Clock
  readonly emit: (event: NewEvent) => void
  readonly signal: AbortSignal
}

/** Lease → an image proven on the medium, a booted board, a shell. Errors: the fault that stopped it. */
export async function provision(
  lease: Lease,
  image: Image | null,
  variant: Variant,
  means: ProvisionMeans,
): Promise<void> {
  const { live, board, facts } = lease
  if (image) {
    await stage(means, board.name, 'flash', () => flashImage(lease, image, means))
  } else {
    facts.image = lastFlashed(board.stateDir)
    await live.powerOff(means.signal)
  }
  const startedMs = means.clock.ticksMs()
  const loginOnConsole = variant === 'debug'
  if (!loginOnConsole) live.expectNoConsoleLogin()
  const { by } = await stage(means, board.name, 'boot', () => live.boot({ loginOnConsole }, means.signal))
  await stage(means, board.name, 'login', async () => {
    if (variant === 'release') {
      facts.bootId = null
      // It lets nobody in: that its SSH server answers at all, if only to refuse, is the proof that it is up.
      await live.trySsh(board.spec.login.user, board.spec.login.password ?? '', means.signal)
      return
    }
    const place = { by: by === 'console' ? 'serial' : 'ssh' } as const
    const bootId = await live.run(place, ['cat', '/proc/sys/kernel/random/boot_id'], {
      limitMs: live.limitsMs.boot + live.limitsMs.ssh,
      signal: means.signal,
    })
    facts.bootId = bootId.stdout.toString().trim() || null
  })
  const durationMs = means.clock.ticksMs() - startedMs
  means.emit({ type: 'booted', board: board.name, bootId: facts.bootId, by, durationMs })
}

/** Brackets some work with the stage events that progress and reports are made of. */
export async function stage<T>(means: ProvisionMeans, board: string, name: Stage, work: () => Promise<T>): Promise<T> {
  means.emit({ type: 'stage', board, stage: name, state: 'begin' })
  const result = await work()
  means.emit({ type: 'stage', board, stage: name, state: 'end' })
  return result
}

/** Flashes a leased board and remembers what is on its medium. */
export async function flashImage(lease: Lease, image: Image, { emit, signal }: ProvisionMeans): Promise<FlashProof> {
  const { live, board, facts } = lease
  // From here on nobody may believe in what was on the medium before.
  writeFileSync(lastFlashPath(board.stateDir), 'null')
  // `hil ssh` keeps the keys it was shown here; the new image will have others.
  rmSync(join(board.stateDir, 'known_hosts'), { force: true })
  const proof = await live.flash(
    image,
    ({ phase, doneBytes, totalBytes }) =>
      emit({
        type: 'progress',
        board: board.name,
        stage: 'flash',
        done: doneBytes,
        total: totalBytes,
        unit: phase === 'write' ? 'B' : 'B read back',
      }),
    signal,
  )
  facts.image = image
  facts.flash = proof
  writeFileSync(lastFlashPath(board.stateDir), JSON.stringify(image))
  emit({ type: 'flashed', board: board.name, proof, image })
  return proof
}

/** The image last proven on this board's medium; null when that is not known. */
export function lastFlashed(stateDir: string): Image | null {
  try {
    return JSON.parse(readFileSync(lastFlashPath(stateDir), 'utf8')) as Image | null
  } catch {
    return null
  }
}

function lastFlashPath(stateDir: string): string {
  return join(stateDir, 'last-flash.json')
}
