import { expect, feature, untested } from '../../fixtures/index.ts'

const test = feature('rootfs-flashing')

test('what was read back from the medium is what was written', ({ board }) => {
  untested(board.flash === null, 'this run did not flash (--no-flash)')
  const { flash, image } = board
  untested(flash?.readBackBytes === 0, 'a program flashed it, and nothing could be read back')
  expect(flash!.readBackBytes).toBeGreaterThanOrEqual(flash!.writtenBytes)
  if (image?.rawSha256 !== undefined) expect(flash!.rawSha256, 'the image named by its sidecar').toBe(image.rawSha256)
})

test('the board runs from the medium that was flashed', ({ board }) => {
  untested(board.flash === null, 'this run did not flash (--no-flash)')
  // One that runs from another disk is the bench's fault, is found at the boot, and never comes here.
  untested(board.boot === null || board.boot.by === null, 'which disk it runs from could not be told')
  expect(board.boot!.disk).not.toBeNull()
  expect(board.boot!.bootId).toBe(board.bootId)
})

test('the board runs the version that was flashed', async ({ shell, board }) => {
  untested(board.image?.version === undefined, 'the image does not say which version it is')
  const running = await shell.run(['nixos-version'])
  // `26.05.20261101.743ae50 (Name)`: the name is not part of the version.
  expect(running.stdout.split(' ')[0]).toBe(board.image!.version!)
})
