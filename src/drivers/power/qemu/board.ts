import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault } from '../../../base/fault.ts'
import type { DriverContext } from '../../../controls/driver.ts'
import type { Power, PowerState, StopReason } from '../../../controls/power.ts'
import { accelOf, processorsOf } from './accel.ts'
import { firmwareOf, type Uefi } from './firmware.ts'
import type { MachinePlan } from './machines.ts'
import { readBootFiles } from './medium.ts'
import type { QemuOptions } from './options.ts'
import { hasEnded, livePid, sendSignal } from './process.ts'
import { askQmp } from './qmp.ts'
import { logTail, startQemu } from './start.ts'
import { starvedMs } from './starved.ts'

/**
 * The supply of a virtual board. QEMU outlives this process as hardware would: all that is known about it lies in
 * the state folder, and any process that opens the same folder sees and switches the same board.
 */
export class QemuBoard implements Power {
  readonly #options: QemuOptions
  readonly #context: DriverContext
  readonly #tty: string | undefined

  constructor(options: QemuOptions, context: DriverContext, tty: string | undefined) {
    const extraDisk = options.extraDisk === undefined ? {} : { extraDisk: resolve(options.extraDisk) }
    this.#options = { ...options, disk: resolve(options.disk), ...extraDisk }
    this.#context = context
    this.#tty = tty
    if (Buffer.byteLength(this.#qmpSocket) > MAX_SOCKET_PATH_BYTES)
      throw new Fault('configuration/bench-file', {
        expected: `a state folder whose sockets have paths of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
        seen: this.#qmpSocket,
        next: 'set HIL_STATE_DIR to a shorter path',
      })
  }

  async on(signal: AbortSignal): Promise<void> {
    const status = await this.#status(signal)
    if (status !== undefined && !STOPPED.has(status)) return
    if (status !== undefined) await this.off(signal)
    if (!existsSync(this.#options.disk))
      throw new Fault('infrastructure/media', {
        expected: `the boot medium ${this.#options.disk}`,
        seen: 'no such file',
        next: 'flash the board first',
      })
    const plan = await this.#plan(signal)
    // Before the start: should this process be killed now, the board is still known to be meant to run.
    writeFileSync(this.#wantedOn, '')
    try {
      await startQemu(plan, { log: this.#log, folder: this.#context.stateDir, clock: this.#context.clock }, signal)
    } catch (error) {
      rmSync(this.#wantedOn, { force: true })
      throw error
    }
  }

  async off(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const pid = this.#pid()
    // Before the kill, so that nobody takes it for a loss of power.
    rmSync(this.#wantedOn, { force: true })
    if (pid === undefined) return
    // A QEMU that does not listen any more is killed below all the same.
    await askQmp(this.#qmpSocket, 'quit', signal, QUIT_LIMIT_MS).catch((error: unknown) =>
      this.#context.log.debug({ error }, 'quit'),
    )
    if (await hasEnded(pid, this.#pidFile, QUIT_LIMIT_MS, this.#context.clock)) return
    sendSignal(pid, 'SIGKILL')
    if (await hasEnded(pid, this.#pidFile, KILL_LIMIT_MS, this.#context.clock)) return
    throw new Fault('infrastructure/power', {
      expected: `QEMU of ${this.#context.board} to end`,
      seen: `pid ${pid} survives SIGKILL`,
    })
  }

  async state(signal: AbortSignal): Promise<PowerState> {
    const status = await this.#status(signal)
    if (status === 'silent') return 'unknown'
    return status === undefined || STOPPED.has(status) ? 'off' : 'on'
  }

  async stopReason(signal: AbortSignal): Promise<StopReason | undefined> {
    if (!existsSync(this.#wantedOn)) return undefined
    const status = await this.#status(signal)
    if (status === undefined)
      return { by: 'outside', detail: `QEMU is gone, nobody switched it off${this.#lastWords()}` }
    if (status === 'shutdown') return { by: 'guest', detail: 'the guest switched itself off (QMP status shutdown)' }
    if (status === 'guest-panicked') return { by: 'guest', detail: 'the guest reported its own panic' }
    // Nothing a guest does stops QEMU so: somebody did, or its disk's file could not be written.
    if (status === 'paused' || status === 'io-error')
      return { by: 'outside', detail: `QEMU was stopped from outside (QMP status ${status})${this.#lastWords()}` }
    if (status === 'internal-error')
      return { by: 'outside', detail: `QEMU gave up: internal-error${this.#lastWords()}` }
    return undefined
  }

  starvedMs(): number {
    const pid = this.#pid()
    return pid === undefined ? 0 : starvedMs(pid)
  }

  get #pidFile(): string {
    return join(this.#context.stateDir, 'qemu.pid')
  }

  get #qmpSocket(): string {
    return join(this.#context.stateDir, 'qmp.sock')
  }

  get #log(): string {
    return join(this.#context.stateDir, 'qemu.log')
  }

  /** Stands while somebody wants the board to have power. */
  get #wantedOn(): string {
    return join(this.#context.stateDir, 'wanted-on')
  }

  #pid(): number | undefined {
    return livePid(this.#pidFile, this.#pidFile)
  }

  /** The word QEMU has for its run state, `silent` when it does not answer, undefined when there is no QEMU. */
  async #status(signal: AbortSignal): Promise<string | undefined> {
    if (this.#pid() === undefined) return undefined
    try {
      return ((await askQmp(this.#qmpSocket, 'query-status', signal)) as { status: string }).status
    } catch (error) {
      signal.throwIfAborted()
      this.#context.log.warn({ error, board: this.#context.board }, 'QEMU does not answer')
      return this.#pid() === undefined ? undefined : 'silent'
    }
  }

  async #plan(signal: AbortSignal): Promise<MachinePlan> {
    const options = this.#options
    const { board, stateDir, log } = this.#context
    const firmware = firmwareOf(options)
    const files = firmware.kind === 'files' ? firmware : undefined
    const boot =
      options.machine === 'imx8mp' ? await readBootFiles(options.disk, join(stateDir, 'boot'), signal) : undefined
    if (options.machine === 'imx8mp' && !boot)
      log.warn({ board, disk: options.disk }, 'nothing bootable on the SD card')
    const uefi = files?.uefi && ownVariables(files.uefi, join(stateDir, 'uefi-vars.fd'))
    const places = { pidFile: this.#pidFile, qmpSocket: this.#qmpSocket, consoleLog: join(stateDir, 'console.log') }
    const how = { accel: accelOf(options), processors: processorsOf(options) }
    return { ...places, ...how, board, options, boot, uefi, bios: files?.bios, tty: this.#tty }
  }

  #lastWords(): string {
    const line = logTail(this.#log).at(-1)
    return line === undefined ? '' : `; its last words: ${line}`
  }
}

/** States of a QEMU whose guest does not run any more. */
const STOPPED = new Set(['shutdown', 'guest-panicked', 'internal-error'])

/** `sun_path` of Linux, less its final NUL. */
const MAX_SOCKET_PATH_BYTES = 107
/** To say that it will, and again to end: a cut of power asks nobody, and a killed agent's boards must be off soon. */
const QUIT_LIMIT_MS = 2000
const KILL_LIMIT_MS = 3000

/** The board's own copy of the UEFI variables: they outlive power-off and flashing, as in a real board's flash chip. */
function ownVariables(uefi: Uefi, path: string): Uefi {
  if (!existsSync(path)) copyFileSync(uefi.vars, path)
  return { code: uefi.code, vars: path }
}
