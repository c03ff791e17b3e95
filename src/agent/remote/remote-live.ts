import { Fault } from '../../base/fault.ts'
import { abortable } from '../../base/time.ts'
import type { FlashJob, FlashProgress } from '../../controls/flasher.ts'
import type { RunOptions, ShellResult } from '../../controls/shell.ts'
import type { InstallOrder } from '../../model/bench-file.ts'
import type { FlashProof } from '../../model/event.ts'
import type { Image } from '../../model/image.ts'
import type { Running } from '../../model/running.ts'
import { answered, type AgentClient } from '../client.ts'
import type { Live } from '../live.ts'

type Api = AgentClient['api']
type Place = Parameters<Live['run']>[0]
/** What the agent tells of a board when it is opened. */
export type Opened = Awaited<ReturnType<Api['boardOpen']['mutate']>>

/** A leased board that is open in its bench's agent: every act is a call under the lease's number. */
export class RemoteLive implements Live {
  readonly console: object | undefined
  readonly recording: { readonly begin: number }
  readonly limitsMs: Live['limitsMs']
  /** Told of the progress of a flash. */
  progress: (report: FlashProgress) => void = () => undefined
  readonly #api: Api
  readonly #lease: { readonly board: string; readonly epoch: number }
  #loginOnConsole = true

  constructor(api: Api, lease: { readonly board: string; readonly epoch: number }, opened: Opened) {
    this.#api = api
    this.#lease = lease
    this.console = opened.hasConsole ? {} : undefined
    this.recording = { begin: opened.begin }
    this.limitsMs = opened.limitsMs
  }

  async powerState(signal: AbortSignal): ReturnType<Live['powerState']> {
    return (await this.#call(this.#api.powerState.query(this.#lease), signal)).state
  }

  async powerOn(signal: AbortSignal): Promise<void> {
    await this.#call(this.#api.boardPower.mutate({ ...this.#lease, to: 'on' }), signal)
  }

  async powerOff(signal: AbortSignal): ReturnType<Live['powerOff']> {
    return (await this.#call(this.#api.boardPower.mutate({ ...this.#lease, to: 'off' }), signal)) ?? 'unknown'
  }

  async adopt(): Promise<void> {
    await answered(this.#api.boardPower.mutate({ ...this.#lease, to: 'adopt' }))
  }

  async trouble(): ReturnType<Live['trouble']> {
    const trouble = await answered(this.#api.boardTrouble.query(this.#lease))
    return trouble ? Fault.from(trouble) : undefined
  }

  async boot({ loginOnConsole, limitMs }: Parameters<Live['boot']>[0], signal: AbortSignal): ReturnType<Live['boot']> {
    const visible = loginOnConsole && this.#loginOnConsole
    const how = { loginOnConsole: visible, ...(limitMs !== undefined && { limitMs }) }
    return await this.#call(this.#api.boardBoot.mutate({ ...this.#lease, ...how }), signal)
  }

  async flash(
    image: Image,
    progress: (report: FlashProgress) => void,
    signal: AbortSignal,
    { mode, dryRun, begins }: Pick<FlashJob, 'mode' | 'dryRun' | 'begins'> = {},
  ): Promise<FlashProof> {
    this.progress = progress
    const how = { ...(mode && { mode }), ...(dryRun !== undefined && { dryRun }) }
    // Until the answer says otherwise the medium counts as changed: an agent that is gone cannot be asked.
    let begun = true
    try {
      const answer = await this.#call(this.#api.boardFlash.mutate({ ...this.#lease, image, ...how }), signal)
      begun = answer.begun
      if ('fault' in answer) throw Fault.from(answer.fault)
      return answer.proof
    } finally {
      this.progress = () => undefined
      if (begun && !dryRun && mode !== 'verify') begins?.()
    }
  }

  async install(order: InstallOrder, signal: AbortSignal): Promise<void> {
    await this.#call(this.#api.boardInstall.mutate({ ...this.#lease, order }), signal)
  }

  async removeMedium(signal: AbortSignal): Promise<void> {
    await this.#call(this.#api.boardRemoveMedium.mutate(this.#lease), signal)
  }

  async run(where: Place, argv: readonly string[], { limitMs, input, signal }: RunOptions): Promise<ShellResult> {
    const request = {
      ...this.#lease,
      ...where,
      argv: [...argv],
      limitMs,
      ...(input !== undefined && { input: Buffer.from(input).toString('base64') }),
    }
    const result = await this.#call(this.#api.run.mutate(request), signal)
    return { ...result, stdout: Buffer.from(result.stdout, 'base64'), stderr: Buffer.from(result.stderr, 'base64') }
  }

  trySsh(user: string, password: string, signal?: AbortSignal, limitMs?: number): ReturnType<Live['trySsh']> {
    const who = { user, password, ...(limitMs !== undefined && { limitMs }) }
    return this.#call(this.#api.trySsh.mutate({ ...this.#lease, ...who }), signal)
  }

  whatRuns(place: Place, flashId: string, { limitMs, signal }: RunOptions): Promise<Running> {
    return this.#call(this.#api.boardRuns.mutate({ ...this.#lease, place, flashId, limitMs }), signal)
  }

  readStamps(running: Running, { limitMs, signal }: RunOptions): Promise<Running> {
    return this.#call(this.#api.boardStamps.mutate({ ...this.#lease, running, limitMs }), signal)
  }

  copyFile(...[way, from, to, { signal }]: Parameters<Live['copyFile']>): ReturnType<Live['copyFile']> {
    const copy = { ...this.#lease, from, to }
    return this.#call(way === 'put' ? this.#api.filePut.mutate(copy) : this.#api.fileGet.mutate(copy), signal)
  }

  expectNoConsoleLogin(): void {
    this.#loginOnConsole = false
  }

  #call<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return abortable(answered(call), signal)
  }
}
