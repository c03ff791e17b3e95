import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { findProgram } from '../../src/base/program.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { fold } from '../../src/model/fold.ts'
import { readYaml } from '../../src/base/schema.ts'
import { BROKEN_BUILDS, builderBoard } from './builder.ts'
import { ROOT, story } from './hil.ts'
import { SUITES } from './ghaf.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultsOf, of } from './verdicts.ts'

// Rows about building, on a builder that is this host: sound targets pass, and each broken one fails its row.

const skip = findProgram('nix') === undefined && 'nix is not installed'
const ROWS = ['ghaf-vm', 'native-build', 'cross-compilation', 'emulated-build']

/** Whether this kernel lets a user have a binfmt_misc of their own. */
const emulates =
  spawnSync(join(ROOT, 'devices/builds/enter'), ['sh', '-c', 'ls /proc/sys/fs/binfmt_misc | grep -q qemu-aarch64'])
    .status === 0

test('sound targets pass every row', { skip }, async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({
    'builder-1': builderBoard({
      vm: 'packages.x86_64-linux.vm-debug-nogui',
      native: ['packages.x86_64-linux.generic-x86_64-debug'],
      cross: ['packages.x86_64-linux.nvidia-jetson-orin-agx-debug-from-x86_64'],
      emulated: ['packages.aarch64-linux.nvidia-jetson-orin-agx-debug'],
    }),
  })
  const env = { HIL_SUITES_DIR: SUITES }
  const hil = lab.startRun(bench, ['--device', 'builder', ...ROWS.flatMap(id => ['--feature', id])], env)
  const ended = await lab.mustEnd(hil, 0)
  const cells = cellsByBoard(ended.events)
  assert.deepEqual(cells, [
    'builder-1 ghaf-vm: pass',
    'builder-1 native-build: pass',
    'builder-1 cross-compilation: pass',
    `builder-1 emulated-build: ${emulates ? 'pass' : 'skip'}`,
  ])
})

test(
  'each broken target fails the row that promises it, and no other board is to blame',
  { skip: skip || slow },
  async () => {
    await using lab = await Lab.open()
    const broken = BROKEN_BUILDS.filter(({ feature }) => emulates || feature !== 'emulated-build')
    const boards = broken.map(({ builds }, index) => [`builder-${index}`, builderBoard(builds)] as const)
    const hil = lab.startRun(
      lab.bench(Object.fromEntries(boards)),
      [...boards.flatMap(([name]) => ['--device', name]), ...ROWS.flatMap(id => ['--feature', id])],
      { HIL_SUITES_DIR: SUITES },
    )
    const ended = await lab.mustEnd(hil, 1)
    assert.deepEqual(faultsOf(ended), [], story(ended))
    const failing = cellsByBoard(ended.events).filter(cell => !/: (?:skip|pass)$/.test(cell))
    assert.deepEqual(
      failing,
      broken.map(({ feature }, index) => `builder-${index} ${feature}: fail`),
      story(ended),
    )
  },
)

test('what the machine lacks is its own fault, and a machine that is always on is not switched', { skip }, async () => {
  await using lab = await Lab.open()
  const lost = builderBoard({
    flake: `path:${join(ROOT, 'devices/builds')}`,
    native: ['broken.x86_64-linux.not-cross'],
    options: ['--impure', '--option', 'extra-platforms', ''],
  })
  const bench = lab.bench({ 'builder-1': lost })
  const run = ['--device', 'builder-1', '--feature', 'native-build', '--grep', 'x86_64: what is built']
  const ended = await lab.mustEnd(lab.startRun(bench, run, { HIL_SUITES_DIR: SUITES }), 3)
  const [first] = of(ended.events, 'test')
  assert.equal(first?.result.fault?.code, 'infrastructure/builder', story(ended))
  const off = await lab.start(['power', 'builder-1', 'off', '--bench', bench]).ended
  assert.equal(off.exitCode, 2)
  assert.match(off.stderr, /always on/)
})

function cellsByBoard(events: Parameters<typeof fold>[0]): string[] {
  const { features } = readYaml(join(SUITES, 'features.yaml'), FeatureFile, 'configuration/bench-file').data
  return fold(events, features).cells.map(({ board, feature, verdict }) => `${board} ${feature}: ${verdict}`)
}
