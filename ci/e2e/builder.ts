import { join } from 'node:path'
import { ROOT } from './hil.ts'
import type { BoardYaml } from './lab.ts'

const DEVICES = join(ROOT, 'devices')

/** A builder that is this host, with targets of `devices/builds` to be built: none unless named. */
export function builderBoard(builds: BoardYaml): BoardYaml {
  return {
    type: 'builder',
    twin: true,
    shell: { driver: 'local', enter: [join(DEVICES, 'builds/enter')], programs: ['nix'] },
    builds: { flake: `path:${join(DEVICES, 'builds')}`, options: ['--impure'], limitMs: 120_000, ...builds },
  }
}

/** A target that is broken in one way, and the row that must fail by it. All are tried with HIL_TRUTH=1. */
export interface BrokenBuild {
  readonly feature: string
  readonly builds: BoardYaml
}

export const BROKEN_BUILDS: readonly BrokenBuild[] = [
  { feature: 'ghaf-vm', builds: { vm: 'broken.vm-panics' } },
  { feature: 'ghaf-vm', builds: { vm: 'broken.vm-no-login', vmLimitMs: 8000 } },
  { feature: 'native-build', builds: { native: ['broken.x86_64-linux.fails'] } },
  { feature: 'native-build', builds: { native: ['broken.x86_64-linux.wrong-target'] } },
  { feature: 'native-build', builds: { native: ['broken.x86_64-linux.unreproducible'] } },
  // It could be built: by an emulator.
  { feature: 'native-build', builds: { native: ['packages.aarch64-linux.nvidia-jetson-orin-agx-debug'] } },
  { feature: 'cross-compilation', builds: { cross: ['broken.x86_64-linux.not-cross'] } },
  { feature: 'cross-compilation', builds: { cross: ['broken.x86_64-linux.cross-wrong-target'] } },
  { feature: 'cross-compilation', builds: { cross: ['broken.x86_64-linux.cross-unreproducible'] } },
  { feature: 'emulated-build', builds: { emulated: ['broken.aarch64-linux.not-emulated'] } },
  { feature: 'emulated-build', builds: { emulated: ['broken.aarch64-linux.emulated-wrong-target'] } },
]
