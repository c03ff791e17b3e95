import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ghafBoard, runSuites, SUITES } from './ghaf.ts'
import { type Ended, story } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultRecords, faultsOf, notesOf, of } from './verdicts.ts'

// What runs must be the image of this run from the medium that was flashed, and that is known before the first test.

const FEATURE = ['--feature', 'rootfs-flashing']

test(
  'a board that boots another disk than the one flashed is the fault of the bench, which says which disk',
  { skip: slow },
  async () => {
    // Which of two NVMe disks is called nvme1n1 is a race within the kernel: where the flashed one won it, once more.
    for (let attempt = 1; ; attempt++)
      try {
        return await bootsAnother()
      } catch (error) {
        if (attempt === 5 || !/"disk":"nvme1n1"[^}]*"by":"stamp"/.test(String(error))) throw error
      }
  },
)

async function bootsAnother(): Promise<void> {
  await using lab = await Lab.open()
  // A disk inside the board with the system of an earlier flash, exactly as large as the boot medium.
  const plain = lab.bench({ 'nuc-1': ghafBoard(lab) })
  const flashed = await lab.start(['flash', 'nuc-1', '--bench', plain]).ended
  assert.equal(flashed.exitCode, 0, story(flashed))
  const extraDisk = join(lab.folder, 'other.img')
  renameSync(join(lab.boardDir(), 'disk.img'), extraDisk)
  // The flashed medium only starts the kernel, which then takes its root file system from that disk.
  const power = lab.power({ memoryMiB: 512, extraDisk })
  const board = ghafBoard(lab, 'root=/dev/nvme1n1p2', { power })
  const { ended } = await runSuites(lab, board, 3, ...FEATURE)
  assert.deepEqual(faultsOf(ended), ['infrastructure/wrong-disk'])
  const [fault] = faultRecords(ended)
  assert.match(fault!.seen, /running from nvme1n1 \(version .*\): the stamp of this flash is on nvme0n1/)
  assert.equal(fault!.evidence.length, 2, 'both disks are described')
  assert.match(fault!.next, /remove the older system/)
  assert.equal(of(ended.events, 'test').filter(({ result }) => result.verdict !== 'miss').length, 0, 'no test was run')

  // Without a flash nobody knows what was wanted: it is said and the tests are run. Which of two NVMe disks is called
  // nvme1n1 is a race within the kernel: where the flashed one won it this time, once more.
  const again = async (): Promise<Ended> =>
    lab.mustEnd(lab.startRun(lab.bench({ 'nuc-1': board }), ['--no-flash', ...FEATURE], { HIL_SUITES_DIR: SUITES }), 0)
  let later = await again()
  for (let more = 2; more > 0 && of(later.events, 'booted')[0]?.proof?.by === 'stamp'; more--) later = await again()
  assert.match(notesOf(later).join('\n'), /not run what was flashed last: .*nvme1n1/)
  assert.equal(of(later.events, 'booted')[0]?.proof?.by, null)
}

test('an older system inside, as large as the flashed medium that the board does not see, is never the fault of the image', async () => {
  await using lab = await Lab.open()
  const inside = join(lab.folder, 'inside.img')
  execFileSync('zstd', ['-dqf', '--sparse', imageOf('ghaf-amd64'), '-o', inside])
  truncateSync(inside, 1024 * 2 ** 20)
  const power = lab.power({ memoryMiB: 512, disk: inside })
  const board = ghafBoard(lab, '', { images: { debug: mislabelled(lab) }, power })
  const { ended } = await runSuites(lab, board, 3, ...FEATURE)
  assert.deepEqual(faultsOf(ended), ['infrastructure/wrong-disk'])
  assert.match(notesOf(ended).join('\n'), /nvme0n1 has the size of the flashed medium, but not its stamp/)
})

test('another version on the disk that was flashed is the fault of the image', async () => {
  await using lab = await Lab.open()
  const { ended } = await runSuites(lab, ghafBoard(lab, '', { images: { debug: mislabelled(lab) } }), 1, ...FEATURE)
  assert.deepEqual(faultsOf(ended), ['product/wrong-version'])
  assert.match(faultRecords(ended)[0]!.expected, /26\.05\.20261231\.0000000/)
})

/** An image that says it is of another version than it is. */
function mislabelled(lab: Lab): string {
  const image = join(lab.folder, 'mislabelled.img.zst')
  copyFileSync(imageOf('ghaf-amd64'), image)
  const sidecar = JSON.parse(readFileSync(`${imageOf('ghaf-amd64')}.json`, 'utf8')) as object
  writeFileSync(`${image}.json`, JSON.stringify({ ...sidecar, version: '26.05.20261231.0000000' }))
  return image
}
