import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultCode } from '../../../src/base/fault-codes.ts'
import { AgentProcess } from '../../e2e/agent-process.ts'
import { fillDisk } from '../../e2e/fill-disk.ts'
import { story, type HilProcess } from '../../e2e/hil.ts'
import { imageOf } from '../../e2e/images.ts'
import type { BoardYaml, Lab } from '../../e2e/lab.ts'
import { RelayTwin } from '../../e2e/relay-twin.ts'

/** What is wrong from the start of a run, or befalls it outside its tests; it is put right before the next run. */
export interface Wrong {
  readonly name: string
  /** What may be said of it: all of one class. */
  readonly codes: readonly FaultCode[]
  /** What is different about the board. */
  readonly change?: (lab: Lab) => BoardYaml | Promise<BoardYaml>
  readonly feature?: string
  readonly args?: readonly string[]
  /** What is so before the run begins, and is no more once that is over. */
  readonly before?: (lab: Lab, bench: string) => Promise<Disposable | AsyncDisposable>
  /** What happens while it runs. */
  readonly during?: (hil: HilProcess, lab: Lab) => Promise<void>
}

const broken = (args: string) => (): BoardYaml => ({ images: { debug: imageOf('tiny-amd64', args) } })

export const WRONG: readonly Wrong[] = [
  {
    name: 'wrong password in the bench file',
    codes: ['configuration/login'],
    change: () => ({ login: { user: 'ghaf', password: 'gahf' } }),
  },
  {
    name: 'image file cut short',
    codes: ['configuration/image'],
    change: lab => ({ images: { debug: cutImage(lab) } }),
  },
  {
    name: 'image larger than the medium',
    codes: ['configuration/image'],
    change: () => ({ media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 16 } }),
  },
  {
    name: 'no console cable',
    codes: ['infrastructure/tty-open'],
    change: () => ({ console: { driver: 'serial', path: '/dev/serial/by-id/none' } }),
  },
  {
    name: 'relay that does not switch',
    // It says itself that it is off.
    codes: ['infrastructure/power', 'infrastructure/board-gone'],
    change: stuckRelay,
  },
  {
    name: 'relay that says on, and the board stays dark',
    codes: ['infrastructure/console-silent'],
    change: darkBoard,
  },
  {
    name: 'flashed disk that is not in the board',
    codes: ['infrastructure/media'],
    change: lab => ({ media: { driver: 'file', path: join(lab.folder, 'elsewhere.img'), sizeMiB: 64 } }),
  },
  {
    name: 'disk of the host full',
    codes: ['infrastructure/disk-full'],
    before: lab => Promise.resolve(smallDisk(lab)),
    during: async (hil, lab) => {
      await hil.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
      fillDisk(lab.reportDir)
    },
  },
  {
    name: 'agent killed in a boot',
    codes: ['infrastructure/agent-gone'],
    before: async (lab, bench) => {
      const agent = await AgentProcess.start(lab, bench)
      agents.set(lab, agent)
      return { [Symbol.asyncDispose]: () => agent.kill() }
    },
    during: async (hil, lab) => {
      await hil.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
      await agents.get(lab)!.kill()
    },
  },
  {
    name: 'board held by somebody',
    codes: ['lease/held'],
    args: ['--wait', '0'],
    before: async (lab, bench) => {
      const agent = await AgentProcess.start(lab, bench)
      const held = await lab.start(['hold', 'nuc-1', '--for', '1h', '--bench', bench], { USER: 'somebody' }).ended
      if (held.exitCode !== 0) throw new Error(story(held))
      return {
        [Symbol.asyncDispose]: async () => {
          // It would count without its agent, too.
          await lab.start(['release', 'nuc-1', '--bench', bench], { USER: 'somebody' }).ended
          await agent.kill()
        },
      }
    },
  },
  {
    name: 'board taken for urgent work',
    codes: ['lease/preempted'],
    before: async (lab, bench) => {
      const agent = await AgentProcess.start(lab, bench)
      return { [Symbol.asyncDispose]: () => agent.kill() }
    },
    during: async (hil, lab) => {
      await hil.until('stage', ({ stage }) => stage === 'flash')
      const bench = join(lab.folder, 'bench.yaml')
      lab.start(['hold', 'nuc-1', '--for', '1s', '--priority', '9', '--bench', bench], { USER: 'somebody' })
    },
  },
  {
    name: 'kernel panic in the boot, again and again',
    codes: ['product/panic'],
    change: broken('rdinit=/none panic=1'),
  },
  {
    name: 'kernel panic after the login prompt',
    codes: ['product/panic'],
    change: broken('hil.break=panic'),
    // It comes a few seconds later.
    feature: 'long',
  },
  {
    name: 'boot that hangs before its login',
    codes: ['product/no-login'],
    change: () => ({ ...broken('hil.break=getty loglevel=6')(), limitsMs: { boot: 12_000 } }),
  },
  {
    name: 'image with nothing to boot in it',
    codes: ['product/no-boot'],
    change: lab => ({ images: { debug: lab.file('zeros.img', '\0'.repeat(1 << 20)) }, limitsMs: { boot: 8000 } }),
  },
  {
    name: 'image without an SSH server',
    codes: ['product/ssh-closed'],
    change: () => ({ ...broken('hil.break=sshd')(), limitsMs: { boot: 60_000, ssh: 4000 } }),
  },
  { name: 'image that refuses its own account', codes: ['product/ssh-auth'], change: broken('hil.break=ssh-auth') },
  { name: 'mistake in a suite', codes: ['test/exception'], feature: 'throws' },
  {
    name: 'interrupt by Ctrl-C',
    codes: ['cancelled/interrupt'],
    feature: 'long',
    during: async hil => {
      await hil.testBegins('it waits')
      hil.signal('SIGINT')
    },
  },
]

const agents = new WeakMap<Lab, AgentProcess>()

function cutImage(lab: Lab): string {
  const path = join(lab.folder, 'cut.img.zst')
  copyFileSync(imageOf('tiny-amd64'), path)
  truncateSync(path, statSync(path).size - 100_000)
  return path
}

/** A board with a relay that takes every command, and stays off. */
async function stuckRelay(lab: Lab): Promise<BoardYaml> {
  const { board } = await RelayTwin.open(lab, '')
  return { ...board, power: { driver: 'command', on: 'true', off: 'true', status: ['echo', 'off'] } }
}

/** A board whose relay works, and to which no power comes. */
async function darkBoard(lab: Lab): Promise<BoardYaml> {
  lab.file('dead', '')
  return (await RelayTwin.open(lab, '', { limitsMs: { boot: 8000 } })).board
}

/** A file system of 4 MB for what runs write. Needs root. */
function smallDisk(lab: Lab): Disposable {
  mkdirSync(lab.reportDir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', lab.reportDir])
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', lab.reportDir]) }
}
