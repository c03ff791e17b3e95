import { basename, dirname, resolve } from 'node:path'
import { shortPath } from '../base/paths.ts'
import { complain, complaintsOf, readPlainYaml, type Complaint } from '../base/schema.ts'
import type { Controls, ControlName, Driver } from '../controls/driver.ts'
import type { AccessSpec } from '../model/access.ts'
import { BenchFile, BoardSpec, CONTROL_NAMES, Wiring, type HealthCare } from '../model/bench-file.ts'
import type { BoardType } from '../model/board-type.ts'
import type { TrustedKeySpec } from '../model/trust.ts'
import { boardType, boardTypeNames, driverNames, findDriver } from './catalog.ts'
import { benchPath, stateDirOf } from './places.ts'
import { resolvePaths } from './substitute.ts'
import { wiredTwice } from './wired-twice.ts'

export { stateDirOf } from './places.ts'

/** A driver with its checked options: one control of one board, not yet opened. */
export interface Wired<C extends ControlName> {
  readonly name: string
  readonly driver: Driver<Controls[C]>
  readonly options: unknown
  /** The driver that this one wraps. */
  readonly over?: Wired<C>
}

/** A board of a bench, checked: everything known about it before it is touched. */
export interface Board {
  readonly name: string
  readonly bench: string
  readonly spec: BoardSpec
  readonly type: BoardType
  /** Traits of type and unit, the type's name included; without `serial` where no console is wired. */
  readonly traits: readonly string[]
  readonly stateDir: string
  readonly wired: { readonly [C in ControlName]?: Wired<C> }
}

export interface Bench {
  readonly name: string
  readonly path: string
  readonly boards: readonly Board[]
  /** Keys that prove where an image comes from; paths absolute. */
  readonly trust: readonly TrustedKeySpec[]
  /** Who may do what with its agent. */
  readonly access: readonly AccessSpec[]
  /** How its agent looks after boards. */
  readonly health: HealthCare
}

/** Notes a mistake at a place of one board's entry. */
type ComplainAt = (keys: readonly PropertyKey[], message: string) => void

/**
 * Reads a bench by name or path and checks all of it: types, drivers, their options, things wired twice.
 *
 * Errors: one `configuration/bench-file` with every complaint at file:line; `configuration/unknown-bench`.
 */
export async function loadBench(nameOrPath: string): Promise<Bench> {
  const path = benchPath(nameOrPath)
  const source = readPlainYaml(path, 'configuration/bench-file')
  const parsed = BenchFile.safeParse(source.data)
  const complaints = [...source.twice, ...(parsed.success ? [] : complaintsOf(parsed.error, source.at))]
  const bench = parsed.data?.name ?? basename(path, '.yaml')
  const boards: Board[] = []
  for (const [name, written] of Object.entries(parsed.data?.boards ?? soundParts(source.data))) {
    const complainAt: ComplainAt = (keys, message) =>
      complaints.push({
        where: source.at(['boards', name, ...keys]),
        message: `${[name, ...keys.map(String)].join('.')}: ${message}`,
      })
    const board = await checkBoard(name, written, { bench, folder: dirname(path) }, complainAt)
    if (board) boards.push(board)
  }
  complaints.push(...wiredTwice(boards, (board, control) => source.at(['boards', board, control])))
  complaints.push(...accessMistakes(parsed.data, source.at))
  if (complaints.length > 0) throw complain('configuration/bench-file', shortPath(path), complaints)
  const trust = (parsed.data?.trust ?? []).map(spec => ({ ...spec, key: resolve(dirname(path), spec.key) }))
  return { name: bench, path, boards, trust, access: parsed.data?.access ?? [], health: parsed.data?.health ?? {} }
}

/** Rules about boards that there are not, and rules for the socket of which only the first would count. */
function accessMistakes(file: BenchFile | undefined, at: (keys: readonly PropertyKey[]) => string): Complaint[] {
  const { access = [], boards = {} } = file ?? {}
  const unknown = access.flatMap(({ boards: names = [] }, rule) =>
    names.flatMap((name, n) =>
      Object.hasOwn(boards, name)
        ? []
        : [{ where: at(['access', rule, 'boards', n]), message: `access.${rule}.boards: no board '${name}'` }],
    ),
  )
  const first = access.findIndex(({ local }) => local)
  const more = access.flatMap(({ local }, rule) =>
    local && rule !== first
      ? [
          {
            where: at(['access', rule]),
            message: `access.${rule}: a second rule for local: only the first would count`,
          },
        ]
      : [],
  )
  return [...unknown, ...more]
}

/** What can be understood of the boards of a file with mistakes, so that all other mistakes are found at once as well. */
function soundParts(data: unknown): Record<string, Partial<BoardSpec>> {
  const { boards } = (data ?? {}) as { boards?: Record<string, Record<string, unknown> | null> | null }
  return Object.fromEntries(
    Object.entries(boards ?? {}).map(([name, written]) => {
      const parts = Object.entries(BoardSpec.shape).map(([key, schema]) => [key, schema.safeParse(written?.[key]).data])
      return [name, Object.fromEntries(parts.filter(([, part]) => part !== undefined)) as Partial<BoardSpec>]
    }),
  )
}

async function checkBoard(
  name: string,
  written: Partial<BoardSpec>,
  place: { bench: string; folder: string },
  complainAt: ComplainAt,
): Promise<Board | undefined> {
  const stateDir = stateDirOf(place.bench, name)
  const spec = resolvePaths(written as BoardSpec, { state: stateDir, base: place.folder }, complainAt)
  const type = await boardType(spec.type)
  if (!type && written.type !== undefined)
    complainAt(['type'], `no board type '${spec.type}' (there are ${boardTypeNames().join(', ')})`)
  const wired: Record<string, Wired<ControlName>> = {}
  for (const control of CONTROL_NAMES) {
    const found = spec[control] && (await wire(control, spec[control], [control], complainAt))
    if (found) wired[control] = found
  }
  if (!type) return undefined
  for (const [control, message] of misfits(type, written)) complainAt([control], message)
  const traits = new Set([type.name, ...type.traits, ...spec.traits])
  // What its type has is of no use where no cable leads to it.
  if (!spec.console) traits.delete('serial')
  return { name, bench: place.bench, spec, type, traits: [...traits], stateDir, wired }
}

/** What is wired to a board of a type that cannot be, or is not and must be. */
function misfits({ name, alwaysOn }: BoardType, written: Partial<BoardSpec>): [string, string][] {
  if (!alwaysOn) return written.power ? [] : [['power', `a ${name} needs power: name its driver`]]
  const wired = (['power', 'console', 'media', 'flasher', 'install'] as const).filter(control => written[control])
  return wired.map(control => [control, `a ${name} is always on and only entered: wire nothing but its shell`])
}

async function wire(
  control: ControlName,
  { driver: name, ...options }: Wiring,
  at: readonly PropertyKey[],
  complainAt: ComplainAt,
): Promise<Wired<ControlName> | undefined> {
  const driver = await findDriver(control, name)
  if (!driver) {
    complainAt([...at, 'driver'], `no driver '${name}' (there are ${driverNames(control).join(', ')})`)
    return undefined
  }
  const { over: wrapped, ...own } = options
  const over = driver.wraps && (await wireOver(name, control, wrapped, [...at, 'over'], complainAt))
  const checked = driver.options.safeParse(driver.wraps ? own : options)
  if (checked.success) return { name, driver, options: checked.data, ...(over && { over }) }
  for (const { path, message } of checked.error.issues) complainAt([...at, ...path], message)
  return undefined
}

async function wireOver(
  name: string,
  control: ControlName,
  wiring: unknown,
  at: readonly PropertyKey[],
  complainAt: ComplainAt,
): Promise<Wired<ControlName> | undefined> {
  const checked = Wiring.safeParse(wiring)
  if (checked.success) return wire(control, checked.data, at, complainAt)
  complainAt(at, `${name} works over another driver of its control, such as over: { driver: serial, path: … }`)
  return undefined
}
