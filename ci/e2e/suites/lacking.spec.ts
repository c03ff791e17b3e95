import { feature, untested } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('lacking')

test('what can be checked here', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})

test('what needs more', ({ board }) => {
  untested(board.twin, 'no camera')
})
