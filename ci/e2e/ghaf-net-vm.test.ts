import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_PASS, ghafBoard, runSuites } from './ghaf.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { slow } from './slow.ts'
import { cellsOf, of } from './verdicts.ts'

test('SSH lands in net-vm: every row passes, and each key is believed for a reason', async () => {
  await using lab = await Lab.open()
  const shell = { ...(lab.board().shell as BoardYaml), route: 'via net-vm' }
  const { ended, cells } = await runSuites(lab, ghafBoard(lab, 'ghaf.ssh=net-vm', { shell }), 0)
  assert.deepEqual(cells, ALL_PASS)
  const trust = of(ended.events, 'trusted').map(({ trust: { host, how } }) => `${host}: ${how}`)
  assert.deepEqual([...new Set(trust)].sort(), [
    'admin-vm: internal-network',
    'ghaf-host: console',
    'net-vm: internal-network',
  ])
})

test('a board without SSH: net-vm is reached by the console of its host', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, '', { shell: undefined })
  const hil = lab.startRun(lab.bench({ 'nuc-1': board }), ['--feature', 'guest-serial'])
  const ended = await lab.mustEnd(hil, 0)
  assert.deepEqual(cellsOf(ended), { 'guest-serial': 'pass' })
  const trust = of(ended.events, 'trusted').map(({ trust: { host, how } }) => `${host}: ${how}`)
  assert.deepEqual([...new Set(trust)], ['net-vm: internal-network'])
})
