import type { BoardType } from '../../src/model/board-type.ts'

/**
 * NXP i.MX 8M Plus evaluation kit: a plain host without guest VMs.
 *
 * Hardware: U-Boot SPL and U-Boot on the A53 console, usually the third port of the kit's USB serial adapter. The
 * twin has neither, its console begins with the kernel. Root is the second partition of the SD card, whose number
 * depends on which controllers the kernel found. Tested: QEMU 10.0 imx8mp-evk.
 */
export default {
  name: 'imx8mp',
  title: 'NXP i.MX 8M Plus EVK',
  traits: ['aarch64', 'serial'],
  boot: {
    firmware: /U-Boot (?:SPL )?\d{4}\.\d{2}|Booting Linux on physical CPU|Linux version |\[ {2,4}\d{1,3}\.\d{6}\] /,
    kernel: /Starting kernel \.\.\.|Booting Linux on physical CPU|Linux version |\[ {2,4}\d{1,3}\.\d{6}\] /,
    login: /[\w.-]{1,64} login: /,
    stopped: /\nu-boot=> $/,
    // Source: https://community.nxp.com/t5/i-MX-Processors/Can-t-flash-image-via-uuu-on-NXP-Official-IMX8MP-EVK/m-p/1696239
    loader: { on: 'hardware', banner: /U-Boot \d{4}\.\d{2}/, key: ' ', prompt: 'u-boot=> ' },
    limitsMs: { boot: 180_000, login: 30_000, ssh: 60_000, off: 20_000 },
  },
  rootDevice: /^\/dev\/mmcblk\d+p2$/,
} satisfies BoardType
