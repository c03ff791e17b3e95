import { expect, feature } from '../../fixtures/index.ts'
import { expectBuilt, expectSameAgain, expectTarget, systemNamed } from './build-checks.ts'

const test = feature('emulated-build')

/** Nobody else builds it. */
const ALONE = ['--option', 'builders', '']
/** A machine that does not answer a person for this long is called frozen. */
const FROZEN_MS = 10_000

test.beforeEach(async ({ builder }) => {
  const { emulated } = builder.builds
  test.skip(
    emulated.length === 0,
    'it may freeze the machine, and the bench file does not ask for it (builds.emulated)',
  )
  for (const system of new Set(emulated.map(systemNamed)))
    test.skip(
      (await builder.handlerFor(system)) === undefined,
      `the kernel of the builder runs no programs of ${system}: binfmt_misc has no enabled handler`,
    )
})

test('images are built for a system that this machine only emulates', async ({ builder }) => {
  const { kernel } = await builder.systems()
  for (const target of builder.builds.emulated) {
    const built = await builder.build(target, ALONE)
    expectBuilt(target, built)
    const { own } = await builder.systemsOf(built.drv)
    expect(own, `the system that ${target} is built on`).toBe(systemNamed(target))
    expect(own, 'a system foreign to this machine').not.toBe(kernel)
  }
})

test('what is built is for that system', async ({ builder }) => {
  for (const target of builder.builds.emulated) {
    const built = await builder.build(target, ALONE)
    expectBuilt(target, built)
    await expectTarget(builder, target, built.out, systemNamed(target).replace('-linux', ''))
  }
})

test('building again gives the same, and the machine answers meanwhile', async ({ builder, shell }) => {
  for (const target of builder.builds.emulated) {
    expectBuilt(target, await builder.build(target, ALONE))
    let slowestMs = 0
    const over = new AbortController()
    const ask = async (): Promise<void> => {
      while (!over.signal.aborted) {
        slowestMs = Math.max(slowestMs, (await shell.run(['true'], { limitMs: 60_000 })).durationMs)
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
    await Promise.all([ask(), expectSameAgain(builder, target, ALONE).finally(() => over.abort())])
    expect(slowestMs, `the slowest answer in ms while ${target} was built`).toBeLessThan(FROZEN_MS)
  }
})
