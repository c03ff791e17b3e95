import { join } from 'node:path'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { keepGolden } from '../bench/golden.ts'
import { stateDirOf } from '../bench/load.ts'
import { inspectImage } from '../image/inspect.ts'
import type { RunEvent } from '../model/event.ts'
import { rememberImageBoot } from '../run/boot-record.ts'
import { writeImage } from './host/image.ts'
import type { SimBoard } from './lab/board.ts'
import type { ImageContent, Planned, ProductFault } from './lab/faults.ts'
import { imageBytes } from './lab/medium.ts'
import { findingsOf, type Findings } from './oracles/findings.ts'
import type { PlannedSimRun } from './seed.ts'
import { simFolder } from './swarm/folder.ts'
import { EPOCH_MS } from './time/virtual-time.ts'
import { live } from './world.ts'

/** What becomes of one boot: the image as it was flashed, its console noise only, or something else on the medium. */
export type BootScript = 'as flashed' | 'noise' | ProductFault | ((board: SimBoard) => void)

export interface Scripted extends Partial<Pick<PlannedSimRun, 'confirm' | 'diagnose' | 'defects'>> {
  /** In their order; those behind the last are as flashed. */
  readonly boots: readonly BootScript[]
  /** What is wrong with the golden image; absent: nothing. */
  readonly golden?: readonly Planned<ProductFault>[]
  /** Whether the golden image was seen to boot on the board. */
  readonly goldenBooted?: boolean
}

const BOARD = 'sim-1'
const VERSION = '26.05.run-1'

/** A run on one simulated board that has a golden image, each of whose boots goes as a test says. */
export async function scriptedRun({ boots, golden = [], goldenBooted = true, ...more }: Scripted): Promise<Findings> {
  const base = `${simFolder()}-boots`
  const folder = join(base, 'seed')
  const path = join(base, 'golden.img')
  try {
    mkdirSync(base, { recursive: true })
    writeImage(path, { version: '26.05.golden', defects: golden }, { name: 'golden', version: '26.05.golden' })
    const { image } = await inspectImage(path, 'debug', { keys: [], signal: new AbortController().signal })
    const scripts = [...boots]
    const run = { startMs: 0, boards: [BOARD], waitMs: 0, confirm: false, faults: [], defects: [], ...more }
    const plan = {
      seed: 7,
      boards: [{ name: BOARD, twin: false, seesWhy: true, faults: [] }],
      runs: [{ name: 'run-1', ...run }],
    }
    const { runs } = await live(plan, {
      folder,
      onEvent: ({ who, text }, lab) => {
        if (who === 'run-1' && text.startsWith('hil run')) {
          const stateDir = stateDirOf('simulated', BOARD)
          keepGolden(dirname(stateDir), { of: 'nuc', image, since: new Date(EPOCH_MS).toISOString() })
          mkdirSync(stateDir, { recursive: true })
          if (goldenBooted) rememberImageBoot(stateDir, image.sha256, EPOCH_MS)
        }
        if (who === BOARD && text === 'gets power') follow(scripts.shift() ?? 'as flashed', lab.board(BOARD))
      },
    })
    return findingsOf(runs[0]!, false)!
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

function follow(script: BootScript, board: SimBoard): void {
  board.cable.damagedPerMillion = script === 'noise' ? 1e6 : 0
  if (typeof script === 'function') script(board)
  else if (script !== 'noise' && script !== 'as flashed')
    put(board, { version: VERSION, defects: [{ kind: script, atMs: 0, amount: 0 }] })
}

/** Puts another image on a medium than the one that was flashed. */
function put(board: SimBoard, content: ImageContent): void {
  board.medium.write(imageBytes(content), 0)
}

/** The boots of a diagnosis, and what it came to. */
export function diagnosed(events: readonly RunEvent[]): string[] {
  return events.flatMap(event => {
    if (event.type === 'diagnosis') return [event.is]
    if (event.type !== 'diagnosis-step' || event.state !== 'end') return []
    return [`${event.of}: ${event.fault?.code ?? 'boots'}`]
  })
}
