import { absent, feature } from '../../../fixtures/index.ts'

const test = feature('gone')

test('its service runs', async ({ shell }) => {
  const { exitCode } = await shell.sh('test -e /etc/no-such-service')
  absent(exitCode !== 0, 'no /etc/no-such-service')
})
