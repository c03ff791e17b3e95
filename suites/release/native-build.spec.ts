import { expect, feature } from '../../fixtures/index.ts'
import { expectBuilt, expectSameAgain, expectTarget, systemNamed } from './build-checks.ts'

const test = feature('native-build')

for (const machine of ['x86_64', 'aarch64']) {
  const system = `${machine}-linux`

  test(`${machine}: its images are built by machines of that kind`, async ({ builder }) => {
    const targets = builder.builds.native.filter(target => systemNamed(target) === system)
    test.skip(targets.length === 0, `the bench file names nothing to build natively on ${machine}`)
    const own = await builder.systems()
    expect(own.nix, 'the system that Nix builds for by itself').toBe(own.kernel)
    const helpers = await builder.helpers()
    for (const target of targets) {
      // Checked before it is built: a machine that emulates builds this as well.
      expect(
        own.kernel === system || helpers.includes(system),
        `${target}: a machine for ${system} builds it (this one is ${own.kernel}, and asks for ${helpers.join(', ') || 'no help'})`,
      ).toBe(true)
      const built = await builder.build(target)
      expectBuilt(target, built)
      expect(await builder.systemsOf(built.drv), `systems that take part in ${target}`).toEqual({
        own: system,
        all: [system],
      })
    }
  })

  test(`${machine}: what is built is for that kind of machine`, async ({ builder }) => {
    const targets = builder.builds.native.filter(target => systemNamed(target) === system)
    test.skip(targets.length === 0, `the bench file names nothing to build natively on ${machine}`)
    for (const target of targets) {
      const built = await builder.build(target)
      expectBuilt(target, built)
      await expectTarget(builder, target, built.out, machine)
    }
  })

  test(`${machine}: building again gives the same`, async ({ builder }) => {
    const targets = builder.builds.native.filter(target => systemNamed(target) === system)
    test.skip(targets.length === 0, `the bench file names nothing to build natively on ${machine}`)
    for (const target of targets) {
      expectBuilt(target, await builder.build(target))
      await expectSameAgain(builder, target)
    }
  })
}

test('what the flake does not have is not built', async ({ builder }) => {
  const { kernel } = await builder.systems()
  const target = `packages.${kernel}.no-such-target`
  const attempt = await builder.build(target)
  expect(attempt.ok ? attempt.out : '', `the output of ${target}`).toBe('')
  expect(attempt.ok ? '' : attempt.said, 'why it was not').toMatch(/does not provide attribute/)
})
