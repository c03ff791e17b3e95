import { join } from 'node:path'
import type { FaultCode } from '../../../src/base/fault-codes.ts'
import { imageOf } from '../../e2e/images.ts'
import type { BoardYaml, Lab } from '../../e2e/lab.ts'
import { kill } from '../../e2e/processes.ts'
import { qmp } from '../../e2e/qmp.ts'
import { StallingProxy } from './stalling-proxy.ts'

/** What is done to a board, or by its image, in the middle of a test. */
export interface Injected {
  readonly name: string
  /** What may be said of it: all of one class. */
  readonly codes: readonly FaultCode[]
  /** Kernel arguments of the image that does it by itself, once a test gave the cue. */
  readonly image?: string
  /** Done from outside. */
  readonly inject?: (lab: Lab, proxy: StallingProxy) => void | Promise<void>
  /** In so many seconds the test it struck must have its verdict; only of what is done from outside is it known when. */
  readonly withinS?: number
  /** Where nothing a bench can do helps, the next run has to. */
  readonly recoversBy?: 'next run'
}

const PRODUCT = 'hil.break='
/** Found by the board's supply, its console, or by a process that ended: they are watched all the time. */
const AT_ONCE_S = 5
/** Found by nothing but a connection on which nobody answers: five keepalives of 2 s, and one that was sent just before. */
const SILENCE_S = 15

export const FAULTS: readonly Injected[] = [
  { name: 'QEMU killed', codes: ['infrastructure/board-gone'], withinS: AT_ONCE_S, inject: lab => lab.pullPlug() },
  {
    name: 'QEMU stopped by QMP',
    codes: ['infrastructure/board-gone'],
    withinS: AT_ONCE_S,
    inject: lab => qmp(join(lab.boardDir(), 'qmp.sock'), 'stop'),
  },
  {
    name: 'QEMU stopped by SIGSTOP',
    // Nothing answers any more, QEMU's own monitor neither.
    codes: ['infrastructure/board-gone', 'infrastructure/ssh-lost', 'infrastructure/power'],
    // The silence, and then that of its supply, which is asked what it thinks.
    withinS: SILENCE_S + AT_ONCE_S,
    inject: lab => {
      for (const { pid } of lab.qemus()) kill(pid, 'SIGSTOP')
    },
  },
  {
    // Of a twin it takes QEMU with it, whose terminal it is: either may be seen first.
    name: 'console adapter gone',
    codes: ['infrastructure/tty-gone', 'infrastructure/board-gone'],
    withinS: AT_ONCE_S,
    inject: lab => {
      for (const { pid, command } of lab.processes()) if (command.startsWith('socat ')) kill(pid)
    },
    recoversBy: 'next run',
  },
  {
    name: 'SSH half open',
    codes: ['infrastructure/ssh-lost'],
    withinS: SILENCE_S,
    inject: (_lab, proxy) => proxy.stall(),
  },
  { name: 'kernel panic by sysrq', codes: ['product/panic'], image: `${PRODUCT}panic-on-cue` },
  { name: 'it switches itself off', codes: ['product/shutdown'], image: `${PRODUCT}poweroff-on-cue` },
  { name: 'it reboots by itself', codes: ['product/rebooted'], image: `${PRODUCT}reboot-on-cue` },
  { name: 'SSH server killed', codes: ['product/ssh-closed'], image: `${PRODUCT}sshd-on-cue` },
  { name: 'it wipes its disk', codes: ['product/no-boot', 'product/rebooted'], image: `${PRODUCT}wipe-on-cue` },
  {
    name: 'test process killed',
    codes: ['infrastructure/worker-lost'],
    withinS: AT_ONCE_S,
    inject: lab => {
      for (const { pid } of lab.workers()) kill(pid)
    },
  },
]

/** The board of a fault: by the proxy where the network is what breaks. */
export function boardFor({ image }: Injected, lab: Lab, proxy: StallingProxy): BoardYaml {
  const shell = { driver: 'ssh', host: '127.0.0.1', port: proxy.port, route: 'direct' }
  return lab.board({ shell, ...(image !== undefined && { images: { debug: imageOf('tiny-amd64', image) } }) })
}
