import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('throws')

test('it has a mistake', async () => {
  const nothing = JSON.parse('null') as { length: number }
  await Promise.resolve(nothing.length)
})

test('it goes on', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})
