import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ghafBoard, runSuites } from './ghaf.ts'
import { installerImage } from './installer-image.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultRecords, faultsOf, notesOf, of } from './verdicts.ts'

// An installer on the boot medium installs on the disk inside the board; what then runs is what was installed.

const noLoop = process.getuid?.() === 0 && existsSync('/dev/loop-control') ? false : 'loop devices need root'

/** A laptop with a disk inside and a medium that can be taken away: a loop device for this host, a blank disk for the board. */
function laptop(lab: Lab, device: string) {
  const state = lab.boardDir()
  mkdirSync(state, { recursive: true })
  const inside = join(lab.folder, 'inside.img')
  for (const path of [join(state, 'disk.img'), inside]) {
    writeFileSync(path, '')
    truncateSync(path, 1 << 30)
  }
  const toHost =
    `cd ${state} && { [ -e medium.img ] || { mv disk.img medium.img; truncate -s 1M disk.img; }; }; ` +
    `[ -L medium ] || ln -s $(losetup -f --show medium.img) medium`
  const toBoard = `cd ${state} && { [ ! -L medium ] || { losetup -d $(readlink medium); rm medium; }; mv medium.img disk.img; }`
  return ghafBoard(lab, '', {
    type: 'x1',
    images: { debug: installerImage(lab.folder) },
    power: lab.power({ machine: 'x1', memoryMiB: 512, extraDisk: inside }),
    media: { driver: 'command', toHost, toBoard, device: join(state, 'medium') },
    limitsMs: { boot: 120_000, ssh: 60_000 },
    install: { device, limitMs: 240_000 },
  })
}

function takeMediumAway(lab: Lab): void {
  const medium = join(lab.boardDir(), 'medium')
  if (existsSync(medium)) execFileSync('sh', ['-c', `losetup -d $(readlink ${medium})`])
}

test(
  'what an installer installed inside is what is tested, with the medium removed',
  { skip: noLoop || slow },
  async () => {
    // Which of two NVMe disks is called nvme0n1 is a race within the kernel: where the medium lost it, once more.
    for (let attempt = 1; ; attempt++)
      try {
        return await installInside()
      } catch (error) {
        if (attempt === 3 || !/which is nvme1n1: the medium/.test(String(error))) throw error
      }
  },
)

async function installInside(): Promise<void> {
  await using lab = await Lab.open()
  const board = laptop(lab, '/dev/nvme1n1')
  try {
    const { ended, cells } = await runSuites(lab, board, 0, '--feature', 'rootfs-flashing')
    assert.deepEqual(cells, { 'rootfs-flashing': 'pass' })
    const boots = of(ended.events, 'booted').map(({ proof }) => proof)
    assert.equal(boots.length, 2)
    assert.equal(boots[1]?.by, 'place')
    assert.notEqual(boots[0]?.bootId, boots[1]?.bootId)
    assert.match(notesOf(ended).join('\n'), /installed on \/dev\/nvme1n1 in .*, the medium is removed/)
  } finally {
    takeMediumAway(lab)
  }
}

test('a disk the board does not have is a mistake of the bench file', { skip: noLoop || slow }, async () => {
  await using lab = await Lab.open()
  const { ended } = await runSuites(lab, laptop(lab, '/dev/nvme7n1'), 2, '--feature', 'rootfs-flashing')
  assert.deepEqual(faultsOf(ended), ['configuration/bench-file'])
  assert.match(faultRecords(ended)[0]!.next, /install\.device/)
})
