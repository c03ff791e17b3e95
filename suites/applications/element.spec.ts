import { expect, feature } from '../../fixtures/index.ts'
import { close, homeOf, open, runsIn, type Application } from './applications.ts'

const test = feature('element')

const ELEMENT: Application = {
  menu: ['Element'],
  homes: ['comms-vm', 'element-vm'],
  process: '[e]lement-desktop',
}

test('opened from the desktop it runs in its own VM, and ends when it is closed', async ({ shell, vm, board }) => {
  const home = await homeOf(shell, ELEMENT)
  expect(home, `a VM that runs: ${ELEMENT.homes.join(' or ')}`).toBeDefined()
  try {
    await open(ELEMENT, { vm, home: home!, twin: board.twin })
    expect(await runsIn(vm, [home!, 'gui-vm'], ELEMENT), 'where it runs').toEqual([home])
  } finally {
    await close(vm(home!), ELEMENT)
  }
})
