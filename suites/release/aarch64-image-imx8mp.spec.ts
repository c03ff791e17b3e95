import { expect, feature } from '../../fixtures/index.ts'
import { expectHealthy, expectIdentity } from './image-checks.ts'

const test = feature('aarch64-image-imx8mp')

test('the image boots on this architecture', async ({ shell }) => {
  await expect(shell).toRun(['uname', '-m'], { stdout: /^aarch64$/ })
  await expectIdentity(shell)
})

test('the board is an i.MX 8M Plus', async ({ shell }) => {
  const model = await shell.run(['cat', '/proc/device-tree/model'])
  expect(model.stdout).toMatch(/i\.?MX ?8M ?Plus/i)
})

test('the root file system is on the card', async ({ shell, board }) => {
  const root = await shell.run(['findmnt', '-nvo', 'SOURCE', '/'])
  expect(root.stdout).toMatch(new RegExp(board.rootDevice))
})

test('everything it starts is up', async ({ shell }) => {
  await expectHealthy(shell)
})
