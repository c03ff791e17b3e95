import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, type OpenLease } from '../agent/agent.ts'
import type { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { Board } from '../bench/load.ts'
import { thisProcess } from '../bench/lock.ts'
import { inspectImage } from '../image/inspect.ts'
import type { RecoveryStep } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { LAB, simBench } from './bench.ts'
import { simFiles } from './host/disk.ts'
import { writeImage } from './host/image.ts'
import { SimLocks } from './host/locks.ts'
import { SimProcess } from './host/process.ts'
import type { SimBoard } from './lab/board.ts'
import { Chance } from './lab/chance.ts'
import { install, Lab } from './lab/lab.ts'
import { simFolder } from './swarm/folder.ts'
import { VirtualTime } from './time/virtual-time.ts'

export interface Leased {
  readonly lease: OpenLease
  /** What the lease has: the other side of its cables. */
  readonly board: SimBoard
  readonly image: Image
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly struck: Fault[]
  readonly rungs: RecoveryStep[]
}

const HOUR_MS = 3_600_000

/** Works with a leased simulated board, in time that passes whenever nobody has anything to do. `wired`: how it is, where not as usual. */
export async function leased(
  work: (leased: Leased) => Promise<void>,
  wired = (board: Board): Board => board,
): Promise<void> {
  const base = `${simFolder()}-lease`
  rmSync(base, { recursive: true, force: true })
  mkdirSync(base, { recursive: true })
  process.env['HIL_STATE_DIR'] = join(base, 'state')
  const time = new VirtualTime()
  const owner = new SimProcess('lease', time)
  const { clock } = owner
  const chance = new Chance('lease')
  const after = (ms: number, act: () => void): Disposable => time.after(ms, act)
  const lab = new Lab({ chance, folder: join(base, 'media'), nowMs: () => time.nowMs, after })
  using _lab = install(LAB, lab)
  const { signal } = new AbortController()
  const said = { version: '26.05' }
  writeImage(join(base, 'image.img'), { ...said, defects: [] }, { name: 'image', ...said })
  const struck: Fault[] = []
  const rungs: RecoveryStep[] = []
  const whole = async (): Promise<void> => {
    const bench = await simBench(base, [{ name: 'sim-1', twin: false, seesWhy: true, faults: [] }])
    const { image } = await inspectImage(join(base, 'image.img'), 'debug', { keys: [], signal })
    const random = (bytes: number): Buffer => chance.bytes(bytes)
    const means = { random, openFile: simFiles({ isFull: () => false }, owner) }
    const agent = new Agent(clock, silentLog, undefined, { locks: new SimLocks().for(owner), board: means })
    await using lease = await agent.lease(wired(bench.boards[0]!), {
      holder: thisProcess(['test'], clock),
      waitMs: 0,
      signal,
      listener: {
        trusted: () => undefined,
        note: () => undefined,
        fault: () => undefined,
        broken: () => undefined,
        struck: fault => void struck.push(fault),
        recovery: step => void rungs.push(step),
      },
    })
    await work({ lease, board: lab.board('sim-1'), image, clock, signal, struck, rungs })
  }
  let outcome: PromiseSettledResult<void> | undefined
  void Promise.allSettled([whole()]).then(([settled]) => (outcome = settled))
  try {
    const ended = await time.pass(() => outcome !== undefined, HOUR_MS)
    if (ended !== 'over') throw new Error(`time ended ${ended}`)
    if (outcome?.status === 'rejected') throw outcome.reason
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
