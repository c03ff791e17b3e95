import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Lease } from '../agent/agent.ts'
import type { Budget } from '../model/budget.ts'
import { isDoubtful } from '../model/diagnosis.ts'
import type { FlashProof, NewEvent, Stage } from '../model/event.ts'
import type { Image, Variant } from '../model/image.ts'
import type { BootProof } from '../model/running.ts'
import { rememberImageBoot } from './boot-record.ts'
import { install, isInstaller } from './install.ts'
import { budgetWords, type Budgets } from './budgets.ts'
import { beginFlash, lastFlash, rememberFlash, unflashedSince } from './last-flash.ts'
import { proveBoot, type ShellPlace } from './prove-boot.ts'
import { sourceOf } from './source.ts'

/** How to flash, where that is not left to the flasher. */
export type FlashHow = Omit<NonNullable<FlashArguments[3]>, 'begins'>
type FlashArguments = Parameters<Lease['live']['flash']>

export interface ProvisionMeans {
  readonly clock: Clock
  readonly emit: (event: NewEvent) => void
  readonly signal: AbortSignal
  /** What is learned of how long the board takes; absent: its limits are what they are. */
  readonly budgets?: Promise<Budgets | undefined>
}

/**
 * Lease → an image proven on the medium, a booted board, a shell. Errors: the fault that stopped it;
 * `configuration/unflashed` where nothing is to be flashed onto a medium that an earlier flash left half written.
 */
export async function provision(
  lease: Lease,
  image: Image | null,
  variant: Variant,
  means: ProvisionMeans,
): Promise<void> {
  const { live, board, facts } = lease
  if (board.type.alwaysOn) return stage(means, board.name, 'login', () => enter(lease, means))
  if (image) {
    await stage(means, board.name, 'flash', () => flashImage(lease, image, means))
  } else {
    mustBeFlashed(board.name, board.stateDir)
    facts.image = lastFlash(board.stateDir)?.image ?? null
    await live.powerOff(means.signal)
  }
  const place = await bootAndProve(lease, variant, means)
  if (!image || variant === 'release' || !(await isInstaller(lease, place, means))) return
  await stage(means, board.name, 'flash', () => install(lease, place, means))
  await bootAndProve(lease, variant, means)
}

/** Nothing is put on a machine that is always on: it has to answer, and to say from what it builds. */
async function enter(lease: Lease, { emit, signal }: ProvisionMeans): Promise<void> {
  const { live, board, facts } = lease
  const { builds } = board.spec
  if (builds) {
    facts.image = await sourceOf(lease, builds, signal)
    emit({ type: 'source', board: board.name, image: facts.image })
    return
  }
  const { exitCode } = await live.run({ by: 'ssh' }, ['true'], { limitMs: live.limitsMs.login, signal })
  if (exitCode === 0) return
  throw new Fault('infrastructure/builder', {
    expected: `commands to run on ${board.name}`,
    seen: `'true' ended with exit code ${exitCode}`,
  })
}

/** What a flash left half written boots nothing, and that would be called the product's fault. */
function mustBeFlashed(board: string, stateDir: string): void {
  const since = unflashedSince(stateDir)
  if (since === null) return
  throw new Fault('configuration/unflashed', {
    expected: `a flashed medium of ${board}`,
    seen: `one whose flash began at ${since} and did not end`,
  })
}

/** Switches a board on and finds out what runs; gives back where its shell is. */
export async function bootAndProve(lease: Lease, variant: Variant, means: ProvisionMeans): Promise<ShellPlace> {
  const { live, board, facts } = lease
  const startedMs = means.clock.ticksMs()
  const loginOnConsole = variant === 'debug'
  if (!loginOnConsole) live.expectNoConsoleLogin()
  const budgets = await means.budgets
  const limitMs = budgets?.boot.limitMs
  const booting = (): ReturnType<typeof live.boot> =>
    live.boot({ loginOnConsole, ...(limitMs !== undefined && { limitMs }) }, means.signal)
  /** Says of a wait that was too long for a board how that was learned. */
  const told = (budget: Budget | undefined) => (error: unknown) => {
    const words = budget && isDoubtful(asFault(error)) && budgetWords(budget)
    if (words) means.emit({ type: 'note', board: board.name, text: words })
    throw error
  }
  const { by } = await stage(means, board.name, 'boot', booting).catch(told(budgets?.boot))
  const place = { by: by === 'console' ? 'serial' : 'ssh' } as const
  facts.boot = null
  const login = budgets?.login[by]
  const entering = async (): Promise<void> => {
    if (variant === 'release')
      // It lets nobody in: that its SSH server answers at all, if only to refuse, is the proof that it is up.
      await live.trySsh(board.spec.login.user, board.spec.login.password ?? '', means.signal, login?.limitMs)
    else facts.boot = await proveBoot(lease, place, means, login?.limitMs)
  }
  await stage(means, board.name, 'login', entering).catch(told(login))
  const proof = facts.boot as BootProof | null
  facts.bootId = proof?.bootId ?? null
  const durationMs = means.clock.ticksMs() - startedMs
  means.emit({ type: 'booted', board: board.name, bootId: facts.bootId, by, durationMs, ...(proof && { proof }) })
  if (facts.image) rememberImageBoot(board.stateDir, facts.image.sha256, means.clock.nowMs(), proof?.firmware)
  return place
}

/** Brackets some work with the stage events that progress and reports are made of. */
export async function stage<T>(means: ProvisionMeans, board: string, name: Stage, work: () => Promise<T>): Promise<T> {
  means.emit({ type: 'stage', board, stage: name, state: 'begin' })
  const result = await work()
  means.emit({ type: 'stage', board, stage: name, state: 'end' })
  return result
}

/** Flashes a leased board and remembers what is on its medium. */
export async function flashImage(
  lease: Lease,
  image: Image,
  { clock, emit, signal }: ProvisionMeans,
  how: FlashHow = {},
): Promise<FlashProof> {
  const { live, board, facts } = lease
  const before = lastFlash(board.stateDir)
  const writes = !how.dryRun && how.mode !== 'verify'
  const takeBack = writes ? beginFlash(board.stateDir, clock.nowMs()) : undefined
  let isBegun = false
  const begins = (): void => void (isBegun = true)
  const progress: FlashArguments[1] = ({ phase, doneBytes, totalBytes }) =>
    emit({
      type: 'progress',
      board: board.name,
      stage: 'flash',
      done: doneBytes,
      total: totalBytes,
      unit: UNITS[phase],
    })
  let proof: FlashProof
  try {
    proof = await live.flash(image, progress, signal, { ...how, begins })
  } catch (error) {
    if (!isBegun) takeBack?.()
    throw error
  } finally {
    // `hil ssh` keeps the keys it was shown here; the new image will have others.
    if (isBegun) rmSync(join(board.stateDir, 'known_hosts'), { force: true })
  }
  if (proof.dryRun) return proof
  // A medium that was only compared keeps the stamp it has.
  const kept = proof.mode === 'verify' && before?.image.sha256 === image.sha256 ? before.medium : undefined
  const medium = proof.medium ?? kept
  facts.image = image
  facts.flash = proof
  rememberFlash(board.stateDir, { image, ...(medium && { medium }) })
  emit({ type: 'flashed', board: board.name, proof, image })
  return proof
}

const UNITS = { write: 'B', verify: 'B read back' } as const
