import type { Lease } from '../agent/agent.ts'
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

/** Has the installer install on the disk inside the board and takes the medium away: the next boot is from that disk. */
export async function install({ live, board, facts }: Lease, means: ProvisionMeans): Promise<void> {
  const order = board.spec.install!
  const startedMs = means.clock.ticksMs()
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
