import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What making something once took. */
export interface Made {
  /** From the start of the process to its end. */
  readonly wholeMs: number
  readonly stepsMs: Readonly<Record<string, number>>
  readonly peakBytes: number
}

/** What `once.ts` can make. `floor`: only reads both files and parses every line. */
export type What = 'reports' | 'run' | 'statuses' | 'floor'

/** Files to make something of, and a folder for it. */
export interface Sources {
  readonly evidence: string
  readonly log: string
  readonly folder: string
}

/** Makes something in a process of its own, with its program translated already and Node.js started as `hil` starts it. */
export function make(what: What, { evidence, log, folder }: Sources): Made {
  const script = join(import.meta.dirname, 'once.ts')
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const startMs = performance.now()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flagsOfHil(), script, what, evidence, log, folder],
    {
      encoding: 'utf8',
      env,
    },
  )
  const wholeMs = performance.now() - startMs
  if (status !== 0) throw new Error(`making ${what} ended with ${status}\n${stderr}`)
  return { ...(JSON.parse(stdout) as Omit<Made, 'wholeMs'>), wholeMs }
}

/** Makes something several times; the first time, which also translates the program, is not counted. */
export function makeOften(what: What, sources: Sources, runs: number, say: (text: string) => void): Made[] {
  make(what, sources)
  return Array.from({ length: runs }, (_, n) => {
    say(`${what}, turn ${n + 1} of ${runs}`)
    return make(what, sources)
  })
}

/** What `src/cli/hil` starts Node.js with. */
function flagsOfHil(): string[] {
  const [, flags] =
    /^flags='(.*)'$/m.exec(readFileSync(join(import.meta.dirname, '../../../src/cli/hil'), 'utf8')) ?? []
  if (flags === undefined) throw new Error('src/cli/hil has no line of flags')
  return flags.split(' ')
}
