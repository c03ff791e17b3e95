import type { Lease } from '../agent/agent.ts'
import { Fault } from '../base/fault.ts'
import { diskOf, judgeDisk, judgeVersion, needsStamps } from '../model/boot-proof.ts'
import type { BootProof, FlashedMedium, Running } from '../model/running.ts'
import { lastFlash, rememberBoot } from './last-flash.ts'
import type { ProvisionMeans } from './provision.ts'

/** Where the host's shell is reached. */
export type ShellPlace = Parameters<Lease['live']['run']>[0]

/**
 * Asks a booted board what it runs, and proves that it is the image of this run on the medium that was flashed.
 *
 * One round trip, and a second one over SSH where only the stamps can tell the flashed disk from one of its size.
 * Without a flash in this run what differs from the last one is only noted. Errors: `infrastructure/wrong-disk`, `product/wrong-version`; `infrastructure/power`
 * for a board that is still in its last boot.
 */
export async function proveBoot(
  lease: Lease,
  place: ShellPlace,
  means: ProvisionMeans,
  limitMs = lease.live.limitsMs.boot + lease.live.limitsMs.ssh,
): Promise<BootProof> {
  const { live, board, facts } = lease
  const last = lastFlash(board.stateDir)
  const flashed = facts.flash ? facts.flash.medium : last?.medium
  const options = { limitMs, signal: means.signal }
  let running = await live.whatRuns(place, flashed?.id ?? '', options)
  mustBeNew(board.stateDir, running.bootId)
  const proof = {
    bootId: running.bootId,
    disk: running.root ? diskOf(running) : null,
    version: running.version ?? null,
    ...(running.firmware !== undefined && { firmware: running.firmware }),
  }
  const image = facts.image
  if (!flashed || !image) return { ...proof, by: null }
  const note = (text: string): void => means.emit({ type: 'note', board: board.name, text })
  let disk = judgeDisk(flashed, board.type, running)
  if (needsStamps(disk) && mayReadStamps(flashed, running) && board.wired.shell) {
    running = await live.readStamps(running, options).catch((error: unknown) => {
      if (!isOfSsh(error)) throw error
      note(`the stamps of its disks could not be read: saw ${error.seen}`)
      return running
    })
    disk = judgeDisk(flashed, board.type, running)
  }
  if (disk.is === 'unsure') note(`whether it runs from the flashed medium could not be told: ${disk.why}`)
  const fault = disk.is === 'wrong' ? disk.fault : judgeVersion(image, running, disk)
  if (fault && facts.flash) throw fault
  if (fault) note(`it does not run what was flashed last: expected ${fault.expected}; saw ${fault.seen}`)
  return { ...proof, by: disk.is === 'right' ? disk.by : null }
}

/** A board that never lost its power would be tested with whatever ran before, whatever lies on its medium. */
function mustBeNew(stateDir: string, bootId: string): void {
  if (rememberBoot(stateDir, bootId) !== bootId) return
  throw new Fault('infrastructure/power', {
    expected: 'a new boot after the power was switched off and on',
    seen: `the boot of the last run (boot id ${bootId}): the board never went off`,
    next: 'check that power.off of this board really takes its power away: a battery or a second supply?',
  })
}

/** Whether SSH works is for the tests to find out; a board without it may have much else to show. */
function isOfSsh(error: unknown): error is Fault {
  return error instanceof Fault && /\/ssh-/.test(error.code)
}

/** Stamps decide where they were written and nobody has read them yet. */
function mayReadStamps(flashed: FlashedMedium, running: Running): boolean {
  return flashed.stamped && running.root !== null && running.disks.every(disk => disk.stamp === undefined)
}
