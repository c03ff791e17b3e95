import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('image')

test('the board answers', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})
