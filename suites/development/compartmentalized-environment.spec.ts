import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { appGuests, displaysIn, environmentFlaws, guestsIn, isStarting } from './compartments.ts'

const test = feature('compartmentalized-environment')

/** From the host's boot until the last guest is up; the real ones need a minute. */
const START_MS = 120_000
/** Stopping a guest asks its system to end first. */
const STOP_MS = 120_000

/** What runs once no guest is on its way any more. */
async function guests(shell: BoardShell): Promise<ReadonlyMap<string, boolean>> {
  const argv = ['systemctl', 'list-units', 'microvm@*', '--all', '--no-legend', '--no-pager', '--plain']
  let units = ''
  const starting = async (): Promise<boolean> => isStarting((units = (await shell.run(argv)).stdout))
  await expect.poll(starting, { message: 'guests still starting', timeout: START_MS, intervals: [2000] }).toBe(false)
  return guestsIn(units)
}

test('net-vm, gui-vm and guests with applications run', async ({ shell }) => {
  expect(environmentFlaws(await guests(shell)), 'what the environment lacks').toEqual([])
})

test('each guest is a machine of its own, with files of its own', async ({ shell, vm }) => {
  const [app] = appGuests(await guests(shell))
  expect(app, 'a guest with applications').toBeDefined()
  const mark = `/tmp/hil-${Math.trunc(performance.now())}`
  const inside = [vm('gui-vm'), vm(app!)]
  expect((await vm(app!).sh(`echo mine > ${mark} && cat ${mark}`)).stdout, `what ${app} wrote`).toBe('mine')
  try {
    for (const other of [shell, inside[0]!])
      await expect(other, `${other.name} sees a file of ${app}`).toRun(['test', '-e', mark], { exitCode: 1 })
  } finally {
    await vm(app!).run(['rm', '-f', mark])
  }
  const names = await Promise.all([shell, ...inside].map(async place => (await place.run(['uname', '-n'])).stdout))
  expect(new Set(names).size, `the names of host, gui-vm and ${app}: ${names.join(', ')}`).toBe(3)
})

test('the display is the gui-vm’s, not the host’s', async ({ shell, vm, board }) => {
  test.skip(board.twin, 'a virtual board has no display adapter to be passed through')
  const driver = await shell.run(['readlink', '/sys/bus/pci/devices/0000:00:02.0/driver'])
  expect(driver.stdout, 'the driver of the display adapter on the host').toMatch(/\/vfio-pci$/)
  const inside = await vm('gui-vm').run(['lspci', '-n'])
  expect(displaysIn(inside.stdout), 'display adapters in gui-vm').not.toEqual([])
})

test('stopping one guest leaves the others as they are', async ({ shell }) => {
  const before = await guests(shell)
  const [app] = appGuests(before)
  expect(app, 'a guest with applications').toBeDefined()
  const act = async (what: 'stop' | 'start'): Promise<void> => {
    const done = await asRoot(shell, ['systemctl', what, `microvm@${app}.service`], { limitMs: STOP_MS })
    expect(done.exitCode, `systemctl ${what} of ${app}: ${done.stderr}`).toBe(0)
  }
  await act('stop')
  try {
    const after = await guests(shell)
    expect(after.get(app!) ?? false, `${app} runs`).toBe(false)
    const others = [...before].filter(([name, runs]) => runs && name !== app).map(([name]) => name)
    expect(
      others.filter(name => !after.get(name)),
      `guests that ended with ${app}`,
    ).toEqual([])
  } finally {
    await act('start')
  }
  expect((await guests(shell)).get(app!), `${app} runs again`).toBe(true)
})
