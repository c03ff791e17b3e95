import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Fault } from '../base/fault.ts'
import { complain, readYaml, type Complaint } from '../base/schema.ts'
import type { Controls, ControlName, Driver } from '../controls/driver.ts'
import { BenchFile, CONTROL_NAMES, type BoardSpec } from '../model/bench-file.ts'
import type { BoardType } from '../model/board-type.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BENCHES = join(ROOT, 'devices/benches')
const BOARD_TYPES = join(ROOT, 'devices/boards')
const DRIVERS = join(ROOT, 'src/drivers')

/** A driver with its checked options: one control of one board, not yet opened. */
export interface Wired<C extends ControlName> {
  readonly name: string
  readonly driver: Driver<Controls[C]>
  readonly options: unknown
}

/** A board of a bench, checked: everything known about it before it is touched. */
export interface Board {
  readonly name: string
  readonly bench: string
  readonly spec: BoardSpec
  readonly type: BoardType
  /** Traits of type and unit, the type's name included. */
  readonly traits: readonly string[]
  readonly stateDir: string
  readonly wired: { readonly [C in ControlName]?: Wired<C> }
}

export interface Bench {
  readonly name: string
  readonly path: string
  readonly boards: readonly Board[]
}

/** The benches that come with the project, by name. */
export function knownBenches(): string[] {
  return readdirSync(BENCHES)
    .filter(file => file.endsWith('.yaml'))
    .map(file => basename(file, '.yaml'))
}

/**
 * Reads a bench by name or path and checks all of it: types, drivers, their options, things wired twice.
 *
 * Errors: one `configuration/bench-file` with every complaint at file:line; `configuration/unknown-bench`.
 */
export async function loadBench(nameOrPath: string): Promise<Bench> {
  const path = benchPath(nameOrPath)
  const source = readYaml(path, BenchFile, 'configuration/bench-file')
  const complaints: Complaint[] = []
  const boards: Board[] = []
  for (const [name, written] of Object.entries(source.data.boards)) {
    const at = (...keys: string[]): string => source.at(['boards', name, ...keys])
    const stateDir = stateDirOf(source.data.name, name)
    const spec = resolvePaths(written, { state: stateDir, base: dirname(path) }, (keys, message) =>
      complaints.push({ where: at(...keys), message: `${name}.${keys.join('.')}: ${message}` }),
    )
    const type = await boardType(spec.type)
    if (!type)
      complaints.push({
        where: at('type'),
        message: `${name}.type: no board type '${spec.type}' (there are ${boardTypeNames().join(', ')})`,
      })
    const wired: Record<string, Wired<ControlName>> = {}
    for (const control of CONTROL_NAMES) {
      const wiring = spec[control]
      if (!wiring) continue
      const { driver: driverName, ...options } = wiring
      const driver = await findDriver(control, driverName)
      if (!driver) {
        complaints.push({
          where: at(control, 'driver'),
          message: `${name}.${control}: no driver '${driverName}' (there are ${driverNames(control).join(', ')})`,
        })
        continue
      }
      const checked = driver.options.safeParse(options)
      if (checked.success) wired[control] = { name: driverName, driver, options: checked.data }
      else
        for (const issue of checked.error.issues)
          complaints.push({
            where: at(control, ...issue.path.map(String)),
            message: `${name}.${[control, ...issue.path.map(String)].join('.')}: ${issue.message}`,
          })
    }
    if (type) {
      const traits = [...new Set([type.name, ...type.traits, ...spec.traits])]
      boards.push({ name, bench: source.data.name, spec, type, traits, stateDir, wired })
    }
  }
  complaints.push(...wiredTwice(boards, (board, control) => source.at(['boards', board, control])))
  if (complaints.length > 0) throw complain('configuration/bench-file', path, complaints)
  return { name: source.data.name, path, boards }
}

function benchPath(nameOrPath: string): string {
  const named = join(BENCHES, `${nameOrPath}.yaml`)
  if (existsSync(named)) return named
  if (existsSync(nameOrPath)) return resolve(nameOrPath)
  throw new Fault('configuration/unknown-bench', {
    expected: `a bench '${nameOrPath}'`,
    seen: `benches ${knownBenches().join(', ')}, and no such file`,
  })
}

/**
 * Where a board keeps what outlives a process: sockets, counters, what was flashed last.
 *
 * `HIL_STATE_DIR`, or a folder of this user in /tmp (never on a network disk: it holds sockets).
 */
export function stateDirOf(bench: string, board: string): string {
  return join(process.env.HIL_STATE_DIR ?? `/tmp/hil-${process.getuid?.() ?? 0}`, bench, board)
}

export function boardTypeNames(): string[] {
  return readdirSync(BOARD_TYPES)
    .filter(file => file.endsWith('.ts'))
    .map(file => basename(file, '.ts'))
}

async function boardType(name: string): Promise<BoardType | undefined> {
  if (!boardTypeNames().includes(name)) return undefined
  return ((await import(pathToFileURL(join(BOARD_TYPES, `${name}.ts`)).href)) as { default: BoardType }).default
}

function driverNames(control: string): string[] {
  return readdirSync(join(DRIVERS, control), { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map(entry => basename(entry.name, '.ts'))
}

async function findDriver(control: ControlName, name: string): Promise<Driver<Controls[ControlName]> | undefined> {
  if (!driverNames(control).includes(name)) return undefined
  const path = join(DRIVERS, control, `${name}.ts`)
  return ((await import(pathToFileURL(path).href)) as { default: Driver<Controls[ControlName]> }).default
}

/** Replaces `${state}`, `${env:NAME}` and `${file:path}`, and makes image paths absolute. */
function resolvePaths(
  spec: BoardSpec,
  places: { state: string; base: string },
  complainAt: (keys: string[], message: string) => void,
): BoardSpec {
  const replace = (text: string, keys: string[]): string =>
    text.replaceAll(/\$\{([^}]*)\}/g, (whole, name: string) => {
      if (name === 'state') return places.state
      if (name.startsWith('env:') && process.env[name.slice(4)] !== undefined) return process.env[name.slice(4)]!
      if (name.startsWith('file:')) return fileText(name.slice(5), message => complainAt(keys, message))
      complainAt(keys, `${whole} is not set (there are \${state}, \${env:NAME}, \${file:path})`)
      return whole
    })
  const walk = (value: unknown, keys: string[]): unknown => {
    if (typeof value === 'string') return replace(value, keys)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...keys, String(index)]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...keys, key])]))
  }
  const resolved = walk(spec, []) as BoardSpec
  const images = Object.entries(resolved.images).map(([variant, path]) => [
    variant,
    path === undefined || isAbsolute(path) ? path : resolve(places.base, path),
  ])
  return { ...resolved, images: Object.fromEntries(images) as BoardSpec['images'] }
}

function fileText(path: string, complainAt: (message: string) => void): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    complainAt((error as Error).message)
    return ''
  }
}

/** Two boards on one cable, disk or port would overwrite each other: every value that must be unique, seen twice. */
function wiredTwice(boards: readonly Board[], at: (board: string, control: string) => string): Complaint[] {
  const seen = new Map<string, string>()
  const complaints: Complaint[] = []
  for (const { name, spec } of boards) {
    const unique: [string, unknown][] = [
      ['console', spec.console?.path],
      ['media', spec.media?.path ?? spec.media?.device],
      ['shell', spec.shell && `${spec.shell.host}:${spec.shell.port}`],
    ]
    for (const [control, value] of unique) {
      if (typeof value !== 'string') continue
      const other = seen.get(`${control} ${value}`)
      if (other)
        complaints.push({
          where: at(name, control),
          message: `${name}.${control}: ${value} is wired to ${other} already`,
        })
      seen.set(`${control} ${value}`, name)
    }
  }
  return complaints
}
