import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_PASS, ghafBoard, runSuites } from './ghaf.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultsOf, of } from './verdicts.ts'

// A Ghaf broken in one way fails exactly the row that promises that.

test('without its net-vm exactly that row fails', { skip: slow }, async () => {
  await using lab = await Lab.open()
  // All rows, each broken: npm run bench -- truth
  const rows = ['x86-image', 'debug-ssh', 'minimal-host', 'netvm', 'adminvm'] as const
  const args = rows.flatMap(row => ['--feature', row])
  const { cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=netvm'), 1, ...args)
  assert.deepEqual(cells, { ...Object.fromEntries(rows.map(row => [row, ALL_PASS[row]])), netvm: 'fail' })
})

test('a switch that says it switched, and did not, fails the update', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, 'hil.break=quick-target-update')
  const { cells } = await runSuites(lab, board, 1, '--feature', 'quick-target-update')
  assert.deepEqual(cells, { 'quick-target-update': 'fail' })
})

test('with a failed unit the image row fails', async () => {
  await using lab = await Lab.open()
  const { cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=degraded'), 1, '--feature', 'x86-image')
  assert.deepEqual(cells, { 'x86-image': 'fail' })
})

test('without a login on the console the image row fails and blocks the others', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, 'hil.break=getty', { limitsMs: { boot: 20_000 } })
  const { ended, cells } = await runSuites(lab, board, 1)
  assert.match(faultsOf(ended).join(), /^product\/no-(login|boot)$/)
  const blocked = 'miss, blocked by x86-image'
  const { 'x86-image': image, ...others } = cells
  assert.equal(image, 'fail')
  assert.deepEqual(new Set(Object.values(others)), new Set([blocked]))
})

test('an image that refuses its own account fails SSH, not the console', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const features = ['--feature', 'debug-ssh', '--feature', 'debug-serial']
  const { ended, cells } = await runSuites(lab, ghafBoard(lab, 'hil.break=ssh-auth'), 1, ...features)
  assert.deepEqual(cells, { 'debug-ssh': 'fail', 'debug-serial': 'pass' })
  const codes = of(ended.events, 'test').flatMap(({ result }) => result.fault?.code ?? [])
  assert.deepEqual(new Set(codes), new Set(['product/ssh-auth']))
})
