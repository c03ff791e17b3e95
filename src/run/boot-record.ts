import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { replaceFile } from '../base/replace-file.ts'

/** Which images a board was seen to boot, and when it last met trouble of the bench. */
export interface BootRecord {
  /** By digest: the last time, and the firmware that the board then named. At most the latest 20. */
  readonly boots: Readonly<Record<string, { readonly at: string; readonly firmware?: string }>>
  readonly troubleAt: string | null
}

const KEPT = 20

/** Remembers that an image was proven to run on a board. */
export function rememberImageBoot(stateDir: string, sha256: string, nowMs: number, firmware?: string): void {
  const { boots, troubleAt } = bootRecord(stateDir)
  const boot = { at: new Date(nowMs).toISOString(), ...(firmware !== undefined && { firmware }) }
  const others = Object.entries(boots).filter(([digest]) => digest !== sha256)
  write(stateDir, { boots: Object.fromEntries([...others.slice(1 - KEPT), [sha256, boot]]), troubleAt })
}

/** Remembers an infrastructure fault of a board: what was proven before it counts for less. */
export function rememberTrouble(stateDir: string, nowMs: number): void {
  write(stateDir, { ...bootRecord(stateDir), troubleAt: new Date(nowMs).toISOString() })
}

/** What is known of a board; of one that is new, or whose record is damaged, nothing. */
export function bootRecord(stateDir: string): BootRecord {
  try {
    const { boots = {}, troubleAt = null } = JSON.parse(readFileSync(pathOf(stateDir), 'utf8')) as Partial<BootRecord>
    return { boots, troubleAt }
  } catch {
    return { boots: {}, troubleAt: null }
  }
}

/** Another board of the bench that an image was seen to boot on. */
export function bootedBeside(stateDir: string, sha256: string): string | undefined {
  const benchDir = dirname(stateDir)
  const own = basename(stateDir)
  try {
    return readdirSync(benchDir).find(name => name !== own && bootRecord(join(benchDir, name)).boots[sha256])
  } catch {
    // A bench without a state yet.
    return undefined
  }
}

/** What the board said its firmware is at its last boot. */
export function lastFirmware({ boots }: BootRecord): string | undefined {
  return Object.values(boots)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .findLast(({ firmware }) => firmware !== undefined)?.firmware
}

function write(stateDir: string, record: BootRecord): void {
  replaceFile(pathOf(stateDir), JSON.stringify(record))
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'boots.json')
}
