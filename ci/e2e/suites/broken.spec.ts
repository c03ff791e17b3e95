import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('broken')

test.describe('a part (of it)', () => {
  test('it never works: 1 + 1?', async ({ shell }) => {
    await expect(shell).toRun(['sh', '-c', 'echo again >> /tmp/broken-runs; false'])
  })
})
