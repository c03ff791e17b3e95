import { expect, type BoardShell } from '../fixtures/index.ts'
import { asRoot } from './as-root.ts'
import { UNIT_PROPERTIES, unitStatesOf, type UnitState } from './units.ts'

/**
 * From the host's boot to a guest's; the real ones start beside the host's own services.
 *
 * Source: the lab allows a VM two minutes to end and one to start. Eight emulated ones on a busy host were seen to need more.
 */
export const GUEST_START_MS = 180_000
const STOP_MS = 120_000

/** Guests that serve the others; all the rest are for applications. */
const SYSTEM_VMS = new Set(['net-vm', 'gui-vm', 'admin-vm', 'ids-vm', 'audio-vm', 'gpu-vm', 'disp-vm'])

export const unitOf = (guest: string): string => `microvm@${guest}.service`

/** The guests that the image has. */
export async function guestsOf(host: BoardShell): Promise<string[]> {
  const { stdout } = await host.run(['ls', '/var/lib/microvms/'])
  return stdout.split(/\s+/).filter(name => name.endsWith('-vm'))
}

/** Those of them that are there for applications. */
export async function appVmsOf(host: BoardShell): Promise<string[]> {
  return (await guestsOf(host)).filter(guest => !SYSTEM_VMS.has(guest))
}

/** What systemd says of guests' units, in one question. */
export async function statesOf(host: BoardShell, guests: readonly string[]): Promise<Map<string, UnitState>> {
  const { stdout } = await host.run(['systemctl', 'show', ...guests.map(unitOf), UNIT_PROPERTIES, '--no-pager'])
  return unitStatesOf(stdout)
}

/** The guests that run by now: one that does not is its own row's business. */
export async function runningGuests(host: BoardShell): Promise<string[]> {
  const guests = await guestsOf(host)
  let states = await statesOf(host, guests)
  await expect
    .poll(
      async () => {
        states = await statesOf(host, guests)
        return [...states.values()].filter(({ active }) => active === 'activating')
      },
      { message: 'guests still starting', timeout: GUEST_START_MS, intervals: [1000] },
    )
    .toEqual([])
  return guests.filter(guest => states.get(unitOf(guest))?.active === 'active')
}

/** A guest's unit comes up. One that failed already is told at once. */
export async function expectUp(host: BoardShell, guest: string): Promise<void> {
  const state = async (): Promise<string> => {
    const found = (await statesOf(host, [guest])).get(unitOf(guest))
    return `${found?.active} ${found?.sub}`
  }
  await expect
    .poll(state, { message: `${unitOf(guest)} to settle`, timeout: GUEST_START_MS, intervals: [1000] })
    .toMatch(/^(active running|failed failed|inactive dead)$/)
  expect(await state(), unitOf(guest)).toBe('active running')
}

/** The guest is a machine of its own behind the host: its own name, and answers by itself. */
export async function expectOwnMachine(host: BoardShell, guest: BoardShell, name: string | RegExp): Promise<void> {
  const inside = await guest.run(['uname', '-n'])
  expect(inside.exitCode).toBe(0)
  if (typeof name === 'string') expect(inside.stdout).toBe(name)
  else expect(inside.stdout).toMatch(name)
  expect((await host.run(['uname', '-n'])).stdout).not.toBe(inside.stdout)
}

/** Stops a guest by its unit, having left it. */
export async function stopGuest(host: BoardShell, guest: BoardShell, name: string): Promise<void> {
  await guest.leave()
  const stopped = await asRoot(host, ['systemctl', 'stop', unitOf(name)], { limitMs: STOP_MS })
  expect(stopped.exitCode, `systemctl stop ${unitOf(name)}: ${stopped.stderr}`).toBe(0)
  // Its process may end by the signal that stops it, which systemd calls a failure.
  expect((await statesOf(host, [name])).get(unitOf(name))?.active).toMatch(/^(inactive|failed)$/)
}

/** Starts it by its unit: what a test that stopped one does at its end. */
export async function startGuest(host: BoardShell, name: string): Promise<void> {
  const started = await asRoot(host, ['systemctl', 'start', unitOf(name)], { limitMs: GUEST_START_MS })
  expect(started.exitCode, `systemctl start ${unitOf(name)}: ${started.stderr}`).toBe(0)
  await expectUp(host, name)
}
