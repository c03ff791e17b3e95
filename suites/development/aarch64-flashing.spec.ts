import { expect, feature } from '../../fixtures/index.ts'
import { firmwareFlaw } from './firmware.ts'

const test = feature('aarch64-flashing')

test.beforeEach(({ board }) => {
  test.skip(board.flash === null, 'this run did not flash (--no-flash)')
  test.skip(
    board.flash?.medium?.boots !== 'inside',
    'it was flashed by a medium, not whole in its recovery mode (media: {driver: recovery})',
  )
})

test('the board runs what was flashed, from a disk inside it', async ({ shell, board }) => {
  const root = await shell.run(['findmnt', '-nvo', 'SOURCE', '/'])
  expect(root.stdout, 'where the root file system is').toMatch(new RegExp(board.insideDevice ?? board.rootDevice))
  test.skip(board.image?.version === undefined, 'the image does not say which version it is')
  const running = await shell.run(['nixos-version'])
  expect(running.stdout.split(' ')[0], 'the version that runs').toBe(board.image!.version!)
})

test('it was switched to that disk by the flash: this is its first boot', ({ board }) => {
  expect(board.boot?.by, 'by what the disk is known to be the one that was flashed').not.toBeNull()
  expect(board.boot?.bootId, 'the boot that was proven').toBe(board.bootId)
})

test('its firmware is the one that the image was made for', async ({ shell }) => {
  const checked = await shell.run(['ota-check-firmware'])
  expect(checked.exitCode, 'ota-check-firmware is in the image').not.toBe(127)
  expect(firmwareFlaw(checked)).toBe('')
})
