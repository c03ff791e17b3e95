import type { BoardType } from '../../src/model/board-type.ts'
import { GUESTS } from '../guests.ts'

/**
 * NVIDIA Jetson Orin AGX and NX.
 *
 * Hardware: MB1/MB2 and UEFI on the debug MCU's console (ttyTCU0). The AGX was seen to need 230 s until it answers, of
 * which 90 s are a work-around of the vendor's firmware; first boots of 167 s are common. The twin starts by U-Boot.
 * Tested: QEMU arm64 virt with U-Boot 2023.01.
 */
export default {
  name: 'orin',
  title: 'NVIDIA Jetson Orin',
  traits: ['aarch64', 'serial', 'netvm', 'adminvm', 'desktop'],
  boot: {
    firmware: /U-Boot \d{4}\.\d{2}|\[\d{4}\.\d{3}\] I> |MB1 \(version|Jetson UEFI firmware|EFI stub: /,
    kernel: /Starting kernel \.\.\.|EFI stub: |Booting Linux on physical CPU|Linux version |\[ {2,4}\d{1,3}\.\d{6}\] /,
    login: /[\w.-]{1,64} login: /,
    stopped: /(?:\n=> |\nShell> (?:\u001b\[[\d;]{0,8}m){0,4})$/,
    loader: { on: 'twin', banner: /U-Boot \d{4}\.\d{2}/, key: ' ', prompt: '=> ' },
    limitsMs: { boot: 260_000, login: 30_000, ssh: 60_000, off: 20_000 },
    // However fast it comes up again, its first boot after a flash may take all of this.
    floorsMs: { boot: 240_000 },
  },
  // A USB disk or NVMe; on eMMC the flashed image would not be the one that runs.
  rootDevice: /^\/dev\/(?:sd[a-z]|nvme\d+n\d+)/,
  // AGX 64 GB and 32 GB, NX 16 GB and 8 GB: docs.nvidia.com/jetson/archives/r36.4/DeveloperGuide/IN/QuickStart.html
  recovery: { usbIds: ['0955:7023', '0955:7223', '0955:7323', '0955:7423'], appearsWithinMs: 60_000 },
  // Flashed in recovery mode: the AGX boots its eMMC, the NX its NVMe disk.
  insideDevice: /^\/dev\/(?:mmcblk0|nvme0n1)/,
  inside: { host: '192.168.100.2', guests: GUESTS },
} satisfies BoardType
