import type { Chance } from './chance.ts'
import type { ImageContent, Planned, ProductFault } from './faults.ts'
import { Job } from './job.ts'
import { consoleLogin } from './login.ts'
import { Machine } from './machine.ts'
import { Terminal } from './terminal.ts'

export const LOGIN = { user: 'ghaf', password: 'let-me-in' }

export interface SystemMeans {
  readonly board: string
  readonly chance: Chance
  readonly image: ImageContent
  readonly disk: { readonly sizeBytes: number; readonly stamp: string | undefined }
  readonly marker: () => string | undefined
  readonly setMarker: (marker: string) => void
  /** Time of the board, until it loses its power. */
  after(ms: number, act: () => void): Disposable
  say(text: string): void
  tell(text: string): void
  met(kind: ProductFault): void
  powerDown(): void
  reboot(): void
}

/** What runs on a board from power-on on: firmware, kernel, getty, an SSH server and a guest, and what is wrong with them. */
export class System {
  readonly means: SystemMeans
  readonly host: Machine
  readonly guest: Machine
  readonly terminal: Terminal
  /** `dead`: its kernel does nothing any more. */
  state: 'booting' | 'up' | 'dead' = 'booting'
  sshListens = false
  guestListens = false
  readonly bootId: string
  readonly #bootedAt: () => number
  #console: Job | undefined

  constructor(means: SystemMeans, nowMs: () => number) {
    this.means = means
    this.bootId = uuid(means.chance)
    const startMs = nowMs()
    this.#bootedAt = () => (nowMs() - startMs) / 1000
    this.terminal = new Terminal(text => this.#say(text))
    this.host = new Machine('ghaf-host', this)
    this.guest = new Machine('net-vm', this)
    this.#boot()
  }

  /** A thing that is wrong with the image. */
  defect(kind: ProductFault): Planned<ProductFault> | undefined {
    return this.means.image.defects.find(defect => defect.kind === kind)
  }

  take(text: string): void {
    if (this.state === 'up') this.terminal.take(text)
  }

  /** The kernel says something, in the middle of whatever is said. */
  kernelSays(text: string): void {
    this.#say(`[${this.#bootedAt().toFixed(6).padStart(12)}] ${text}\r\n`)
  }

  #say(text: string): void {
    if (this.state !== 'dead') this.means.say(text)
  }

  #boot(): void {
    const { chance, after } = this.means
    let ms = chance.between(100, 600)
    const later = (most: number, act: () => void): void => void after((ms += chance.between(most / 4, most)), act)
    for (const line of FIRMWARE) later(300, () => this.#say(`${line}\r\n`))
    const dies = this.defect('panics-at-boot') ?? this.defect('hangs-at-boot')
    for (const [n, line] of KERNEL.entries())
      later(400, () => {
        this.kernelSays(line)
        if (dies && n === KERNEL.length >> 1) this.#fail(dies.kind)
      })
    for (const line of UNITS) later(700, () => this.#say(`[  OK  ] ${line}\r\n`))
    later(1500, () => this.#up())
  }

  #up(): void {
    const { chance, after, image, met } = this.means
    if (this.state === 'dead') return
    this.state = 'up'
    if (this.defect('no-login')) met('no-login')
    else this.#openConsole()
    after(chance.between(100, 3000), () => (this.sshListens = !this.defect('no-ssh')))
    after(chance.between(1000, 6000), () => (this.guestListens = !this.defect('no-guest')))
    for (const { kind, atMs } of image.defects)
      if (LATER.has(kind)) after(atMs, () => this.state === 'up' && this.#fail(kind))
    this.#chatter()
  }

  #openConsole(): void {
    const { chance, after } = this.means
    const login = { host: 'ghaf-host', ...LOGIN, newShell: () => this.host.newShell(this.terminal) }
    const means = { terminal: this.terminal, after, thinkMs: () => chance.between(0.2, 4) }
    this.#console = new Job(consoleLogin(this.terminal, login), means, () => undefined)
  }

  /** Other programs print on the console too. */
  #chatter(): void {
    const { chance, after } = this.means
    after(chance.between(500, 9000), () => {
      if (this.state !== 'up') return
      this.kernelSays(chance.pick(CHATTER))
      this.#chatter()
    })
  }

  #fail(kind: ProductFault): void {
    const { tell, met, powerDown } = this.means
    tell(`its image ${kind}`)
    met(kind)
    if (kind === 'shuts-down') {
      this.kernelSays('reboot: Power down')
      powerDown()
      return
    }
    if (kind.startsWith('panics')) for (const line of PANIC) this.kernelSays(line)
    this.die()
  }

  /** Nothing answers any more. */
  die(): void {
    this.state = 'dead'
    this.sshListens = false
    this.guestListens = false
    this.#console?.kill()
  }
}

function uuid(chance: Chance): string {
  return chance
    .bytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const LATER: ReadonlySet<ProductFault> = new Set<ProductFault>(['panics-later', 'hangs-later', 'shuts-down'])

const FIRMWARE = ['SeaBIOS (version 1.16.3-2)', 'Booting from Hard Disk...', 'SYSLINUX 6.04 EDD']

const KERNEL = [
  'Linux version 6.12.30 (nixbld@localhost) #1-NixOS SMP',
  'Command line: BOOT_IMAGE=/kernel root=LABEL=nixos console=ttyS0',
  'BIOS-provided physical RAM map:',
  'DMI: Intel Corporation NUC/NUC, BIOS 1.2.3',
  'tsc: Detected 2592.000 MHz processor',
  'Memory: 8030536K/8388208K available',
  'rcu: Hierarchical RCU implementation.',
  'Console: colour VGA+ 80x25',
  'printk: legacy console [ttyS0] enabled',
  'smp: Brought up 1 node, 8 CPUs',
  'PCI: Using configuration type 1 for base access',
  'NET: Registered PF_INET protocol family',
  'nvme nvme0: pci function 0000:01:00.0',
  'nvme nvme0: 8/0/0 default/read/poll queues',
  'EXT4-fs (nvme0n1p2): mounted filesystem ro with ordered data mode.',
  'Run /init as init process',
]

const UNITS = [
  'Started Journal Service.',
  'Reached target Local File Systems.',
  'Started Network Configuration.',
  'Started D-Bus System Message Bus.',
  'Started MicroVM net-vm.',
  'Reached target Multi-User System.',
]

const CHATTER = [
  'audit: type=1130 audit(1767225610.123:88): pid=1 uid=0 msg=unit=chronyd',
  'virbr0: port 2(vm-net-vm) entered forwarding state',
  'IPv6: ADDRCONF(NETDEV_CHANGE): ethint0: link becomes ready',
  'systemd-journald[412]: Received client request to flush runtime journal.',
]

const PANIC = [
  'Kernel panic - not syncing: Fatal exception in interrupt',
  'CPU: 2 UID: 0 PID: 0 Comm: swapper/2 Not tainted 6.12.30 #1-NixOS',
  'Call Trace:',
  ' dump_stack_lvl+0x5d/0x80',
  '---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---',
]
