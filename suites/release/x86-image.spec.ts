import { expect, feature } from '../../fixtures/index.ts'
import { expectHealthy, expectIdentity } from './image-checks.ts'

const test = feature('x86-image')

test('the image boots on this architecture', async ({ shell }) => {
  await expect(shell).toRun(['uname', '-m'], { stdout: /^x86_64$/ })
  await expectIdentity(shell)
})

test('the firmware tells what machine it is', async ({ shell }) => {
  await expect(shell).toRun(['cat', '/sys/class/dmi/id/product_name'], { stdout: /\S/ })
})

test('everything it starts is up', async ({ shell }) => {
  await expectHealthy(shell)
})
