import { createHash } from 'node:crypto'
import { STAMP_TEXT } from '../../model/stamp.ts'
import { Job } from './job.ts'
import { Files, scratch, type Stream } from './sh/files.ts'
import type { Answer } from './sh/running.ts'
import { Shell } from './sh/shell.ts'
import type { System } from './system.ts'
import type { Terminal } from './terminal.ts'

/** What a command over SSH came to. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** The address of the one guest, inside the board. */
export const GUEST_ADDRESS = '192.168.100.1'
/** Something long to read over a console. */
export const LONG_FILE = '/etc/services'
const BROKEN_UNIT = 'microvm@net-vm.service'
const SECTOR_BYTES = 512

/** A host or guest with a shell: its files and programs. */
export class Machine {
  readonly name: string
  readonly files: Files
  /** `<type> <base64>` of its SSH server. */
  readonly hostKey: string
  readonly #system: System

  constructor(name: string, system: System) {
    this.name = name
    this.#system = system
    this.hostKey = keyOf(`${system.means.board}/${name}`)
    const toConsole: Stream = { is: 'terminal', write: text => system.terminal.write(text) }
    this.files = new Files(
      path => this.#made(path),
      path => (/^\/dev\/(?:ttyS0|console)$/.test(path) ? toConsole : undefined),
    )
  }

  /** `SHA256:…` as OpenSSH prints it. */
  get fingerprint(): string {
    const blob = Buffer.from(this.hostKey.split(' ')[1]!, 'base64')
    return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  }

  /** A login shell on a terminal. */
  newShell(terminal: Terminal): Shell {
    const own = (argv: readonly string[], stdin: () => string): Answer | undefined => {
      if (argv[0] !== 'stty') return this.#answer(argv, stdin)
      if (argv[1] === '-echo') terminal.echo = false
      if (argv[1] === 'echo') terminal.echo = true
      return argv.length === 2 ? { exitCode: 0 } : undefined
    }
    return new Shell(this.files, own, [terminal, terminal, terminal], this.files.newPid())
  }

  /** Runs a line for somebody without a terminal; `onEnd` is told what it said. */
  execute(line: string, input: Uint8Array | undefined, onEnd: (outcome: Outcome) => void): Job {
    const { chance, after } = this.#system.means
    const stdin = scratch(Buffer.from(input ?? []).toString('latin1'))
    const [stdout, stderr] = [scratch(), scratch()]
    const own = (argv: readonly string[], stdin: () => string): Answer | undefined => this.#answer(argv, stdin)
    const shell = new Shell(this.files, own, [stdin, stdout, stderr], this.files.newPid())
    return new Job(shell.runAll(line), { after, thinkMs: () => chance.between(0.5, 6) }, exitCode => {
      const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
      onEnd({ exitCode, stdout: bytes(stdout.file.data), stderr: bytes(stderr.file.data) })
    })
  }

  #made(path: string): string | undefined {
    const { guestListens, sshListens, bootId } = this.#system
    if (path === '/proc/sys/kernel/random/boot_id') return `${bootId}\n`
    if (path === '/etc/hostname') return `${this.name}\n`
    if (path === LONG_FILE) return LONG_TEXT
    if (path === '/etc/ssh/ssh_host_*_key.pub' || path === '/etc/ssh/ssh_host_ed25519_key.pub')
      return `${this.hostKey} root@${this.name}\n`
    if (path === '/proc/net/tcp') {
      const listens = this.name === 'net-vm' ? guestListens : sshListens
      return `  sl  local_address rem_address   st\n${listens ? '   0: 00000000:0016 00000000:0000 0A 00000000\n' : ''}`
    }
    return path === '/proc/net/tcp6' ? '  sl  local_address remote_address st\n' : undefined
  }

  #answer(argv: readonly string[], stdin: () => string): Answer | undefined {
    const [name = '', ...args] = argv
    const { means } = this.#system
    switch (name) {
      case 'uname':
        return { exitCode: 0, stdout: `${args[0] === '-n' ? this.name : 'Linux'}\n` }
      case 'hostname':
        return { exitCode: 0, stdout: `${this.name}\n` }
      case 'nixos-version':
        return { exitCode: 0, stdout: `${means.image.version} (Simulated)\n` }
      case 'systemctl':
        return this.#systemctl(args)
      case 'reboot':
        return this.#reboot()
      case 'ssh-keyscan':
        return this.#keyscan(args.at(-1) ?? '', args)
      case 'id':
        return { exitCode: 0, stdout: args[0] === '-u' ? '1000\n' : 'uid=1000(ghaf) gid=100(users)\n' }
      case 'sh':
        return this.#probe(args[1] ?? '', args.slice(3), stdin)
      default:
        return undefined
    }
  }

  #systemctl([verb = '', unit = '']: readonly string[]): Answer {
    if (verb === 'reboot') return this.#reboot()
    if (verb !== 'is-active') return { exitCode: 1, stderr: `Unknown command verb ${verb}.\n` }
    const isBroken = unit === BROKEN_UNIT && this.#system.defect('broken-unit')
    if (isBroken) this.#system.means.met('broken-unit')
    return isBroken ? { exitCode: 3, stdout: 'failed\n', ms: 20 } : { exitCode: 0, stdout: 'active\n', ms: 20 }
  }

  #reboot(): Answer {
    this.#system.means.after(1000, () => this.#system.means.reboot())
    return { exitCode: 0 }
  }

  #keyscan(address: string, args: readonly string[]): Answer {
    const { guest, guestListens } = this.#system
    const asked = args.some(arg => arg.includes('ed25519'))
    if (address !== GUEST_ADDRESS || !guestListens) {
      if (this.#system.defect('no-guest')) this.#system.means.met('no-guest')
      return { exitCode: 1, stderr: '', ms: 5000 }
    }
    const banner = `# ${address}:22 SSH-2.0-OpenSSH_9.9\n`
    return { exitCode: 0, stdout: asked ? `${address} ${guest.hostKey}\n` : '', stderr: banner, ms: 300 }
  }

  /** The two scripts by which a run asks what runs: their answers, without the files that they read. */
  #probe(script: string, args: readonly string[], _stdin: () => string): Answer | undefined {
    const { means, bootId } = this.#system
    if (script.startsWith('for d in /sys/block/')) {
      const { stamp } = means.disk
      return { exitCode: 0, stdout: `stamp nvme0n1 ${stamp === undefined ? '' : `${STAMP_TEXT}${stamp}`}\n`, ms: 60 }
    }
    if (!script.includes('/proc/sys/kernel/random/boot_id; echo boot')) return undefined
    const marker = means.marker()
    if (marker === undefined && args[0]) means.setMarker(args[0])
    const lines = [
      `boot ${bootId}`,
      `version ${means.image.version} (Simulated)`,
      'firmware 1.2.3',
      'mount / nvme0n1p2 nvme0n1',
      `disk nvme0n1 ${means.disk.sizeBytes / SECTOR_BYTES} SIM0001`,
      ...(marker === undefined ? [] : [`marker ${marker}`]),
    ]
    return { exitCode: 0, stdout: lines.map(line => `${line}\n`).join(''), ms: 40 }
  }
}

function keyOf(word: string): string {
  return `ssh-ed25519 ${createHash('sha512').update(word).digest().subarray(0, 51).toString('base64')}`
}

export const LONG_TEXT = Array.from(
  { length: 120 },
  (_, n) => `service-${n}\t${1000 + n}/tcp\t# ${'simulated '.repeat((n % 7) + 1)}\n`,
).join('')
