import { Fault } from '../base/fault.ts'
import { abortable } from '../base/time.ts'
import type { ConsolePort } from '../controls/console.ts'
import type { Power, PowerState } from '../controls/power.ts'
import type { RunOptions, Shell, ShellResult } from '../controls/shell.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import type { BootLimits } from '../model/board-type.ts'
import type { FlashProof } from '../model/event.ts'
import type { Running } from '../model/running.ts'
import type { Starved } from '../boot/own-time.ts'
import { bootToLogin } from '../boot/power-on.ts'
import { logIn } from '../boot/login.ts'
import { type Ask, askRunning, askStamps } from '../boot/running.ts'
import { alwaysOn } from './always-on.ts'
import { BootLoader, explained } from './boot-loader.ts'
import type { ConsoleFeed } from './console-feed.ts'
import type { Transferred, TransferOptions } from './files/board-side.ts'
import { getFile } from './files/get.ts'
import { putFile } from './files/put.ts'
import { guestsOverSerial } from './guest-over-serial/guests.ts'
import { given } from './board-means.ts'
import { linesBefore } from './deaths/quote.ts'
import { installOn } from './install-on.ts'
import type { BootOrder, LiveBoardOptions, ShellPlace } from './live-board-options.ts'
import type { Board } from './load.ts'
import { MediumWork } from './medium-work.ts'
import type { Network } from './network.ts'
import { openControl } from './open-control.ts'
import { openFeed } from './open-feed.ts'
import { openNetwork } from './open-network.ts'
import { parkBoard, sayFarewell } from './park.ts'
import { limitsOf, readOff } from './read-off.ts'
import type { Recording } from './recording.ts'
import { openRecording } from './recording/place.ts'
import { SerialShell } from './serial-shell/serial-shell.ts'
import { Trust, wasCutShort } from './trust.ts'
import { Vitals } from './vitals.ts'
import { whyUnanswered } from './why-unanswered.ts'

/** One leased board at work: the only owner of its relay, tty, medium and connections. */
export class LiveBoard implements AsyncDisposable {
  readonly board: Board
  readonly vitals: Vitals
  readonly recording: Recording
  readonly bootLoader: BootLoader
  /** Whether it is still what it was, and the way back. */
  readonly trust: Trust
  readonly #options: LiveBoardOptions
  readonly #power: Power
  readonly #console: ConsoleFeed | undefined
  readonly #medium: MediumWork
  #serial: Promise<SerialShell> | undefined
  #network: Network | undefined
  #guests: Network | undefined
  #poweredOnAt: number
  #isLeftOn = false

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
    this.#medium = new MediumWork(board, options, signal => this.powerOff(signal))
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
    this.trust = new Trust({
      ...{ ...parts, board, clock: options.clock, listener: options.listener, starvedMs: this.#starved },
      limitsMs: () => this.limitsMs,
      seesLogin: () => this.#seesLogin,
      letsIn: () => this.#loginOnConsole,
      serial: signal => this.serial(signal),
      ssh: signal => this.shell({ by: 'ssh' }, signal),
      open: async () => [
        ...(this.#network?.isOpen ? (['ssh'] as const) : []),
        ...((await this.#presentSerial()) ? (['serial'] as const) : []),
      ],
      isSerialLost: async () => (await this.#presentSerial())?.lost === true,
      drop: () => {
        this.#serial = undefined
        this.#network?.forget()
      },
      knock: signal => this.trySsh(board.spec.login.user, board.spec.login.password ?? '', signal),
      powerState: signal => this.powerState(signal),
      powerOff: signal => this.powerOff(signal),
      boot: signal => this.boot({ loginOnConsole: this.#loginOnConsole }, signal),
      resume: () => this.vitals.begin(parts.power, () => linesBefore(this.recording)),
    })
  }

  async #presentSerial(): Promise<SerialShell | undefined> {
    return this.#serial?.catch(() => undefined)
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
    return limitsOf(this.board)
  }

  /** Whether its end could not switch it off. */
  get isLeftOn(): boolean {
    return this.#isLeftOn
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
    await abortable(this.#medium.underWay(), signal)
    this.#console?.assertOwned()
    await this.#dropShells()
    this.trust.bootBegins()
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
    const guests = this.#guests
    this.#guests = undefined
    if (guests && !this.vitals.trouble) await sayFarewell(guests, this.#options.clock)
    await this.vitals.end()
    // Side by side: a board that is past saying goodbye must not keep its power for it.
    const [, off] = await Promise.allSettled([this.#dropShells(), this.#power.off(signal)])
    if (off.status === 'rejected') throw off.reason
    const state = await readOff(this.#power, this.board, this.#options.clock, signal)
    if (state === 'unknown') this.#options.listener.note('off is unverified: this power control cannot read back')
    return state
  }

  /** How long a virtual board has waited for its host; undefined for one of metal. */
  get #starved(): Starved {
    return this.#power.starvedMs?.bind(this.#power)
  }

  /** Writes an image to the boot medium with the board off, proves it, and hands the medium back. */
  flash(...job: Parameters<MediumWork['flash']>): Promise<FlashProof> {
    return this.#medium.flash(...job)
  }

  /** Switches the board on and, where its console offers a login, waits for that; otherwise SSH has to tell when it is up. */
  async boot(options: BootOrder, signal: AbortSignal): Promise<{ by: 'console' | 'ssh' }> {
    if (!this.#console || !options.loginOnConsole) {
      await this.powerOn(signal)
      return { by: 'ssh' }
    }
    const booted = bootToLogin(this.#console, this.board.type.boot, options.limitMs ?? this.limitsMs.boot, {
      powerOn: () => this.powerOn(signal),
      powerState: () => this.#power.state(signal),
      starvedMs: this.#starved,
      wholeLimitMs: this.limitsMs.boot,
      signal,
    })
    await explained(this.#console, booted)
    this.#serial = undefined
    return { by: 'console' }
  }

  /** The shell on the serial console; `untilMs`: see `run`. Errors: `test/misuse` where the board has no console. */
  serial(signal: AbortSignal, untilMs?: number): Promise<SerialShell> {
    if (!this.#console)
      return Promise.reject(
        new Fault('test/misuse', { expected: 'a board with a console', seen: `${this.board.name} has none wired` }),
      )
    const console = this.#console
    const opened = (this.#serial ??= this.#openSerial(console, signal, untilMs))
    opened.catch(() => (this.#serial = undefined))
    // One that answers nothing any more, of a board that was restarted for instance, is opened anew.
    return opened.then(shell => {
      if (!shell.lost) return shell
      if (this.#serial === opened) this.#serial = undefined
      return this.serial(signal, untilMs)
    })
  }

  async #openSerial(console: ConsolePort, signal: AbortSignal, untilMs = Infinity): Promise<SerialShell> {
    const { login, boot } = this.limitsMs
    const limitMs = Math.min(login, Math.max(1, Math.round(untilMs - console.clock.ticksMs())))
    const reboot = { signs: this.board.type.boot.firmware, limitMs: boot }
    await logIn(console, this.board.spec.login, { limitMs, signal, reboot })
    const { note: onNote } = this.#options.listener
    const shell = await SerialShell.start(console, this.recording, signal, { onNote, ...given(this.#options) })
    this.trust.opened('serial')
    return shell
  }

  /** Sends a file to the board, or fetches one, over the serial console. Errors: see `putFile` and `getFile`. */
  async copyFile(way: 'put' | 'get', from: string, to: string, options: TransferOptions): Promise<Transferred> {
    this.bootLoader.assertLeft()
    const signal = AbortSignal.any([this.vitals.signal, options.signal])
    const shell = await this.serial(signal)
    return (way === 'put' ? putFile : getFile)(shell, from, to, { ...options, signal })
  }

  /**
   * Runs a command where asked, blaming a lost connection on what is found to have caused it. `untilMs`: of the clock's ticks,
   * when the way in must be open, where that is before the board's own limits.
   */
  async run(where: ShellPlace, argv: readonly string[], options: RunOptions, untilMs?: number): Promise<ShellResult> {
    this.bootLoader.assertLeft()
    const signal = options.signal ? AbortSignal.any([this.vitals.signal, options.signal]) : this.vitals.signal
    try {
      const shell = await this.shell(where, signal, untilMs)
      const result = await shell.run(argv, { ...options, signal })
      if (where.guest === undefined) this.trust.answered(where.by)
      return result
    } catch (error) {
      if (wasCutShort(error, options.signal, this.vitals))
        this.trust.doubt(`'${argv.join(' ').slice(0, 80)}' was cut short`)
      throw await this.#reasonOf(error, where)
    }
  }

  /** Closes the connections to a guest that is stopped on purpose. */
  async leaveGuest(name: string): Promise<void> {
    await Promise.all([this.#network?.leave(name), this.#guests?.leave(name)])
  }

  /**
   * Asks the board what it runs and from which disk, leaving `flashId` as the marker of its first boot; see `askRunning`. The limit
   * is of the way in, and anew of the answer.
   */
  whatRuns(where: ShellPlace, flashId: string, options: RunOptions): Promise<Running> {
    const untilMs = this.#options.clock.ticksMs() + options.limitMs
    const asked = askRunning(argv => this.run(where, argv, options, untilMs), flashId)
    return asked.then(running => this.trust.learn(running.bootId).then(() => running))
  }

  /** Reads the stamps of its disks with the login's password: over SSH, since a console would record it. */
  readStamps(running: Running, options: RunOptions): Promise<Running> {
    const ask: Ask = (argv, input) => this.run({ by: 'ssh' }, argv, { ...options, ...(input && { input }) })
    return askStamps(ask, running, this.board.spec.login.password)
  }

  /** Has a booted installer install, at its prompts on the console, or over SSH where there is none. */
  async install(order: InstallOrder, signal: AbortSignal): Promise<void> {
    const alive = AbortSignal.any([this.vitals.signal, signal])
    const ask: Ask = (argv, input) =>
      this.run({ by: 'ssh' }, argv, { limitMs: order.limitMs, signal, ...(input && { input }) })
    const console = this.#seesLogin ? this.#console : undefined
    await installOn(this.board, order, { console, ask, serial: () => this.serial(alive), signal: alive })
    this.#serial = undefined
  }

  /** Takes the boot medium away from the board, which is off then and will start from a disk of its own. */
  removeMedium(signal: AbortSignal): Promise<void> {
    return this.#medium.remove(signal)
  }

  /** Knocks with credentials of somebody else: whether the board lets them in. Errors: a board unreachable, at the latest after `limitMs`. */
  async trySsh(user: string, password: string, signal?: AbortSignal, limitMs = Infinity): Promise<{ letIn: boolean }> {
    const untilMs = this.#options.clock.ticksMs() + limitMs
    const alive = signal ? AbortSignal.any([this.vitals.signal, signal]) : this.vitals.signal
    try {
      return await (await this.#net()).knock(user, password, alive, untilMs)
    } catch (error) {
      throw await this.#reasonOf(error, { by: 'ssh' })
    }
  }

  /** Switches off, closes everything, keeps the recording on disk. Never throws: what went wrong is told. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { park = true } = this.#options
    const parks = typeof park === 'function' ? park() : park
    if (parks && this.board.wired.power) this.#isLeftOn = !(await parkBoard(this, this.#options))
    await this.#medium.over()
    const guests = this.#guests
    this.#guests = undefined
    if (guests && !this.vitals.trouble) await sayFarewell(guests, this.#options.clock)
    await this.vitals[Symbol.asyncDispose]()
    await this.#dropShells()
    await this.#console?.[Symbol.asyncDispose]()
    await this.recording[Symbol.asyncDispose]()
  }

  /** The shell there, opened where it is not yet; the board's own, not to be disposed. */
  shell(where: ShellPlace, signal: AbortSignal, untilMs?: number): Promise<Shell> {
    if (where.by === 'serial')
      return where.guest ? this.#inside().guest(where.guest, signal) : this.serial(signal, untilMs)
    return this.#net().then(net => (where.guest ? net.guest(where.guest, signal) : net.host(signal, untilMs)))
  }

  #inside(): Network {
    return (this.#guests ??= guestsOverSerial(this.board, signal => this.serial(signal), {
      sshLimitMs: this.limitsMs.ssh,
      onTrust: this.#options.listener.trusted,
      ...given(this.#options),
    }))
  }

  async #net(): Promise<Network> {
    if (this.#network) return this.#network
    const opened = await openNetwork(this.board, this.#options, {
      // Without a login prompt to wait for, the boot itself is part of waiting for SSH.
      sshLimitMs: this.limitsMs.ssh + (this.#seesLogin ? 0 : this.limitsMs.boot),
      // Not by who opens it: the next to need it may come when that one has long hung up.
      serial: async () => (this.#seesLogin ? this.serial(this.vitals.signal) : undefined),
      onHost: () => this.trust.opened('ssh'),
    })
    return (this.#network ??= opened)
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
    const isLost = thrown instanceof Fault && thrown.code === 'infrastructure/ssh-lost'
    if (isLost && guest === undefined) this.trust.doubt(`the connection by ${by} was lost`, by)
    return whyUnanswered(thrown, {
      clock: this.#options.clock,
      vitals: this.vitals,
      recording: this.recording,
      seesLogin: this.#seesLogin,
      guestOverSerial: by === 'serial' ? guest : undefined,
      forget: () => (by === 'serial' ? this.#guests : this.#network)?.forget(),
      findReboot: signal => this.trust.findReboot(signal, { lost: true }),
      serial: signal => this.serial(signal),
      isLineAway: () => this.feed?.away !== undefined,
      powerState: signal => this.#power.state(signal),
      network: this.board.wired.shell && (() => this.#net()),
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
