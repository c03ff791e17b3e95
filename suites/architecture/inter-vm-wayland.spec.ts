import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { appVmsOf } from '../guests.ts'
import { NO_GRAPHICS, onDisplay } from '../applications/desktop.ts'

const test = feature('inter-vm-wayland')

test.beforeEach(({ board }) => {
  test.skip(board.twin, NO_GRAPHICS)
})

test('the host passes connections of application VMs on to gui-vm', async ({ shell }) => {
  const units = ['systemctl', 'list-units', 'vsockproxy*', '--state=running', '--no-legend', '--no-pager', '--plain']
  await expect(shell).toRun(units, { stdout: /vsockproxy/, withinMs: 15_000 })
})

test('gui-vm takes windows of application VMs', async ({ vm }) => {
  await expect(vm('gui-vm')).toRun(['pgrep', '-f', '[w]aypipe.*client'], { withinMs: 30_000 })
})

test('an application’s window changes the screen', async ({ shell, vm }) => {
  const [home] = await appVmsOf(shell)
  const desktop = vm('gui-vm')
  const picture = async (): Promise<Buffer> => (await asRoot(desktop, onDisplay('grim -s 0.25 -t ppm -'))).stdoutBytes
  const before = await picture()
  expect(before.length, 'bytes of a picture of the screen').toBeGreaterThan(64)
  // The application that every image of the row has.
  await expect(desktop).toRun(['ghaf-open', 'PDF Viewer'])
  try {
    await expect
      .poll(async () => !(await picture()).equals(before), {
        message: 'another picture',
        timeout: 20_000,
        intervals: [1000],
      })
      .toBe(true)
  } finally {
    await vm(home!).run(['pkill', '-f', '[z]athura|[e]vince|[p]apers'])
  }
})
