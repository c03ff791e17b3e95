import { expect, feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('reboots-serial')

test('a reboot that it asks for, over the console', async ({ serial, board }) => {
  const before = board.bootId
  await board.reboot()
  expect(board.bootId).not.toBe(before)
  await expectSameBoot(serial, board)
})
