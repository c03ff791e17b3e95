import { expect, feature } from '../../fixtures/index.ts'
import { expectHealthy, expectIdentity } from './image-checks.ts'

const test = feature('aarch64-image-orin')

test('the image boots on this architecture', async ({ shell }) => {
  await expect(shell).toRun(['uname', '-m'], { stdout: /^aarch64$/ })
  await expectIdentity(shell)
})

test('the board is a Jetson Orin', async ({ shell, board }) => {
  test.skip(board.twin, 'a virtual board has another device tree model')
  const model = await shell.run(['cat', '/proc/device-tree/model'])
  expect(model.stdout).toMatch(/Jetson AGX Orin|Orin NX/)
})

test('everything it starts is up', async ({ shell }) => {
  await expectHealthy(shell)
})
