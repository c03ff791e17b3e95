import { z } from 'zod'

/** The words of a virtual board in a bench file. Paths are of this host; `disk` is the boot medium. */
export const QemuOptions = z
  .strictObject({
    machine: z.enum(['nuc', 'x1', 'orin', 'imx8mp']),
    disk: z.string().min(1),
    extraDisk: z.string().min(1).optional(),
    memoryMiB: z.int().min(64).max(65536).default(512),
    /** Under emulation two make a board that is alone a third faster, and delay all of a bench whose host has no more. */
    processors: z.int().min(1).max(16).default(1),
    /** Port on 127.0.0.1 that leads to the guest's SSH server. */
    sshPort: z.int().min(1).max(65535).optional(),
    /** The tty to be made, which stays while the board's power goes. Absent: the console goes to `console.log`. */
    console: z.string().min(1).optional(),
    accel: z.enum(['auto', 'tcg', 'kvm']).default('auto'),
    /** Only the nuc has a choice; its BIOS starts 3 s sooner under emulation. */
    firmware: z.enum(['bios', 'uefi']).default('bios'),
  })
  .refine(o => o.firmware === 'bios' || o.machine === 'nuc', {
    path: ['firmware'],
    message: 'only the nuc has a choice of firmware',
  })
  .refine(o => o.extraDisk === undefined || o.machine !== 'imx8mp', {
    path: ['extraDisk'],
    message: 'the imx8mp has one SD card slot only',
  })
export type QemuOptions = z.infer<typeof QemuOptions>
export type Machine = QemuOptions['machine']
