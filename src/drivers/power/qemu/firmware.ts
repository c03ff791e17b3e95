import { existsSync } from 'node:fs'
import type { QemuOptions } from './options.ts'

/** UEFI code, and the variables a new board starts with. */
export interface Uefi {
  readonly code: string
  readonly vars: string
}

/**
 * What a board's firmware is made of; nothing for a board whose firmware comes with QEMU or is none.
 *
 * Source: packages ovmf and u-boot-qemu of Debian 12; the other paths are Fedora's and Arch's.
 */
export function firmwareOf(options: QemuOptions): { kind: 'built-in' } | FirmwareFiles {
  if (options.machine === 'orin') return files('u-boot-qemu', { bios: firstOf(U_BOOT) })
  if (options.machine === 'x1' || (options.machine === 'nuc' && options.firmware === 'uefi'))
    return files('ovmf', { uefi: OVMF.find(pair => existsSync(pair.code) && existsSync(pair.vars)) })
  return { kind: 'built-in' }
}

/** Firmware in files; with neither `bios` nor `uefi` this host lacks the package. */
export interface FirmwareFiles {
  readonly kind: 'files'
  readonly packageName: string
  readonly bios?: string | undefined
  readonly uefi?: Uefi | undefined
}

const U_BOOT = ['/usr/lib/u-boot/qemu_arm64/u-boot.bin', '/usr/share/u-boot/qemu_arm64/u-boot.bin']

const OVMF: readonly Uefi[] = [
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', vars: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', vars: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', vars: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
]

function files(packageName: string, found: { bios?: string | undefined; uefi?: Uefi | undefined }): FirmwareFiles {
  return { kind: 'files', packageName, ...found }
}

function firstOf(paths: readonly string[]): string | undefined {
  return paths.find(path => existsSync(path))
}
