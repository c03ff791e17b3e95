import type { Lease } from '../agent/agent.ts'
import { Fault } from '../base/fault.ts'
import { humanDuration } from '../base/text.ts'
import { lastFlash, rememberFlash } from './last-flash.ts'
import type { ShellPlace } from './prove-boot.ts'
import type { ProvisionMeans } from './provision.ts'

/** What the images that install Ghaf call themselves. */
const INSTALLER = 'ghaf-installer'

/** Whether a board that is to be installed came up as an installer; one that did not runs what is to be tested already. */
export async function isInstaller(
  { live, board }: Lease,
  place: ShellPlace,
  { signal }: ProvisionMeans,
): Promise<boolean> {
  if (!board.spec.install) return false
  const { stdout } = await live.run(place, ['uname', '-n'], { limitMs: live.limitsMs.login, signal })
  return stdout.toString().trim() === INSTALLER
}

/**
 * Has the installer install on the disk inside the board and takes the medium away: the next boot is from that disk.
 *
 * Errors: those of the installer; `configuration/bench-file` for a disk that is the medium it runs from.
 */
export async function install(lease: Lease, place: ShellPlace, means: ProvisionMeans): Promise<void> {
  const { live, board, facts } = lease
  const order = board.spec.install!
  const startedMs = means.clock.ticksMs()
  const options = { limitMs: live.limitsMs.login, signal: means.signal }
  const { stdout } = await live.run(place, ['readlink', '-f', order.device], options)
  mustLieInside(order.device, stdout.toString().trim(), facts.boot?.disk)
  await live.install(order, means.signal)
  await live.removeMedium(means.signal)
  const took = humanDuration(means.clock.ticksMs() - startedMs)
  means.emit({
    type: 'note',
    board: board.name,
    text: `installed on ${order.device} in ${took}, the medium is removed`,
  })
  const flash = facts.flash
  if (!flash?.medium) return
  facts.flash = { ...flash, medium: { id: flash.medium.id, stamped: false, boots: 'inside' } }
  const last = lastFlash(board.stateDir)
  if (last) rememberFlash(board.stateDir, { ...last, medium: facts.flash.medium! })
}

/** `path`: what the board says the device is. `bootedFrom`: the disk that the installer runs from, where that is known. */
export function mustLieInside(device: string, path: string, bootedFrom: string | null | undefined): void {
  if (!bootedFrom || path !== `/dev/${bootedFrom}`) return
  throw new Fault('configuration/bench-file', {
    expected: `a disk inside the board as its install.device`,
    seen: `${device}, which is ${bootedFrom}: the medium that the installer itself runs from`,
    next: 'name the disk by /dev/disk/by-id: names like nvme0n1 are given in the order in which the kernel finds them',
  })
}
