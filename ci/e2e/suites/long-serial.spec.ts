import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('long-serial')

test('it waits on the console', async ({ serial }) => {
  await serial.run(['sleep', '250'], { limitMs: 240_000 })
})

test('the console goes on', async ({ serial, board }) => {
  await expectSameBoot(serial, board)
})
