import { expect, feature, needsOtherMachine } from '../../fixtures/index.ts'
import { expectBuilt, expectSameAgain, expectTarget } from './build-checks.ts'

const test = feature('cross-compilation')

/** No machine of the other kind helps, and none is emulated. */
const ALONE = ['--option', 'builders', '', '--option', 'extra-platforms', '']

test.beforeEach(({ builder }) => {
  test.skip(builder.builds.cross.length === 0, 'the bench file names nothing to cross-compile')
})

test('images for aarch64 are built on another kind of machine, and only there', async ({ builder }) => {
  const { kernel } = await builder.systems()
  test.skip(kernel === 'aarch64-linux', 'on an aarch64 machine nothing is cross-compiled for aarch64')
  for (const target of builder.builds.cross) {
    const built = await builder.build(target, ALONE, needsOtherMachine)
    expectBuilt(target, built)
    const systems = await builder.systemsOf(built.drv)
    expect(systems, `systems that take part in ${target}`).toEqual({ own: kernel, all: [kernel] })
  }
})

test('what is built is for aarch64', async ({ builder }) => {
  for (const target of builder.builds.cross) {
    const built = await builder.build(target, ALONE, needsOtherMachine)
    expectBuilt(target, built)
    await expectTarget(builder, target, built.out, 'aarch64')
  }
})

test('building again gives the same', async ({ builder }) => {
  for (const target of builder.builds.cross) {
    expectBuilt(target, await builder.build(target, ALONE, needsOtherMachine))
    await expectSameAgain(builder, target, ALONE)
  }
})
