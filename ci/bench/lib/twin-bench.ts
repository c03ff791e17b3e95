import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { loadBench, type Board } from '../../../src/bench/load.ts'
import { chooseBoards, missingFor } from '../../../src/run/plan.ts'
import { freePort, ROOT, type Lab } from './lab.ts'

const BENCH = join(ROOT, 'devices/benches/virtual.yaml')

interface BoardYaml {
  images: Record<string, string>
  power: { sshPort?: number }
  shell?: { port: number }
  update?: unknown
}

/** The built-in bench with the boards' own images, on ports and in folders of a lab. */
export async function wireTwins(lab: Lab): Promise<void> {
  const wired = parse(readFileSync(BENCH, 'utf8')) as { boards: Record<string, Partial<BoardYaml>> }
  // A machine that is always on boots nothing that could be timed.
  const boards = Object.fromEntries(Object.entries(wired.boards).filter(([, { power }]) => power)) as Record<
    string,
    BoardYaml
  >
  for (const board of Object.values(boards)) {
    delete board.update
    const port = await freePort()
    board.power.sshPort = port
    if (board.shell) board.shell.port = port
    for (const [variant, path] of Object.entries(board.images)) board.images[variant] = resolve(dirname(BENCH), path)
  }
  lab.wire(boards)
}

/** The boards that `--device` would run here, and why the others cannot be. */
export async function twinsFor(lab: Lab, device: string): Promise<{ boards: Board[]; left: string[] }> {
  const boards: Board[] = []
  const left: string[] = []
  for (const board of chooseBoards(await loadBench(lab.benchFile), [device])) {
    const image = board.spec.images.debug!
    const missing = existsSync(image) ? await missingFor(board) : `${image} is missing: run ci/setup`
    if (missing === undefined) boards.push(board)
    else left.push(`${board.name}: ${missing}`)
  }
  return { boards, left }
}
