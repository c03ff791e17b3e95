import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { changeHealth } from '../agent/health/health-file.ts'
import { loadBench } from '../bench/load.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { Feature } from '../model/feature.ts'
import { afterUse, withheldBy } from '../model/health.ts'
import { siblingRuns } from './sibling.ts'

const F = { id: 'f', title: 'f', section: 'Development', devices: ['All'], maturity: 'integrated', suite: 'f.spec.ts' }

test('of the boards that could decide in another’s stead the soundest is tried first, and a quarantined one last', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
  const boards = { 'nuc-1': board, 'nuc-2': board, 'nuc-3': board, 'nuc-4': board }
  writeFileSync(path, JSON.stringify({ name: `sibling-${process.pid}`, boards }))
  const bench = await loadBench(path)
  const [first, second, third] = bench.boards
  try {
    const features = [Feature.parse(F)]
    const planned = { board: first!, features, phases: [{ variant: 'debug', imagePath: 'image', features }] } as const
    const siblings = async (): Promise<string[]> =>
      (await siblingRuns(planned, bench, new Set(['nuc-1']))).map(({ board }) => board.name)
    assert.deepEqual(await siblings(), ['nuc-2', 'nuc-3', 'nuc-4'])
    changeHealth(second!.stateDir, record => withheldBy(record, 'its fan is dead', 'aino', 1))
    changeHealth(third!.stateDir, record => afterUse(record, { atMs: 1, run: 'r', fault: 'infrastructure/ssh-lost' }))
    assert.deepEqual(await siblings(), ['nuc-4', 'nuc-3', 'nuc-2'])
  } finally {
    rmSync(dirname(first!.stateDir), { recursive: true, force: true })
  }
})
