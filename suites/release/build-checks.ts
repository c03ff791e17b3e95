import { differs, expect } from '../../fixtures/index.ts'
import type { Attempt, Builder } from '../../fixtures/index.ts'

/** A build that must succeed. */
export function expectBuilt(target: string, attempt: Attempt): asserts attempt is Extract<Attempt, { ok: true }> {
  expect(attempt.ok ? '' : attempt.said, `why ${target} was not built`).toBe('')
}

/** What was built is an image for one kind of machine and for nothing else. */
export async function expectTarget(builder: Builder, target: string, out: string, machine: string): Promise<void> {
  expect(await builder.targetsOf(out), `what the output of ${target} is for`).toEqual([machine])
}

/** Building a target that is there once more gives the same, bit by bit. */
export async function expectSameAgain(builder: Builder, target: string, more: readonly string[] = []): Promise<void> {
  const { same, said } = await builder.rebuild(target, more)
  expect(same, differs(said) ? `${target} is another one when it is built again:\n${said}` : said).toBe(true)
}

/** `packages.x86_64-linux.vm-debug` → `x86_64-linux`. */
export function systemNamed(target: string): string {
  return target.split('.')[1] ?? ''
}
