import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('unclean')

test('it leaves the board in a state that it says is unclean', async ({ shell, board }) => {
  await shell.sh('true')
  await board.markUnclean('it changed a setting of the kernel')
})

test('it is killed in the middle of a command', async ({ serial }) => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500)
  await serial.run(['sleep', '60'], { limitMs: 100_000 })
})

test('it goes on as if nothing had been', async ({ shell, serial, board }) => {
  await expectSameBoot(serial, board)
  await expectSameBoot(shell, board)
})
