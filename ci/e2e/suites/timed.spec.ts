import { feature } from '../../../fixtures/index.ts'

const test = feature('timed')

// Each has time enough for its command, and not for whoever stops a process in between.

test('a command over SSH', async ({ shell }) => {
  await shell.sh('sleep 4', { limitMs: 6000 })
})

test('a command on the console', async ({ serial }) => {
  await serial.run(['sleep', '4'], { limitMs: 6000 })
})
