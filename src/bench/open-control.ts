import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { ControlName, Controls, DriverContext } from '../controls/driver.ts'
import type { Board, Wired } from './load.ts'

/** Opens one control of a board by the driver it is wired to. Errors: the driver's. */
export async function openControl<C extends ControlName>(
  board: Pick<Board, 'name' | 'type' | 'stateDir' | 'wired'>,
  control: C,
  options: { readonly clock: Clock; readonly log: Log },
): Promise<Controls[C]> {
  const wired = board.wired[control] as Wired<C>
  const context: DriverContext = {
    board: board.name,
    type: board.type,
    stateDir: board.stateDir,
    clock: options.clock,
    log: options.log.child({ board: board.name, control }),
  }
  return openWired(wired, context)
}

async function openWired<C extends ControlName>(wired: Wired<C>, context: DriverContext): Promise<Controls[C]> {
  const over = wired.over && (await openWired(wired.over, context))
  return wired.driver.open(wired.options, context, over)
}
