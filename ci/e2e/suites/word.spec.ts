import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('word')

test('its kernel was not told the word', async ({ shell }) => {
  await expect(shell).toRun(['sh', '-c', '! grep -q hil.word /proc/cmdline'])
})
