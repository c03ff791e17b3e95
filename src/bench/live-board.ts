import { dirname, join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import { abortable } from '../base/time.ts'
import type { ConsolePort } from '../controls/console.ts'
import type { FlashJob, FlashProgress } from '../controls/flasher.ts'
import type { Power, PowerState } from '../controls/power.ts'
import type { RunOptions, Shell, ShellResult } from '../controls/shell.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import type { BootLimits } from '../model/board-type.ts'
import type { FlashProof } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import type { Running } from '../model/running.ts'
import type { Starved } from '../boot/own-time.ts'
import { bootToLogin } from '../boot/power-on.ts'
import { logIn } from '../boot/login.ts'
import { driveInstaller } from '../boot/installer.ts'
import { installBlindly } from '../boot/installer-blind.ts'
import { type Ask, askRunning, askStamps } from '../boot/running.ts'
import { alwaysOn } from './always-on.ts'
import { BootLoader, explained } from './boot-loader.ts'
import type { ConsoleFeed } from './console-feed.ts'
import { flashBoard, openForFlash } from './flash-board.ts'
import type { Transferred, TransferOptions } from './files/board-side.ts'
import { getFile } from './files/get.ts'
import { putFile } from './files/put.ts'
import { guestsOverSerial } from './guest-over-serial/guests.ts'
import { given } from './board-means.ts'
import type { LiveBoardOptions, ShellPlace } from './live-board-options.ts'
import type { Board } from './load.ts'
import { Network } from './network.ts'
import { openControl } from './open-control.ts'
import { linesBefore } from './deaths/quote.ts'
import { openFeed } from './open-feed.ts'
import type { Recording } from './recording.ts'
import { openRecording } from './recording/place.ts'
import { SerialShell } from './serial-shell/serial-shell.ts'
import { Vitals } from './vitals.ts'
import { whyUnanswered } from './why-unanswered.ts'

const PARK_LIMIT_MS = 20_000
const OFF_POLL_MS = 250
/** For removing what is left on a host that answers; a board that is past that must not keep its power for it. */
const FAREWELL_LIMIT_MS = 2000

/** One leased board at work: the only owner of its relay, tty, medium and connections. */
export class LiveBoard implements AsyncDisposable {
  readonly board: Board
  readonly vitals: Vitals
  readonly recording: Recording
  readonly bootLoader: BootLoader
  readonly #options: LiveBoardOptions
  readonly #power: Power
  readonly #console: ConsoleFeed | undefined
  #serial: Promise<SerialShell> | undefined
  #network: Network | undefined
  #guests: Network | undefined
  #poweredOnAt: number

  private constructor(
    board: Board,
    options: LiveBoardOptions,
    parts: { vitals: Vitals; recording: Recording; power: Power; console: ConsoleFeed | undefined },
  ) {
    this.board = board
    this.vitals = parts.vitals
    this.recording = parts.recording
    this.#poweredOnAt = parts.recording.begin
    this.#options = options
    this.#power = parts.power
    this.#console = parts.console
    this.bootLoader = new BootLoader({
      board,
      console: parts.console,
      bootLimitMs: this.limitsMs.boot,
      poweredOnAt: () => this.#poweredOnAt,
      powerOff: signal => this.powerOff(signal),
      powerOn: signal => this.powerOn(signal),
      powerState: signal => this.powerState(signal),
      starvedMs: this.#starved,
    })
  }

  /** Opens a board's power and console; its recording begins here, before power-on. */
  static async open(board: Board, options: LiveBoardOptions): Promise<LiveBoard> {
    const vitals = new Vitals(options.clock)
    const recording = openRecording(board, options)
    try {
      const power = board.wired.power ? await openControl(board, 'power', options) : alwaysOn(board.name)
      const console = await openFeed(board, recording, vitals, options)
      return new LiveBoard(board, options, { vitals, recording, power, console })
    } catch (error) {
      await recording[Symbol.asyncDispose]()
      throw error
    }
  }

  get console(): ConsolePort | undefined {
    return this.#console
  }

  /** The console for people: who watches it and who may write. */
  get feed(): ConsoleFeed | undefined {
    return this.#console
  }

  get limitsMs(): BootLimits {
    return Object.assign({}, this.board.type.boot.limitsMs, this.board.spec.limitsMs)
  }

  powerState(signal: AbortSignal): Promise<PowerState> {
    return this.#power.state(signal)
  }

  /** The first trouble since power-on, with a death included whose last lines are still coming. */
  async trouble(): Promise<Fault | undefined> {
    await this.#console?.trouble.settled()
    return this.vitals.trouble
  }

  /** Where in the recording the present boot begins. */
  get poweredOnAt(): number {
    return this.#poweredOnAt
  }

  /** Switches the board on without waiting for anything. */
  async powerOn(signal: AbortSignal): Promise<void> {
    this.#console?.assertOwned()
    await this.#dropShells()
    this.#poweredOnAt = this.recording.end
    this.recording.poweredOn()
    this.#console?.trouble.beginBoot()
    await this.#power.on(signal)
    await this.vitals.begin(this.#power, () => linesBefore(this.recording))
  }

  /** Watches over a board that somebody else switched on. */
  async adopt(): Promise<void> {
    await this.vitals.begin(this.#power, () => linesBefore(this.recording))
  }

  /** Switches the board off and reads it back. A supply that cannot be read is noted as unverified. */
  async powerOff(signal: AbortSignal): Promise<PowerState> {
    await this.#leaveGuests()
    await this.vitals.end()
    // Side by side: a board that is past saying goodbye must not keep its power for it.
    const [, off] = await Promise.allSettled([this.#dropShells(), this.#power.off(signal)])
    if (off.status === 'rejected') throw off.reason
    const state = await this.#readOff(signal)
    if (state === 'unknown') this.#options.listener.note('off is unverified: this power control cannot read back')
    if (state === 'on')
      throw new Fault('infrastructure/power', { expected: `${this.board.name} to be off`, seen: 'its power reads on' })
    return state
  }

  /** How long a virtual board has waited for its host; undefined for one of metal. */
  get #starved(): Starved {
    return this.#power.starvedMs?.bind(this.#power)
  }

  /** Reads the power until it is no longer on: equipment may lag behind what it was told. */
  async #readOff(signal: AbortSignal): Promise<PowerState> {
    const { clock } = this.#options
    const until = clock.ticksMs() + this.limitsMs.off
    for (;;) {
      const state = await this.#power.state(signal)
      if (state !== 'on' || clock.ticksMs() >= until) return state
      await clock.sleep(OFF_POLL_MS, signal)
    }
  }

  /** Writes an image to the boot medium with the board off, proves it, and hands the medium back. */
  async flash(
    image: Image,
    progress: (report: FlashProgress) => void,
    signal: AbortSignal,
    how: Pick<FlashJob, 'mode' | 'dryRun' | 'begins'> = {},
  ): Promise<FlashProof> {
    const { recordingPath, listener } = this.#options
    const folder = recordingPath === undefined ? this.board.stateDir : dirname(recordingPath)
    const means = {
      ...(await openForFlash(this.board, this.#options)),
      powerOff: () => this.powerOff(signal),
      note: listener.note,
      ...given(this.#options),
    }
    return flashBoard(means, { image, ...how, logPath: join(folder, 'flash.log'), signal, progress })
  }

  /** Switches the board on and, where its console offers a login, waits for that; otherwise SSH has to tell when it is up. */
  async boot(options: { loginOnConsole: boolean }, signal: AbortSignal): Promise<{ by: 'console' | 'ssh' }> {
    if (!this.#console || !options.loginOnConsole) {
      await this.powerOn(signal)
      return { by: 'ssh' }
    }
    const booted = bootToLogin(this.#console, this.board.type.boot, this.limitsMs.boot, {
      powerOn: () => this.powerOn(signal),
      powerState: () => this.#power.state(signal),
      starvedMs: this.#starved,
      signal,
    })
    await explained(this.#console, booted)
    this.#serial = undefined
    return { by: 'console' }
  }

  /** The shell on the serial console. Errors: `test/misuse` where the board has no console. */
  serial(signal: AbortSignal): Promise<SerialShell> {
    if (!this.#console)
      return Promise.reject(
        new Fault('test/misuse', { expected: 'a board with a console', seen: `${this.board.name} has none wired` }),
      )
    const console = this.#console
    const opened = (this.#serial ??= this.#openSerial(console, signal))
    opened.catch(() => (this.#serial = undefined))
    // One that answers nothing any more, of a board that was restarted for instance, is opened anew.
    return opened.then(shell => {
      if (!shell.lost) return shell
      if (this.#serial === opened) this.#serial = undefined
      return this.serial(signal)
    })
  }

  async #openSerial(console: ConsolePort, signal: AbortSignal): Promise<SerialShell> {
    const { login, boot } = this.limitsMs
    const reboot = { signs: this.board.type.boot.firmware, limitMs: boot }
    await logIn(console, this.board.spec.login, { limitMs: login, signal, reboot })
    const { note: onNote } = this.#options.listener
    return SerialShell.start(console, this.recording, signal, { onNote, ...given(this.#options) })
  }

  /** Sends a file to the board, or fetches one, over the serial console. Errors: see `putFile` and `getFile`. */
  async copyFile(way: 'put' | 'get', from: string, to: string, options: TransferOptions): Promise<Transferred> {
    this.bootLoader.assertLeft()
    const signal = AbortSignal.any([this.vitals.signal, options.signal])
    const shell = await this.serial(signal)
    return (way === 'put' ? putFile : getFile)(shell, from, to, { ...options, signal })
  }

  /** Runs a command where asked, blaming a lost connection on what is found to have caused it. */
  async run(where: ShellPlace, argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    this.bootLoader.assertLeft()
    const signal = options.signal ? AbortSignal.any([this.vitals.signal, options.signal]) : this.vitals.signal
    try {
      const shell = await this.shell(where, signal)
      return await shell.run(argv, { ...options, signal })
    } catch (error) {
      throw await this.#reasonOf(error, where)
    }
  }

  /** Closes the connections to a guest that is stopped on purpose. */
  async leaveGuest(name: string): Promise<void> {
    await Promise.all([this.#network?.leave(name), this.#guests?.leave(name)])
  }

  /** Asks the board what it runs and from which disk, leaving `flashId` as the marker of its first boot; see `askRunning`. */
  whatRuns(where: ShellPlace, flashId: string, options: RunOptions): Promise<Running> {
    return askRunning(argv => this.run(where, argv, options), flashId)
  }

  /** Reads the stamps of its disks with the login's password: over SSH, since a console would record it. */
  readStamps(running: Running, options: RunOptions): Promise<Running> {
    const ask: Ask = (argv, input) => this.run({ by: 'ssh' }, argv, { ...options, ...(input && { input }) })
    return askStamps(ask, running, this.board.spec.login.password)
  }

  /** Has a booted installer install, at its prompts on the console, or over SSH where there is none. */
  async install(order: InstallOrder, signal: AbortSignal): Promise<void> {
    const { login } = this.board.spec
    const alive = AbortSignal.any([this.vitals.signal, signal])
    if (!this.#console || !this.#seesLogin) {
      const ask: Ask = (argv, input) =>
        this.run({ by: 'ssh' }, argv, { limitMs: order.limitMs, signal, ...(input && { input }) })
      return installBlindly(ask, order, login)
    }
    // The installer asks questions: a prompt for people, and not the loop that takes commands only.
    await (await this.serial(alive)).leave(alive)
    this.#serial = undefined
    await driveInstaller(this.#console, order, { ...login, signal: alive })
  }

  /** Takes the boot medium away from the board, which is off then and will start from a disk of its own. */
  async removeMedium(signal: AbortSignal): Promise<void> {
    await this.powerOff(signal)
    await (await openControl(this.board, 'media', this.#options)).toHost(signal)
  }

  /** Knocks with credentials of somebody else: whether the board lets them in. Errors: an unreachable board. */
  async trySsh(user: string, password: string, signal?: AbortSignal): Promise<{ letIn: boolean }> {
    const alive = signal ? AbortSignal.any([this.vitals.signal, signal]) : this.vitals.signal
    try {
      return await (await this.#net(alive)).knock(user, password, alive)
    } catch (error) {
      throw await this.#reasonOf(error, { by: 'ssh' })
    }
  }

  /** Switches off, closes everything, keeps the recording on disk. Never throws: what went wrong is told. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { park = true } = this.#options
    const parks = typeof park === 'function' ? park() : park
    if (parks && this.board.wired.power) await this.#park()
    await this.#leaveGuests()
    await this.vitals[Symbol.asyncDispose]()
    await this.#dropShells()
    await this.#console?.[Symbol.asyncDispose]()
    await this.recording[Symbol.asyncDispose]()
  }

  /** A board that stays on is told, after a second try: nobody else is there to switch it off. */
  async #park(): Promise<void> {
    const off = (): Promise<unknown> => this.powerOff(this.#options.clock.timeout(PARK_LIMIT_MS + this.limitsMs.off))
    try {
      await off().catch(off)
    } catch (error) {
      this.#options.listener.fault(asFault(error, 'infrastructure/power'))
    }
  }

  /** The shell there, opened where it is not yet; the board's own, not to be disposed. */
  shell(where: ShellPlace, signal: AbortSignal): Promise<Shell> {
    if (where.by === 'serial') return where.guest ? this.#inside().guest(where.guest, signal) : this.serial(signal)
    return this.#net(signal).then(net => (where.guest ? net.guest(where.guest, signal) : net.host(signal)))
  }

  #inside(): Network {
    return (this.#guests ??= guestsOverSerial(this.board, signal => this.serial(signal), {
      sshLimitMs: this.limitsMs.ssh,
      onTrust: this.#options.listener.trusted,
      ...given(this.#options),
    }))
  }

  async #leaveGuests(): Promise<void> {
    const guests = this.#guests
    this.#guests = undefined
    if (!guests || this.vitals.trouble) return
    await abortable(guests[Symbol.asyncDispose](), this.#options.clock.timeout(FAREWELL_LIMIT_MS)).catch(
      () => undefined,
    )
  }

  async #net(signal: AbortSignal): Promise<Network> {
    if (this.#network) return this.#network
    const { spec, type, wired } = this.board
    if (!spec.shell || !wired.shell)
      throw new Fault('test/misuse', { expected: 'a board with SSH', seen: `${this.board.name} has no shell wired` })
    const connector = await openControl(this.board, 'shell', this.#options)
    this.#network ??= new Network(connector, {
      spec,
      wiring: spec.shell,
      type,
      // Without a login prompt to wait for, the boot itself is part of waiting for SSH.
      sshLimitMs: this.limitsMs.ssh + (this.#seesLogin ? 0 : this.limitsMs.boot),
      serial: async () => (this.#seesLogin ? this.serial(signal) : undefined),
      onTrust: this.#options.listener.trusted,
      clock: this.#options.clock,
    })
    return this.#network
  }

  #loginOnConsole = true

  get #seesLogin(): boolean {
    return this.#console !== undefined && this.#loginOnConsole
  }

  /** Tells the board that its image offers no login on the console (a release build). */
  expectNoConsoleLogin(): void {
    this.#loginOnConsole = false
  }

  async #reasonOf(thrown: unknown, { by, guest }: ShellPlace): Promise<unknown> {
    return whyUnanswered(thrown, {
      clock: this.#options.clock,
      vitals: this.vitals,
      recording: this.recording,
      seesLogin: this.#seesLogin,
      guestOverSerial: by === 'serial' ? guest : undefined,
      forget: () => (by === 'serial' ? this.#guests : this.#network)?.forget(),
      serial: signal => this.serial(signal),
      isLineAway: () => this.feed?.away !== undefined,
      powerState: signal => this.#power.state(signal),
      network: this.board.wired.shell && (signal => this.#net(signal)),
    })
  }

  async #dropShells(): Promise<void> {
    this.#serial = undefined
    // Their connections are the board's own, and end with it.
    this.#guests = undefined
    const network = this.#network
    this.#network = undefined
    await network?.[Symbol.asyncDispose]()
  }
}
