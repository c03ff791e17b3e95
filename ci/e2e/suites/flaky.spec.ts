import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('flaky')

test('it works from the second time on', async ({ shell }) => {
  await expect(shell).toRun(['sh', '-c', 'test -e /tmp/seen || { touch /tmp/seen; false; }'])
})

test('it works every time', async ({ shell }) => {
  await expect(shell).toRun(['sh', '-c', 'echo again >> /tmp/runs'])
})
