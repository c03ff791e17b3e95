import { feature } from '../../../fixtures/index.ts'
import { expectSameBoot } from './same-boot.ts'

const test = feature('long')

test('it waits', async ({ shell }) => {
  // What an image does on cue comes in the middle of this.
  await shell.sh('touch /tmp/cue; sleep 250', { limitMs: 240_000 })
})

test('it goes on', async ({ shell, board }) => {
  await expectSameBoot(shell, board)
})
