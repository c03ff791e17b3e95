import { accessSync, constants, readFileSync } from 'node:fs'
import type { QemuOptions } from './options.ts'

/**
 * Whether to let the processor run the guest itself.
 *
 * A /dev/kvm that opens is no proof: one without vmx or svm behind it (CONFIG_KVM_PVM in a cloud machine) runs a
 * stock kernel for 7 s and then dies of `KVM internal error ... emulation failure`.
 */
export function accelOf(options: QemuOptions): 'tcg' | 'kvm' {
  if (options.accel !== 'auto') return options.accel
  const x86 = options.machine === 'nuc' || options.machine === 'x1'
  return x86 && process.arch === 'x64' && kvmWorks() ? 'kvm' : 'tcg'
}

/** One where the host orders memory more weakly than the guest expects: QEMU itself warns of what several would do. */
export function processorsOf(options: QemuOptions, hostArch: string = process.arch): number {
  const x86 = options.machine === 'nuc' || options.machine === 'x1'
  return x86 && hostArch !== 'x64' ? 1 : options.processors
}

function kvmWorks(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return /^flags\s*:.*\b(?:vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}
