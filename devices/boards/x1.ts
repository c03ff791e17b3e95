import type { BoardType } from '../../src/model/board-type.ts'
import { GUESTS } from '../guests.ts'

/**
 * Lenovo ThinkPad X1 Carbon Gen 11, and laptops that run the same image.
 *
 * Serial is a USB-UART cable into the laptop: its firmware writes nothing there. Power is a finger robot on the power
 * button: the lab allows 110 s until the board answers, then presses once more and allows another 110 s.
 * Tested: QEMU q35 with OVMF.
 */
export default {
  name: 'x1',
  title: 'Lenovo X1 Carbon Gen 11',
  traits: ['x86', 'laptop', 'serial', 'netvm', 'adminvm', 'guivm', 'appvm', 'desktop', 'sw-update'],
  boot: {
    firmware: /BdsDxe: |EFI stub: |Linux version |\[ {2,4}0\.\d{6}\] /,
    kernel: /EFI stub: |Linux version |\[ {2,4}\d{1,3}\.\d{6}\] |Stage 1 |systemd\[1\]: /,
    login: /[\w.-]{1,64} login: /,
    // The UEFI shell, which firmware starts when it finds nothing else.
    stopped: /Shell> (?:\u001b\[[\d;]{0,8}m){0,4}$/,
    limitsMs: { boot: 220_000, login: 30_000, ssh: 60_000, off: 30_000 },
  },
  rootDevice: /^\/dev\/(?:sd[a-z]|nvme\d+n\d+)/,
  insideDevice: /^\/dev\/nvme\d+n\d+/,
  inside: { host: '192.168.100.2', guests: GUESTS },
} satisfies BoardType
