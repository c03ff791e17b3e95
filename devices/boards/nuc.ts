import type { BoardType } from '../../src/model/board-type.ts'
import { GUESTS } from '../guests.ts'

/**
 * Intel NUC running the generic x86 image.
 *
 * Its firmware writes nothing to the USB serial cable: on hardware the kernel's first line is the first sign of life.
 * The twin's SeaBIOS or OVMF does write. Tested: QEMU q35 with SeaBIOS and with OVMF.
 */
export default {
  name: 'nuc',
  title: 'Intel NUC',
  traits: ['x86', 'generic-x86', 'serial', 'netvm', 'adminvm', 'desktop'],
  boot: {
    firmware: /SeaBIOS \(version |BdsDxe: |SYSLINUX |EFI stub: |Linux version |\[ {2,4}0\.\d{6}\] /,
    kernel: /EFI stub: |Linux version |\[ {2,4}\d{1,3}\.\d{6}\] |Stage 1 |systemd\[1\]: /,
    login: /[\w.-]{1,64} login: /,
    // The UEFI shell, which firmware starts when it finds nothing else.
    stopped: /Shell> (?:\u001b\[[\d;]{0,8}m){0,4}$/,
    limitsMs: { boot: 180_000, login: 30_000, ssh: 60_000, off: 20_000 },
  },
  rootDevice: /^\/dev\/(?:sd[a-z]|nvme\d+n\d+)/,
  inside: { host: '192.168.100.2', guests: GUESTS },
} satisfies BoardType
