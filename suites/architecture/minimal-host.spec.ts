import { expect, feature } from '../../fixtures/index.ts'
import { strangersIn } from './listeners.ts'

const test = feature('minimal-host')

test('from outside the host answers to SSH and to nothing else', async ({ shell }) => {
  const sockets = await shell.run(['ss', '-tlnH'])
  expect(sockets.exitCode, sockets.stderr).toBe(0)
  expect(sockets.stdout, 'SSH is up, or nothing was asked').toMatch(/:22\s/)
  expect(strangersIn(sockets.stdout), 'other sockets that listen').toEqual([])
})

test('no desktop runs on it', async ({ shell, board }) => {
  test.skip(!board.traits.includes('guivm'), 'this type of board has its desktop on the host')
  await expect(shell).toRun(['pgrep', '-xl', 'cosmic-comp|weston|labwc|sway|cage'], { exitCode: 1, stdout: /^$/ })
})

test('no application of a guest runs on it', async ({ shell }) => {
  await expect(shell).toRun(['pgrep', '-xl', 'chromium|chrome|element-desktop|zathura|gala'], {
    exitCode: 1,
    stdout: /^$/,
  })
})
