import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { ghafBoard, runSuites } from './ghaf.ts'
import { Lab } from './lab.ts'
import { faultsOf, of, resultsOf } from './verdicts.ts'

// A whole Ghaf passes every row; one broken in one way fails exactly the row that promises that.

const ALL_PASS = {
  'x86-image': 'pass',
  'rootfs-flashing': 'pass',
  'debug-ssh': 'pass',
  'debug-serial': 'pass',
  netvm: 'pass',
}

test('a sound image passes every row', async () => {
  await using lab = await Lab.open()
  const { ended, cells } = await runSuites(lab, ghafBoard(lab), 0)
  assert.deepEqual(cells, ALL_PASS)
  assert.ok([...resultsOf(ended).values()].every(({ verdict }) => verdict === 'pass'))
})

test('without its net-vm exactly that row fails', async () => {
  await using lab = await Lab.open()
  const { cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=netvm'), 1)
  assert.deepEqual(cells, { ...ALL_PASS, netvm: 'fail' })
})

test('with a failed unit the image row fails', async () => {
  await using lab = await Lab.open()
  const { cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=degraded'), 1, '--feature', 'x86-image')
  assert.deepEqual(cells, { 'x86-image': 'fail' })
})

test('without a login on the console the image row fails and blocks the others', async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, 'hil.break=getty', { limitsMs: { boot: 30_000 } })
  const { ended, cells } = await runSuites(lab, board, 1)
  assert.match(faultsOf(ended).join(), /^product\/no-(login|boot)$/)
  const blocked = 'miss, blocked by x86-image'
  const { 'x86-image': image, ...others } = cells
  assert.equal(image, 'fail')
  assert.deepEqual(new Set(Object.values(others)), new Set([blocked]))
})

test('an image that refuses its own account fails SSH, not the console', async () => {
  await using lab = await Lab.open()
  const features = ['--feature', 'debug-ssh', '--feature', 'debug-serial']
  const { ended, cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=ssh-auth'), 1, ...features)
  assert.deepEqual(cells, { 'debug-ssh': 'fail', 'debug-serial': 'pass' })
  const codes = of(ended.events, 'test').flatMap(({ result }) => result.fault?.code ?? [])
  assert.deepEqual(new Set(codes), new Set(['product/ssh-auth']))
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
