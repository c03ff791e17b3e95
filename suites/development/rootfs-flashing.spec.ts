import { expect, feature } from '../../fixtures/index.ts'

const test = feature('rootfs-flashing')

test('what was read back from the medium is what was written', ({ board }) => {
  test.skip(board.flash === null, 'this run did not flash (--no-flash)')
  const { flash, image } = board
  expect(flash!.readBackSha256).toBe(flash!.writtenSha256)
  if (image?.rawSha256 !== undefined)
    expect(flash!.writtenSha256, 'the image named by its sidecar').toBe(image.rawSha256)
})

test('the board runs from the medium that was flashed', async ({ shell, board }) => {
  const root = await shell.run(['findmnt', '-nvo', 'SOURCE', '/'])
  expect(root.stdout, 'device of the root file system').toMatch(new RegExp(board.rootDevice))
})

test('no other disk of the board could be taken for it', async ({ shell }) => {
  // An older copy of the image on an inner disk has the same identities: the kernel then picks whichever it finds first.
  const { stdout } = await shell.run(['lsblk', '-rno', 'PARTUUID'])
  const identities = stdout.split('\n').filter(line => line.trim() !== '')
  const twice = identities.filter((identity, index) => identities.indexOf(identity) < index)
  expect(twice, 'partitions with one identity').toEqual([])
})

test('the board runs the version that was flashed', async ({ shell, board }) => {
  test.skip(board.image?.version === undefined, 'the image does not say which version it is')
  const running = await shell.run(['nixos-version'])
  // `26.05.20261101.743ae50 (Name)`: the name is not part of the version.
  expect(running.stdout.split(' ')[0]).toBe(board.image!.version!)
})
