import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('u-boot')

test('commands and environment', async ({ bootLoader, shell, console }) => {
  const version = await bootLoader.run('version')
  expect(version.exitCode).toBe(0)
  expect(version.output).toMatch(/^U-Boot 20\d\d\.\d\d/)
  expect(await bootLoader.run('false')).toEqual({ exitCode: 1, output: '' })
  expect(await bootLoader.run('echo -n "a  b"; true')).toEqual({ exitCode: 0, output: 'a  b' })
  expect((await bootLoader.run('no-such-command')).output).toBe("Unknown command 'no-such-command' - try 'help'")
  expect(await bootLoader.getEnv('bootdelay')).toBe('2')
  expect(await bootLoader.getEnv('hil_test')).toBeUndefined()
  const value = `it's $bootdelay "quoted"; back\\slash`
  await bootLoader.setEnv('hil_test', value, { save: true })
  expect(await bootLoader.getEnv('hil_test')).toBe(value)
  await expect(shell.run(['true'])).rejects.toThrow(/stands at the prompt of its boot loader/)

  await bootLoader.boot()
  expect((await shell.run(['uname', '-m'])).stdout).toBe('aarch64')
  // Nothing of it is lost to the recording.
  await expect(console).toPrint(/U-Boot 20\d\d[^]{1,4000}Starting kernel \.\.\./)
})

test('a test that ends at the prompt leaves a board that boots', async ({ bootLoader }) => {
  expect((await bootLoader.run('true')).exitCode).toBe(0)
})

test('the board is booted again', async ({ serial, shell }) => {
  expect((await serial.run(['uname', '-m'])).stdout).toBe('aarch64')
  expect((await shell.run(['uname', '-m'])).stdout).toBe('aarch64')
})
