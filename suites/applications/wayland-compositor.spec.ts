import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { COMPOSITORS, desktopOf, NO_GRAPHICS, onDisplay } from './desktop.ts'
import { pictureComplaint } from './picture.ts'

const test = feature('wayland-compositor')

test.beforeEach(({ board }) => {
  test.skip(board.twin, NO_GRAPHICS)
})

test('a compositor runs where this type of board has its desktop', async ({ shell, vm, board }) => {
  await expect(desktopOf(board, { shell, vm })).toRun(['pgrep', '-x', COMPOSITORS], { withinMs: 60_000 })
})

test('it offers a display to applications', async ({ shell, vm, board }) => {
  const desktop = desktopOf(board, { shell, vm })
  expect((await asRoot(desktop, onDisplay('test -n "$s"'))).exitCode, 'a Wayland socket in /run/user').toBe(0)
})

test('something is on the screen', async ({ shell, vm, board }) => {
  const shot = await asRoot(desktopOf(board, { shell, vm }), onDisplay('grim -s 0.25 -t ppm -'))
  expect(shot.exitCode, shot.stderr).toBe(0)
  expect(pictureComplaint(shot.stdoutBytes)).toBeUndefined()
})
