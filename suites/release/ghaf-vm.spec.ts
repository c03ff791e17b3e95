import { expect, feature } from '../../fixtures/index.ts'
import { expectBuilt } from './build-checks.ts'
import { BOOT_VM, storyOf, type VmStory } from './vm-console.ts'

const test = feature('ghaf-vm')

/** In `BOOT_VM`. */
const STEPS = 5

/** It is booted once for all tests of this file. */
let booted: Promise<VmStory> | undefined

test.beforeEach(async ({ builder, shell }, testInfo) => {
  const { vm, vmLogin, vmLimitMs } = builder.builds
  test.skip(vm === undefined, 'the bench file names no virtual machine to build (builds.vm)')
  const limitMs = STEPS * vmLimitMs
  testInfo.setTimeout(testInfo.timeout + limitMs)
  booted ??= (async () => {
    const built = await builder.build(vm!)
    expectBuilt(vm!, built)
    const starter = await shell.sh(`set -- ${built.out}/bin/run-*-vm; [ -x "$1" ] && echo "$1"`)
    expect(starter.stdout, `a program that starts a virtual machine in ${built.out}/bin`).toMatch(/\/run-[\w-]+-vm$/)
    const args = ['sh', starter.stdout, vmLogin.user, vmLogin.password, String(Math.ceil(vmLimitMs / 1000))]
    const console = await shell.run(['sh', '-c', BOOT_VM, ...args], { limitMs })
    await testInfo.attach('console of the virtual machine', { contentType: 'text/plain', body: console.stdout })
    return storyOf(console.stdout)
  })()
  await booted
})

test('it is built, and boots to a login on its console', async () => {
  expect((await booted!).offersLogin, 'a login prompt on its console').toBe(true)
})

test('a wrong password is refused', async () => {
  expect((await booted!).refuses, 'a prompt again after a wrong password').toBe(true)
})

test('the debug account gets a shell on the kind of machine that was built', async ({ builder }) => {
  const { kernel } = await builder.systems()
  const { entered, machine } = await booted!
  expect(entered, 'a command was executed after the login').toBe(true)
  expect(`${machine}-linux`, 'uname -m in it').toBe(kernel)
})
