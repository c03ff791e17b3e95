import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('memory')

test('there is memory enough', async ({ shell }) => {
  await expect(shell).toRun(['sh', '-c', 'read -r _ kib _ < /proc/meminfo; [ $kib -gt 300000 ]'])
})
