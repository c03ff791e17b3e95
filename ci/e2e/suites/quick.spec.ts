import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('quick')

test('it is the same boot', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})
