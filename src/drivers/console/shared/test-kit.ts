import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { findProgram } from '../../../base/program.ts'
import { endProgram } from '../../../base/test-kit.ts'
import { systemClock } from '../../../base/time.ts'
import type { Console, ConsoleLine, ConsoleSink } from '../../../controls/console.ts'
import { freePort, Received, soon, tempDir } from '../../test-kit.ts'

/** Why a test that needs these programs cannot run on this host; false: it can. */
export function unless(...programs: string[]): string | false {
  const missing = programs.filter(name => !findProgram(name))
  return missing.length > 0 ? `no ${missing.join(', ')} on this host: run ci/setup` : false
}

/** A real serial line: a pty that socat makes, whose path appears and vanishes with its process. */
export interface Cable {
  readonly path: string
  /** The board's end: what is written to its stdin arrives at the host, and the other way round. */
  readonly far: ChildProcess
  readonly arrived: Received
}

export async function plugIn(t: TestContext, at?: string): Promise<Cable> {
  const dir = tempDir()
  const path = at ?? join(dir.path, 'ttyUSB0')
  const far = spawn('socat', ['-', `PTY,link=${path},raw,echo=0`], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => {
    far.kill('SIGKILL')
    dir[Symbol.dispose]()
  })
  const arrived = new Received()
  far.stdout?.on('data', (chunk: Buffer) => arrived.add(chunk))
  await until(async () => existsSync(path))
  return { path, far, arrived }
}

export async function pullOut({ far }: Pick<Cable, 'far'>): Promise<void> {
  await endProgram(far)
}

/** Bytes a process has written in all; see proc_pid_io(5). */
export function writtenBy(process_: ChildProcess): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${process_.pid}/io`, 'utf8'))?.[1])
}

export interface Opened {
  readonly line: ConsoleLine
  readonly received: Received
  /** `lost `, `back `, who else reads, `alone `, in their order. */
  readonly events: Received
}

/** Opens a console for the time of a test. */
export async function listenTo(t: TestContext, console: Console): Promise<Opened> {
  const received = new Received()
  const events = new Received()
  const sink: ConsoleSink = {
    data: c => received.add(c),
    lost: () => events.add('lost '),
    back: () => events.add('back '),
    robbed: by => events.add(`${by ?? 'alone'} `),
  }
  const line = await console.open(sink, soon())
  t.after(() => line[Symbol.asyncDispose]())
  return { line, received, events }
}

/** A real ser2net in front of a real pty. */
export interface Server {
  readonly cable: Cable
  readonly port: number
  readonly config: string
  readonly process: ChildProcess
}

export async function serve(t: TestContext, mode: 'raw' | 'telnet' | 'rfc2217'): Promise<Server> {
  const cable = await plugIn(t)
  const port = await freePort()
  const dir = tempDir()
  t.after(() => dir[Symbol.dispose]())
  const config = join(dir.path, 'ser2net.yaml')
  const accepter = { raw: 'tcp', telnet: 'telnet,tcp', rfc2217: 'telnet(rfc2217),tcp' }[mode]
  writeFileSync(
    config,
    [
      '%YAML 1.1',
      '---',
      'connection: &board',
      `  accepter: ${accepter},127.0.0.1,${port}`,
      `  connector: serialdev,${cable.path},local`,
      '',
    ].join('\n'),
  )
  return { cable, port, config, process: await startServer(t, config, port) }
}

export async function startServer(t: TestContext, config: string, port: number): Promise<ChildProcess> {
  // In the foreground, without lock files of /var/lock, which not every user may write.
  const child = spawn('ser2net', ['-n', '-u', '-c', config], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  await until(async () => listens(port))
  return child
}

/** Whether a port is listened on, by the kernel's list: a connection would occupy the server. */
function listens(port: number): boolean {
  return readFileSync('/proc/net/tcp', 'utf8').includes(
    `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`,
  )
}

/** Looks again and again, at most 5 s. */
export async function until(look: () => Promise<boolean | undefined>): Promise<void> {
  const signal = soon(5000)
  while (!(await look())) await systemClock.sleep(10, signal)
}

/** Each byte there is. */
export const EVERY_BYTE = Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n))
