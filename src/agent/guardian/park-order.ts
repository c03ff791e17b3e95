import { Fault } from '../../base/fault.ts'
import { boardType, findDriver } from '../../bench/catalog.ts'
import type { Board, Wired } from '../../bench/load.ts'
import type { ControlName } from '../../controls/driver.ts'
import type { BoardSpec } from '../../model/bench-file.ts'

/** What is needed of a board to switch it off. */
export type ParkBoard = Pick<Board, 'bench' | 'name' | 'stateDir' | 'type' | 'wired'> & {
  readonly spec: Pick<BoardSpec, 'limitsMs'>
}

/** The same for another process, which need not read the bench file: by then that may be another, or have a mistake. */
export type ParkOrder = Pick<ParkBoard, 'bench' | 'name' | 'stateDir' | 'spec'> & {
  readonly type: string
  readonly power: PlainWired
}

type PlainWired = Pick<Wired<'power'>, 'name' | 'options'> & { readonly over?: PlainWired }

/** Undefined: it is not to be switched off, or cannot be. */
export function orderOf({ bench, name, stateDir, type, spec, wired: { power } }: Board): ParkOrder | undefined {
  if (!power || spec.park !== 'off') return undefined
  return { bench, name, stateDir, spec: { limitsMs: spec.limitsMs }, type: type.name, power: plain(power) }
}

/** Errors: `configuration/bench-file` where this hil does not know its type or driver any more. */
export async function boardFor({ power, type: typeName, ...board }: ParkOrder): Promise<ParkBoard> {
  const type = await boardType(typeName)
  if (!type) throw unknown('board type', typeName)
  const wired: Record<string, Wired<ControlName>> = { power: await wire(power) }
  return { ...board, type, wired }
}

function plain({ name, options, over }: Wired<'power'>): PlainWired {
  return { name, options, ...(over && { over: plain(over) }) }
}

async function wire({ name, options, over }: PlainWired): Promise<Wired<ControlName>> {
  const driver = await findDriver('power', name)
  if (!driver) throw unknown('driver for power', name)
  return { name, driver, options, ...(over && { over: await wire(over) }) }
}

function unknown(what: string, name: string): Fault {
  return new Fault('configuration/bench-file', { expected: `a ${what} '${name}'`, seen: 'there is none any more' })
}
