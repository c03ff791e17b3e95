import { Fault } from '../base/fault.ts'
import type { Power } from '../controls/power.ts'

/** The power of a machine that is always on: it may be asked for, and not switched. */
export function alwaysOn(board: string): Power {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new Fault('configuration/usage', {
        expected: `power of ${board} to be switched`,
        seen: 'a machine that is always on: none is wired',
      }),
    )
  return { on: refuse, off: refuse, state: () => Promise.resolve('on') }
}
