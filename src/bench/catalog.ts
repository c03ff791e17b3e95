import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ControlName, Controls, Driver } from '../controls/driver.ts'
import type { BoardType } from '../model/board-type.ts'

const BOARD_TYPES = fileURLToPath(new URL('../../devices/boards', import.meta.url))
const DRIVERS = fileURLToPath(new URL('../drivers', import.meta.url))

/** The board types there are: one file each. */
export function boardTypeNames(): string[] {
  return readdirSync(BOARD_TYPES)
    .filter(file => file.endsWith('.ts'))
    .map(file => basename(file, '.ts'))
}

/** A board type by name. */
export async function boardType(name: string): Promise<BoardType | undefined> {
  if (!boardTypeNames().includes(name)) return undefined
  return ((await import(pathToFileURL(join(BOARD_TYPES, `${name}.ts`)).href)) as { default: BoardType }).default
}

/** The drivers there are for a control. */
export function driverNames(control: string): string[] {
  return readdirSync(join(DRIVERS, control), { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map(entry => basename(entry.name, '.ts'))
}

/** A driver by the path its name is: `drivers/<control>/<name>.ts`. */
export async function findDriver(
  control: ControlName,
  name: string,
): Promise<Driver<Controls[ControlName]> | undefined> {
  if (!driverNames(control).includes(name)) return undefined
  const path = join(DRIVERS, control, `${name}.ts`)
  return ((await import(pathToFileURL(path).href)) as { default: Driver<Controls[ControlName]> }).default
}
