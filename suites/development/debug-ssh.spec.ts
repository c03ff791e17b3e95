import { expect, feature, untested } from '../../fixtures/index.ts'

const test = feature('debug-ssh')

test('the debug account gets a shell on the host', async ({ shell, board }) => {
  await expect(shell).toRun(['id', '-un'], { stdout: new RegExp(`^${board.user}$`) })
  await expect(shell).toRun(['uname', '-n'], { stdout: /^ghaf-host$/ })
})

test('the shell is on the machine whose console we hold', async ({ shell, serial, board }) => {
  untested(!board.hasConsole, 'no console is wired')
  const bootId = ['cat', '/proc/sys/kernel/random/boot_id']
  const overSsh = await shell.run(bootId)
  const overSerial = await serial.run(bootId)
  expect(overSsh.stdout).toMatch(/^[0-9a-f-]{36}$/)
  expect(overSsh.stdout, 'boot id over SSH and over the console').toBe(overSerial.stdout)
})

test('a wrong password is refused', async ({ trySsh, board }) => {
  expect(await trySsh(board.user, 'not-the-password'), 'a wrong password let us in').toBe(false)
})

test('output, errors and exit codes come back as they are', async ({ shell }) => {
  const result = await shell.sh('printf "a\\0b\\n\\n"; echo no >&2; exit 42')
  expect(result.stdoutBytes).toEqual(Buffer.from('a\0b\n\n'))
  expect(result.stderr).toBe('no')
  expect(result.exitCode).toBe(42)
})

test('a release image lets nobody in by password', { tag: '@release' }, async ({ trySsh, board }) => {
  for (const user of [board.user, 'root'])
    expect(await trySsh(user, 'ghaf'), `${user} was let in by the debug password`).toBe(false)
})
