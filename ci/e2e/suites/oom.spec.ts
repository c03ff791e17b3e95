import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('oom')

test('it sees nothing of what it did', async ({ shell }) => {
  // The command's own end is none of this test's business: the kernel's is.
  await shell.sh('tail /dev/zero > /dev/null; true')
})

test('the board goes on', async ({ shell }) => {
  await expect(shell).toRun(['true'])
})
