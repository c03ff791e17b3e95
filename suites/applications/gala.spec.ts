import { expect, feature } from '../../fixtures/index.ts'
import { close, homeOf, open, runsIn, type Application } from './applications.ts'

const test = feature('gala')

const GALA: Application = {
  menu: ['GALA'],
  homes: ['business-vm', 'gala-vm'],
  process: '[/]gala($| )',
}

test('opened from the desktop it runs in its own VM, and ends when it is closed', async ({ shell, vm, board }) => {
  const home = await homeOf(shell, GALA)
  expect(home, `a VM that runs: ${GALA.homes.join(' or ')}`).toBeDefined()
  try {
    await open(GALA, { vm, home: home!, twin: board.twin })
    expect(await runsIn(vm, [home!, 'gui-vm'], GALA), 'where it runs').toEqual([home])
  } finally {
    await close(vm(home!), GALA)
  }
})
