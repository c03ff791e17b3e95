import { expect, feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('reboots')

test('a reboot that it asks for, over SSH', async ({ shell, board }) => {
  const before = board.bootId
  await shell.sh('touch /tmp/of-this-boot')
  const { bootId } = await board.reboot()
  expect(bootId).not.toBe(before)
  await expectSameBoot(shell, board)
  expect((await shell.sh('test -e /tmp/of-this-boot')).exitCode, 'what lay in memory is gone').not.toBe(0)
})

test('one by its power, with a shell on the console', async ({ serial, board }) => {
  await expectSameBoot(serial, board)
  const { bootId } = await board.reboot({ hard: true })
  await expectSameBoot(serial, board)
  expect(board.bootId).toBe(bootId)
})

test('whoever comes next knows the new boot', async ({ shell, serial, board }) => {
  await expectSameBoot(shell, board)
  await expectSameBoot(serial, board)
})
