import { join } from 'node:path'
import { ROOT, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { cellsOf } from './verdicts.ts'

/** The project's own suites. */
export const SUITES = join(ROOT, 'suites')

/** What a sound image is found to do on a NUC; skipped is what a twin has not. */
export const ALL_PASS = {
  'x86-image': 'pass',
  'ci-builds': 'skip',
  'quick-target-update': 'pass',
  'rootfs-flashing': 'pass',
  'debug-ssh': 'pass',
  'debug-serial': 'pass',
  'minimal-host': 'pass',
  netvm: 'pass',
  adminvm: 'pass',
  'inter-vm-ip': 'pass',
  'pci-passthrough': 'skip',
  'wayland-compositor': 'skip',
  'virtualization-control': 'pass',
}

/** A NUC that boots a whole Ghaf image, told more by kernel arguments. */
export function ghafBoard(lab: Lab, args = '', change: BoardYaml = {}): BoardYaml {
  return lab.board({
    images: { debug: imageOf('ghaf-amd64', args) },
    media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 1024 },
    power: lab.power({ memoryMiB: 512 }),
    limitsMs: { boot: 90_000, ssh: 30_000 },
    update: { switch: [REBUILD, 'switch'], rollback: [REBUILD, 'rollback'], limitMs: 60_000 },
    ...change,
  })
}

/** Another system for a running twin, by Nix. */
const REBUILD = join(ROOT, 'devices/builds/rebuild')

/** Runs the project's own suites on a board and checks what must hold after any run. */
export async function runSuites(
  lab: Lab,
  board: BoardYaml,
  exitCode: number,
  ...args: string[]
): Promise<{ ended: Ended; cells: Record<string, string> }> {
  const hil = lab.startRun(lab.bench({ 'nuc-1': board }), args, { HIL_SUITES_DIR: SUITES })
  const ended = await lab.mustEnd(hil, exitCode)
  return { ended, cells: cellsOf(ended, SUITES) }
}
