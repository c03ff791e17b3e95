import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadBench, stateDirOf, type Bench, type Board } from '../bench/load.ts'
import { LOGIN } from './lab/system.ts'
import { BOARD_NAMES, type PlannedSimBoard } from './seed.ts'

/** The name under which the lab of the present seed is installed. */
export const LAB = 'seed'
const BENCH = 'simulated'

let loaded: Promise<Bench> | undefined

/** The bench of a seed: read once from a file as any other is, with what the seed says of each board. */
export async function simBench(folder: string, planned: readonly PlannedSimBoard[]): Promise<Bench> {
  loaded ??= loadFrom(folder)
  const bench = await loaded
  const boards = bench.boards.flatMap(board => {
    const plan = planned.find(({ name }) => name === board.name)
    return plan ? [asPlanned(board, plan)] : []
  })
  return { ...bench, boards }
}

async function loadFrom(folder: string): Promise<Bench> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'bench.yaml')
  writeFileSync(path, benchFile())
  return await loadBench(path)
}

function benchFile(): string {
  const sim = `{ driver: sim, lab: ${LAB} }`
  const boards = BOARD_NAMES.map(
    name => `  ${name}:
    type: nuc
    login: { user: ${LOGIN.user}, password: ${LOGIN.password} }
    power: ${sim}
    console: ${sim}
    media: ${sim}
    flasher: ${sim}
    shell: { driver: sim, lab: ${LAB}, host: ${name} }
`,
  )
  return `name: ${BENCH}\nboards:\n${boards.join('')}`
}

function asPlanned(board: Board, { twin, seesWhy }: PlannedSimBoard): Board {
  const power = board.wired.power && { ...board.wired.power, options: { lab: LAB, seesWhy } }
  return {
    ...board,
    stateDir: stateDirOf(BENCH, board.name),
    spec: { ...board.spec, twin },
    wired: { ...board.wired, ...(power && { power }) },
  }
}
