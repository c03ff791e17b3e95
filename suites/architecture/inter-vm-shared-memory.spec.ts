import { createHash } from 'node:crypto'
import { expect, feature } from '../../fixtures/index.ts'
import { appVmsOf, runningGuests } from '../guests.ts'

const test = feature('inter-vm-shared-memory')

const DEVICE = '/dev/ivshmem'
const BLOCK_BYTES = 4096
const BLOCKS = 16
/** Behind what waypipe uses of it at its beginning. */
const FIRST_BLOCK = 512

test('the server of the memory runs on the host', async ({ shell }) => {
  await expect(shell).toRun(['systemctl', 'is-active', 'ivshmemsrv.service'], { stdout: /^active$/ })
  await expect(shell).toRun(['test', '-S', '/tmp/ivshmem_socket'])
})

test('the VMs that show and run applications have the device', async ({ shell, vm }) => {
  for (const guest of await sharers(shell)) await expect(vm(guest)).toRun(['test', '-e', DEVICE])
})

test('what one VM writes another one reads', async ({ shell, vm }) => {
  const [writer, reader] = await sharers(shell)
  test.skip(reader === undefined, 'fewer than two VMs share memory')
  const bytes = createHash('shake256', { outputLength: BLOCK_BYTES * BLOCKS })
    .update(String(performance.now()))
    .digest()
  const written = await vm(writer!).run(
    [
      'dd',
      `of=${DEVICE}`,
      `bs=${BLOCK_BYTES}`,
      `seek=${FIRST_BLOCK}`,
      'iflag=fullblock',
      'conv=notrunc',
      'status=none',
    ],
    { input: bytes },
  )
  expect(written.exitCode, written.stderr).toBe(0)
  const read = await vm(reader!).sh(
    `dd if=${DEVICE} bs=${BLOCK_BYTES} skip=${FIRST_BLOCK} count=${BLOCKS} status=none | sha256sum`,
  )
  expect(read.stdout.slice(0, 64), `SHA-256 of what ${reader} reads`).toBe(
    createHash('sha256').update(bytes).digest('hex'),
  )
})

/** The VM that shows applications, and those that run them. */
async function sharers(shell: Parameters<typeof runningGuests>[0]): Promise<string[]> {
  const running = await runningGuests(shell)
  const apps = await appVmsOf(shell)
  return running
    .filter(guest => guest === 'gui-vm' || apps.includes(guest))
    .toSorted(guiFirst)
    .slice(0, 2)
}

function guiFirst(a: string, b: string): number {
  return Number(b === 'gui-vm') - Number(a === 'gui-vm')
}
