import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('long')

test('it waits', async ({ shell }) => {
  await shell.run(['sleep', '250'], { limitMs: 240_000 })
})

test('it goes on', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})
