import type { BootFiles } from './medium.ts'
import type { Uefi } from './firmware.ts'
import type { Machine, QemuOptions } from './options.ts'

/** All that decides a QEMU command line. Paths are absolute. */
export interface MachinePlan {
  readonly board: string
  readonly options: QemuOptions
  readonly accel: 'tcg' | 'kvm'
  readonly processors: number
  readonly bios?: string | undefined
  /** `vars` is the board's own copy. */
  readonly uefi?: Uefi | undefined
  /** What an imx8mp's ROM and boot loader would have loaded. */
  readonly boot?: BootFiles | undefined
  /** The board's end of the console, or nothing: then to this log. */
  readonly tty: string | undefined
  readonly consoleLog: string
  readonly pidFile: string
  readonly qmpSocket: string
}

/** The program that plays a machine. */
export function qemuFor(machine: Machine): string {
  return machine === 'nuc' || machine === 'x1' ? 'qemu-system-x86_64' : 'qemu-system-aarch64'
}

/**
 * The command line of a virtual board.
 *
 * A guest that switches itself off leaves QEMU paused (`-action shutdown=pause`), so that it can be told from a QEMU
 * somebody killed. The guest reaches no network (`restrict=on`): an image under test must not depend on ours.
 */
export function qemuArguments(plan: MachinePlan): string[] {
  const accel = plan.accel === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=128'
  return [
    ['-name', `hil-${plan.board}`, '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-pidfile', plan.pidFile, '-qmp', `unix:${value(plan.qmpSocket)},server=on,wait=off`],
    ['-action', 'shutdown=pause', '-msg', 'timestamp=on'],
    ['-accel', accel, '-smp', String(plan.processors), '-m', String(plan.options.memoryMiB)],
    consoleArguments(plan),
    plan.options.machine === 'imx8mp' ? imx8mp(plan) : pci(plan),
  ].flat()
}

/** nuc and x1: a PC; orin: QEMU's own arm64 machine. All three with the medium on NVMe. */
function pci(plan: MachinePlan): string[] {
  const { disk, extraDisk, machine } = plan.options
  const x86 = machine !== 'orin'
  // Pointer authentication costs a fifth of the boot time under emulation.
  const emulated = x86 ? 'max' : 'max,pauth=off'
  return [
    // Without graphics SeaBIOS writes to the serial port, which shows that the board is alive.
    ['-M', x86 ? 'q35,graphics=off' : 'virt', '-cpu', plan.accel === 'kvm' ? 'host' : emulated],
    // What the laptop's firmware says of it.
    machine === 'x1'
      ? ['-smbios', 'type=1,manufacturer=LENOVO,product=21HMCTO1WW,version=ThinkPad X1 Carbon Gen 11']
      : [],
    plan.bios ? ['-bios', plan.bios] : [],
    plan.uefi ? ['-drive', pflash(plan.uefi.code, true), '-drive', pflash(plan.uefi.vars, false)] : [],
    nvme('d0', disk, serialNumber(plan.board), ',bootindex=1'),
    // Second: UEFI goes on to it when nothing starts from the medium, as a board does from its own disk.
    extraDisk ? nvme('d1', extraDisk, serialNumber(`x-${plan.board}`), ',bootindex=2') : [],
    ['-netdev', `user,id=n0${network(plan)}`, '-device', 'virtio-net-pci,netdev=n0,romfile='],
    ['-device', 'virtio-rng-pci'],
  ].flat()
}

/**
 * NXP's evaluation board. Its console is the second UART, its SD card the third host (`/dev/mmcblk2`).
 *
 * Without anything bootable on the card the processor stays stopped (`-S`), as the real ROM stays silent.
 */
function imx8mp(plan: MachinePlan): string[] {
  const boot = plan.boot
  return [
    ['-M', 'imx8mp-evk', '-nic', `user${network(plan)}`],
    ['-drive', `if=sd,bus=2,format=raw,file=${value(plan.options.disk)}`],
    boot ? ['-kernel', boot.kernel, '-append', boot.append] : ['-S'],
    boot?.initrd ? ['-initrd', boot.initrd] : [],
    boot?.dtb ? ['-dtb', boot.dtb] : [],
  ].flat()
}

function consoleArguments(plan: MachinePlan): string[] {
  const backend = plan.tty ? `serial,id=ser0,path=${value(plan.tty)}` : `file,id=ser0,path=${value(plan.consoleLog)}`
  const first = plan.options.machine === 'imx8mp' ? ['-serial', 'null'] : []
  return ['-chardev', backend, ...first, '-serial', 'chardev:ser0']
}

function network(plan: MachinePlan): string {
  const port = plan.options.sshPort
  return `,restrict=on${port === undefined ? '' : `,hostfwd=tcp:127.0.0.1:${port}-:22`}`
}

function nvme(id: string, file: string, serial: string, more: string): string[] {
  return [
    '-drive',
    `if=none,id=${id},format=raw,file=${value(file)}`,
    '-device',
    `nvme,drive=${id},serial=${serial}${more}`,
  ]
}

function pflash(file: string, readOnly: boolean): string {
  return `if=pflash,format=raw,readonly=${readOnly ? 'on' : 'off'},file=${value(file)}`
}

/** QEMU's option lists end a value at a comma unless it is doubled. */
function value(text: string): string {
  return text.replaceAll(',', ',,')
}

/** NVMe has room for 20 characters. */
function serialNumber(board: string): string {
  return board.slice(0, 20)
}
