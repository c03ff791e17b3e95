import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { ALL_PASS, ghafBoard, runSuites } from './ghaf.ts'
import { Lab } from './lab.ts'
import { resultsOf } from './verdicts.ts'

// A whole Ghaf, flashed and booted, passes every row; what runs must be what was flashed.

test('a sound image passes every row', async () => {
  await using lab = await Lab.open()
  const { ended, cells } = await runSuites(lab, ghafBoard(lab), 0)
  assert.deepEqual(cells, ALL_PASS)
  assert.ok([...resultsOf(ended).values()].every(({ verdict }) => verdict === 'pass'))
})

test('a board that boots another disk than the one flashed is found out', async () => {
  await using lab = await Lab.open()
  // The flashed medium only starts the kernel; the root file system is that of a disk nobody flashed in this run.
  const elsewhere = ghafBoard(lab, 'root=/dev/nvme1n1p2')
  const flashed = await lab.start(['flash', 'nuc-1', '--bench', lab.bench({ 'nuc-1': ghafBoard(lab) })]).ended
  assert.equal(flashed.exitCode, 0, flashed.stderr)
  mkdirSync(lab.boardDir(), { recursive: true })
  const extraDisk = `${lab.folder}/other.img`
  copyFileSync(`${lab.boardDir()}/disk.img`, extraDisk)
  const board = { ...elsewhere, power: lab.power({ memoryMiB: 512, extraDisk }) }
  const { cells, ended } = await runSuites(lab, board, 1, '--feature', 'rootfs-flashing')
  assert.deepEqual(cells, { 'rootfs-flashing': 'fail' })
  const wrong = resultsOf(ended).get('rootfs-flashing: no other disk of the board could be taken for it')
  assert.equal(wrong?.verdict, 'fail')
  assert.equal(wrong.blame, 'product')
})
