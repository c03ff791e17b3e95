import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appGuests, displaysIn, environmentFlaws, guestsIn, isStarting } from './compartments.ts'

const UNITS = `microvm@chromium-vm.service loaded active running MicroVM 'chromium-vm'
microvm@gui-vm.service      loaded active running MicroVM 'gui-vm'
microvm@net-vm.service      loaded active running MicroVM 'net-vm'
`

test('an environment with all its parts', () => {
  assert.deepEqual(environmentFlaws(guestsIn(UNITS)), [])
  assert.deepEqual(appGuests(guestsIn(UNITS)), ['chromium-vm'])
})

test('an environment with a part missing or down', () => {
  const flaws = (text: string): string[] => environmentFlaws(guestsIn(text))
  assert.deepEqual(flaws(UNITS.replace(/.*net-vm.*\n/, '')), ['net-vm does not run'])
  assert.deepEqual(flaws(UNITS.replace(/(gui-vm\S+ +loaded) active running/, '$1 failed failed')), [
    'gui-vm does not run',
  ])
  assert.deepEqual(flaws(UNITS.replace(/(gui-vm\S+ +loaded) active running/, '$1 activating auto-restart')), [
    'gui-vm does not run',
  ])
  assert.deepEqual(flaws(UNITS.replace(/.*chromium.*\n/, '')), ['no guest with applications runs'])
  assert.deepEqual(flaws('● microvm@net-vm.service loaded failed failed MicroVM'), [
    'net-vm does not run',
    'gui-vm does not run',
    'no guest with applications runs',
  ])
  assert.equal(flaws('').length, 3)
})

test('guests that are on their way are waited for, those that gave up are not', () => {
  assert.equal(isStarting(UNITS), false)
  assert.equal(isStarting(UNITS.replace(/(gui-vm\S+ +loaded) active running/, '$1 failed failed')), false)
  assert.equal(isStarting(UNITS.replace(/(gui-vm\S+ +loaded) active running/, '$1 activating start-pre')), true)
})

test('displays on the PCI bus', () => {
  assert.deepEqual(displaysIn('00:02.0 0300: 8086:a7a1 (rev 04)\n00:03.0 0200: 1af4:1041\n'), ['8086:a7a1'])
  assert.deepEqual(displaysIn('00:03.0 0200: 1af4:1041 (rev 01)\n'), [])
})
