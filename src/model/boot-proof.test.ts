import assert from 'node:assert/strict'
import { test } from 'node:test'
import imx8mp from '../../devices/boards/imx8mp.ts'
import orin from '../../devices/boards/orin.ts'
import { judgeDisk, judgeVersion, needsStamps, type DiskVerdict } from './boot-proof.ts'
import type { Image } from './image.ts'
import type { FlashedMedium, Running, RunningDisk } from './running.ts'

const ID = '0123456789abcdef'
const OLD = 'fedcba9876543210'
const GIB = 1 << 30
const MEDIUM: FlashedMedium = { id: ID, stamped: true, sizeBytes: GIB, boots: 'medium' }
const INSIDE: FlashedMedium = { id: ID, stamped: false, boots: 'inside' }

const disk = (name: string, more: Partial<RunningDisk> = {}): RunningDisk => ({ name, sizeBytes: GIB, ...more })

function running(disks: RunningDisk[], more: Partial<Running> = {}): Running {
  const first = disks[0]?.name
  return { bootId: 'b', root: first === undefined ? null : { device: `${first}p2`, disks: [first] }, disks, ...more }
}

function inShort(verdict: DiskVerdict): string {
  if (verdict.is === 'right') return `right by ${verdict.by}`
  return verdict.is === 'unsure' ? 'unsure' : `wrong: ${verdict.fault.seen}`
}

const A = 'nvme0n1'
const B = 'nvme1n1'
const CASES: [what: string, flashed: FlashedMedium, running: Running, verdict: string | RegExp][] = [
  ['its stamp', MEDIUM, running([disk(A, { stamp: ID })]), 'right by stamp'],
  [
    'its stamp on another disk',
    MEDIUM,
    running([disk(A, { stamp: null }), disk(B, { stamp: ID })]),
    /stamp of this flash is on nvme1n1/,
  ],
  ['the stamp of an earlier flash', MEDIUM, running([disk(A, { stamp: OLD })]), /from nvme0n1: .*earlier flash/],
  [
    'no stamp left, the only disk of its size',
    MEDIUM,
    running([disk(A, { stamp: null }), disk(B, { sizeBytes: 5, stamp: null })]),
    'unsure',
  ],
  [
    'no stamp left, and its serial number',
    { ...MEDIUM, serial: 'S1' },
    running([disk(A, { stamp: null, serial: 'S1' })]),
    'right by serial',
  ],
  [
    'no stamp where none was written',
    { ...MEDIUM, stamped: false },
    running([disk(A, { stamp: null })]),
    'right by size',
  ],
  ['the only disk of its size', MEDIUM, running([disk(A), disk(B, { sizeBytes: 5 })]), 'right by size'],
  ['two disks of a size', MEDIUM, running([disk(A), disk(B)]), 'unsure'],
  ['a disk of another size', MEDIUM, running([disk(A, { sizeBytes: 5 })]), /1073741824 bytes, and that disk has not/],
  ['an older marker', MEDIUM, running([disk(A)], { marker: OLD }), /marker of an earlier flash/],
  ['its own marker, at a later boot', MEDIUM, running([disk(A)], { marker: ID }), 'right by size'],
  [
    'its stamp, and an older marker cannot be',
    MEDIUM,
    running([disk(A, { stamp: ID })], { marker: OLD }),
    'right by stamp',
  ],
  ['its serial number', { ...MEDIUM, serial: 'S1' }, running([disk(A, { serial: 'S1' }), disk(B)]), 'right by serial'],
  [
    'its serial number elsewhere',
    { ...MEDIUM, serial: 'S1' },
    running([disk(A), disk(B, { serial: 'S1' })]),
    /serial number S1 is nvme1n1/,
  ],
  [
    'a serial number that no disk shows',
    { ...MEDIUM, serial: 'S1' },
    running([disk(A, { serial: 'bridge' })]),
    'right by size',
  ],
  ['eMMC where a USB disk was flashed', MEDIUM, running([disk('mmcblk0')]), /from mmcblk0: it may only be/],
  ['memory', MEDIUM, running([]), 'unsure'],
  ['eMMC after recovery', INSIDE, running([disk('mmcblk0')]), 'right by place'],
  ['a USB disk after recovery', INSIDE, running([disk('sda')]), /from sda: it may only be/],
  ['an older system after recovery', INSIDE, running([disk('mmcblk0')], { marker: OLD }), /marker of an earlier flash/],
  ['a mapper over the disk', MEDIUM, { ...running([disk(A)]), root: { device: 'dm-0', disks: [A] } }, 'right by size'],
]
for (const [what, flashed, seen, verdict] of CASES)
  test(`running from ${what}`, () => {
    const judged = judgeDisk(flashed, orin, seen)
    if (typeof verdict === 'string') assert.equal(inShort(judged), verdict)
    else assert.match(inShort(judged), verdict)
    if (judged.is === 'wrong') assert.equal(judged.fault.code, 'infrastructure/wrong-disk')
  })

test('the fault names every disk of the board and the version that runs', () => {
  const judged = judgeDisk(
    MEDIUM,
    orin,
    running([disk(A, { serial: 'X' }), disk(B, { stamp: ID })], { version: '24.05' }),
  )
  assert.ok(judged.is === 'wrong')
  assert.match(judged.fault.seen, /nvme0n1 \(version 24\.05\)/)
  assert.deepEqual(judged.fault.evidence, [
    `${A}: 1.0 GiB, ${GIB} bytes, serial X, the system runs from it`,
    `${B}: 1.0 GiB, ${GIB} bytes, stamp ${ID}`,
  ])
})

test('the partition counts where the type names one', () => {
  const card = { ...running([disk('mmcblk2')]), root: { device: 'mmcblk2p2', disks: ['mmcblk2'] } }
  assert.equal(inShort(judgeDisk(MEDIUM, imx8mp, card)), 'right by size')
  assert.match(
    inShort(judgeDisk(MEDIUM, imx8mp, { ...card, root: { device: 'mmcblk2p1', disks: ['mmcblk2'] } })),
    /^wrong/,
  )
})

const image = { version: '26.05.20261101.743ae50', commit: '743ae50c1d2e3f' } as Image
const right: DiskVerdict = { is: 'right', by: 'stamp' }
const VERSIONS: [what: string, says: Partial<Running>, disk: DiskVerdict, code: string | undefined][] = [
  ['the same', { version: '26.05.20261101.743ae50' }, right, undefined],
  ['nothing', {}, right, undefined],
  ['another', { version: '26.05.20261001.0000000' }, right, 'product/wrong-version'],
  ['another, on a disk nobody could tell', { version: '1' }, { is: 'unsure', why: '' }, 'infrastructure/wrong-disk'],
  ['another, on a disk of the right size', { version: '1' }, { is: 'right', by: 'size' }, 'infrastructure/wrong-disk'],
  [
    'another, on a disk of the right serial number',
    { version: '1' },
    { is: 'right', by: 'serial' },
    'product/wrong-version',
  ],
  ['another, on the disk inside', { version: '1' }, { is: 'right', by: 'place' }, 'product/wrong-version'],
  ['the same commit, shorter and dirty', { commit: '743ae50-dirty' }, right, undefined],
  ['another commit', { commit: '843ae50c1d2e3f' }, right, 'product/wrong-version'],
  ['a commit too short to mean one', { commit: '743' }, right, 'product/wrong-version'],
]
for (const [what, says, disk_, code] of VERSIONS)
  test(`a board that says of its version ${what}`, () => {
    assert.equal(judgeVersion(image, running([disk(A)], says), disk_)?.code, code)
  })

test('stamps are asked for until something better than a size is known', () => {
  const judge = (flashed: FlashedMedium, seen: Running) => judgeDisk(flashed, orin, seen)
  assert.equal(needsStamps(judge(MEDIUM, running([disk(A)]))), true)
  assert.equal(needsStamps(judge(MEDIUM, running([disk(A), disk(B)]))), true)
  assert.equal(needsStamps(judge({ ...MEDIUM, serial: 'S1' }, running([disk(A, { serial: 'S1' })]))), false)
  assert.equal(needsStamps(judge(MEDIUM, running([disk(A, { stamp: ID })]))), false)
  assert.equal(needsStamps(judge(MEDIUM, running([disk(A, { sizeBytes: 5 })]))), false, 'it is wrong already')
})

test('an older system on a disk inside, as large as the flashed one that the board did not see', () => {
  const version = '26.05.20261001.0000000'
  for (const stamp of [undefined, null]) {
    const seen = running([disk(A, stamp === undefined ? {} : { stamp })], { version })
    assert.equal(judgeVersion(image, seen, judgeDisk(MEDIUM, orin, seen))?.code, 'infrastructure/wrong-disk')
  }
})

test('an image that says nothing of itself is never the wrong version', () => {
  assert.equal(judgeVersion({} as Image, running([disk(A)], { version: '1', commit: '2' }), right), undefined)
})
