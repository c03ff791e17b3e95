import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('leaves')

/** One pixel. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

test('a picture, a note, commands, and a failure', async ({ shell, serial }, testInfo) => {
  await testInfo.attach('screen.png', { contentType: 'image/png', body: Buffer.from(PICTURE, 'base64') })
  await testInfo.attach('note', { contentType: 'text/plain', body: '</script>\u001b[31mred' })
  await serial.sh('echo said > /dev/ttyS0')
  await test.step('asks for another name', async () => {
    await expect(shell).toRun(['uname', '-n'], { stdout: /^another$/ })
  })
})
