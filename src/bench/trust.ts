import { asFault, Fault } from '../base/fault.ts'
import { within } from '../base/time.ts'
import { toLogin } from '../boot/power-on.ts'
import type { Rebooted } from '../model/event.ts'
import { judgeReboot } from '../model/judge-reboot.ts'
import { ladderBudget, type Rung } from '../model/ladder.ts'
import { BootSigns, type WayIn } from './boot-signs.ts'
import { climb, type RungWork } from './climb.ts'
import { linesAround } from './deaths/quote.ts'
import { bootIdBy, newBoot, notRebooted, orderReboot } from './reboot.ts'
import { whyClosed } from './network.ts'
import type { TrustMeans } from './trust-means.ts'
import type { Vitals } from './vitals.ts'

/** How long a connection that may be dead is asked before the console is looked at. */
const QUICK_MS = 3000
/** How long a question whether SSH is back may take: more is for the next rung. */
const SSH_PROBE_MS = 5000
/** How long a system that said it restarts may take until its firmware speaks. */
const RESTART_MS = 20_000

/**
 * Whether a board is still what it was when its tests began: the boot it is in, what makes that doubtful, and the way back.
 *
 * Costs nothing while all is well. A session that ended uncleanly is paid for by the next test, and only by what it takes.
 */
export class Trust {
  readonly #means: TrustMeans
  readonly #signs: BootSigns
  #bootId: string | undefined
  /** Somebody asks for boot ids on this board: it has a shell, and its image lets people in. */
  #knewOne = false
  readonly #doubts: string[] = []
  #sshDoubted = false
  #testOpen = false
  #told: Fault | undefined
  /** What nothing helped against. */
  #lost: Fault | undefined

  constructor(means: TrustMeans) {
    this.#means = means
    this.#signs = new BootSigns(means.recording, means.board.type.boot)
  }

  /** The boot that is trusted; undefined: nobody has asked yet. */
  get bootId(): string | undefined {
    return this.#bootId
  }

  /** A boot begins that is wanted. */
  bootBegins(): void {
    this.#bootId = undefined
    this.#lost = undefined
    this.#signs.begin()
  }

  async learn(bootId: string): Promise<void> {
    // An image that lets nobody in does not say.
    if (bootId === '') return
    this.#bootId = bootId
    this.#knewOne = true
    this.#signs.settle(await this.#means.open())
  }

  opened(way: WayIn): void {
    this.#signs.opened(way)
  }

  answered(way: WayIn): void {
    this.#signs.answered(way)
  }

  /** From now on nobody knows what state the board is in. */
  doubt(why: string, lost?: WayIn): void {
    if (lost) this.#signs.lost(lost)
    if (lost === 'ssh') this.#sshDoubted = true
    if (!this.#doubts.includes(why)) this.#doubts.push(why)
  }

  /** A test begins, on a board that can be trusted. Gives back why it cannot, where nothing helped. */
  async beginTest(signal: AbortSignal): Promise<Fault | undefined> {
    if (this.#testOpen) this.doubt('a test did not come to its end')
    const lost = await this.#restore(signal)
    // One that is told so does nothing.
    this.#testOpen = lost === undefined
    return lost
  }

  /** A test ended by itself; gives back what the board got into. */
  async endTest(signal: AbortSignal): Promise<Fault | undefined> {
    this.#testOpen = false
    await this.findReboot(signal)
    this.#told = await this.#trouble()
    return this.#told
  }

  /** Reports a reboot that nobody asked for, where there was one. `lost`: a connection ended, which no answer need prove. */
  async findReboot(signal: AbortSignal, { lost = false } = {}): Promise<void> {
    const { vitals, recording } = this.#means
    if (this.#bootId === undefined || vitals.trouble) return
    if (lost && this.#signs.first() === undefined && this.#signs.announced()) await this.#firmwareSpeaks(signal)
    const sign = this.#signs.first()
    if (sign === undefined) return lost ? this.#askAnew(this.#bootId, signal) : undefined
    if (!lost && (await this.#askCarefully(sign, signal)) === this.#bootId) return this.learn(this.#bootId)
    vitals.report(await this.#rebooted(this.#signs.announced(sign), linesAround(recording, sign, 6, 6), signal))
  }

  /** Reboots the board and waits until it is up; a connection over SSH is there again then. Errors: as for any boot, `product/no-reboot`. */
  async reboot(how: Rebooted['how'], signal: AbortSignal): Promise<Rebooted> {
    const { clock, listener, vitals } = this.#means
    const startedMs = clock.ticksMs()
    const hadSsh = (await this.#means.open()).includes('ssh')
    const bootId = await this.#restart(how, signal)
    if (hadSsh) await this.#means.ssh(AbortSignal.any([vitals.signal, signal]))
    const reboot = { how, bootId, durationMs: clock.ticksMs() - startedMs }
    listener.rebooted?.(reboot)
    return reboot
  }

  async #restart(how: Rebooted['how'], signal: AbortSignal): Promise<string> {
    const before = this.#bootId ?? (await this.#ask(signal))
    const bootId = how === 'hard' ? await this.#cycle(signal) : await this.#softly(before, signal)
    if (bootId === before)
      throw new Fault('infrastructure/power', {
        expected: 'a new boot after the power was switched off and on',
        seen: `the boot of before (boot id ${before})`,
        next: 'check that power.off of this board really takes its power away: a battery or a second supply?',
      })
    await this.learn(bootId)
    return bootId
  }

  async #softly(before: string, signal: AbortSignal): Promise<string> {
    const { board, console, recording, drop, seesLogin, ssh, serial } = this.#means
    if (!this.#means.letsIn()) throw notRebooted('an image that lets nobody in, who could tell it')
    const alive = this.#alive(signal)
    const by = board.wired.shell && (!seesLogin() || !this.#sshDoubted) ? 'ssh' : 'serial'
    const shell = await (by === 'ssh' ? ssh(alive) : serial(alive))
    const from = recording.end
    this.bootBegins()
    console?.trouble.beginBoot()
    await orderReboot({ by, shell }, board.spec.login.password, alive)
    drop()
    return this.#up(before, from, signal)
  }

  #up(before: string, from: number, signal: AbortSignal): Promise<string> {
    const { board, console, clock, powerState, seesLogin, drop, starvedMs } = this.#means
    const { boot, login, ssh } = this.#means.limitsMs()
    const alive = this.#alive(signal)
    const ask = (alive: AbortSignal): Promise<string> => {
      drop()
      return this.#ask(alive)
    }
    return newBoot(before, from, {
      console: seesLogin() ? console : undefined,
      facts: board.type.boot,
      limitMs: seesLogin() ? boot + login : boot + ssh,
      ...{ clock, starvedMs, ask, signal: alive, powerState: () => powerState(alive) },
    })
  }

  async #cycle(signal: AbortSignal): Promise<string> {
    await this.#means.powerOff(signal)
    await this.#means.boot(signal)
    return this.#ask(signal)
  }

  async #restore(signal: AbortSignal): Promise<Fault | undefined> {
    if (this.#lost) return this.#lost
    await this.findReboot(signal)
    const trouble = await this.#trouble()
    if (!trouble && this.#knewOne && this.#bootId === undefined) await this.#learnAnew(signal)
    if (trouble && trouble !== this.#told) this.#means.listener.struck?.(trouble)
    if (await this.#means.isSerialLost()) this.doubt('the shell on the console lost its place')
    if (!trouble && this.#doubts.length === 0) return undefined
    const { clock, listener, board } = this.#means
    this.#lost = await climb({
      trouble,
      why: trouble ? `${trouble.code}: ${trouble.seen}` : this.#doubts.join('; '),
      means: this.#rungs(trouble),
      budget: ladderBudget(this.#means.limitsMs(), board.type.ladderMs),
      ...{ clock, signal, tell: step => listener.recovery?.(step) },
    })
    if (this.#lost) return this.#lost
    this.#doubts.length = 0
    this.#sshDoubted = false
    this.#told = undefined
    return undefined
  }

  /** After a boot that somebody else drove: by the boot loader's prompt. */
  async #learnAnew(signal: AbortSignal): Promise<void> {
    try {
      await this.learn(await this.#ask(signal))
    } catch (error) {
      signal.throwIfAborted()
      this.doubt(`it does not say which boot it is in: ${asFault(error).seen}`)
    }
  }

  #rungs(trouble: Fault | undefined): Partial<Record<Rung, RungWork>> {
    const { board, drop, resume } = this.#means
    const anew = async (): Promise<void> => {
      this.#mustHearIt()
      if (trouble || this.#means.vitals.trouble) await resume()
    }
    const entered = board.wired.console ?? board.wired.shell
    return {
      ...(entered && {
        probe: async signal => {
          await anew()
          return this.#probe(trouble, signal)
        },
        interrupt: async signal => {
          await anew()
          drop()
          return this.#checked(await this.#ask(signal), signal)
        },
      }),
      ...(entered &&
        this.#means.letsIn() &&
        !board.type.alwaysOn && {
          'soft-reboot': async signal => {
            await anew()
            const bootId = await this.#restart('soft', signal)
            await this.#ask(signal)
            return bootId
          },
        }),
      ...(board.wired.power && {
        'power-cycle': async signal => {
          this.#mustHearIt()
          const bootId = await this.#cycle(signal)
          await this.learn(bootId)
          return bootId
        },
      }),
    }
  }

  /** A cable that is out is not put back by anything that is done to the board. */
  #mustHearIt(): void {
    const { console, seesLogin } = this.#means
    const away = seesLogin() ? console?.away : undefined
    if (away !== undefined)
      throw new Fault('infrastructure/tty-gone', { expected: `${console!.device} to be back`, seen: away })
  }

  async #probe(trouble: Fault | undefined, signal: AbortSignal): Promise<string> {
    const { recording, seesLogin } = this.#means
    if (trouble?.code !== 'product/rebooted') return this.#checked(await this.#ask(signal, SSH_PROBE_MS), signal)
    const sign = this.#signs.first() ?? recording.end
    const before = this.#bootId ?? ''
    const bootId = seesLogin() ? await this.#up(before, sign, signal) : await this.#ask(signal)
    await this.learn(bootId)
    return bootId
  }

  /** What answers must be in the boot it was in; one in another rebooted unseen, and is trusted from there on. */
  async #checked(bootId: string, signal: AbortSignal): Promise<string> {
    const { listener } = this.#means
    const before = this.#bootId
    if (before !== undefined && before !== bootId)
      listener.struck?.(
        await this.#rebooted(this.#signs.announced(), [`boot id ${before} before, ${bootId} now`], signal),
      )
    await this.learn(bootId)
    return bootId
  }

  /** The boot it is in, by its console where that offers a login; by SSH too where that is what is doubted. */
  async #ask(signal: AbortSignal, sshLimitMs: number = this.#means.limitsMs().ssh): Promise<string> {
    const { letsIn, seesLogin, serial, ssh, knock, board, clock } = this.#means
    const alive = this.#alive(signal)
    if (!letsIn()) {
      await knock(alive)
      return ''
    }
    const shell = await (seesLogin() ? serial(alive) : ssh(alive))
    const id = await bootIdBy(shell, alive)
    if (!this.#sshDoubted || !seesLogin() || !board.wired.shell) return id
    const late = async (): Promise<Fault> =>
      (await whyClosed(shell, alive)) ??
      new Fault('infrastructure/ssh-unreachable', {
        expected: `SSH to ${board.name} again within ${sshLimitMs / 1000} s`,
        seen: 'no connection, while its console answers',
      })
    const other = await within(sshLimitMs, late, async limited => bootIdBy(await ssh(limited), limited), alive, clock)
    if (other === id) return id
    throw new Fault('infrastructure/ssh-host-key', {
      expected: `the machine at the address of ${board.name} to be the one on its console (boot id ${id})`,
      seen: `boot id ${other}`,
    })
  }

  /** By a connection that was open where there is one: typing on the console of a board that boots may stop it. */
  async #askCarefully(sign: number, signal: AbortSignal): Promise<string | undefined> {
    const { open, console, board, powerState, drop, seesLogin } = this.#means
    const alive = this.#alive(signal)
    if ((await open()).includes('ssh')) {
      const id = await this.#idBySsh(QUICK_MS, signal)
      if (id !== undefined) return id
    }
    if (!console || !seesLogin()) return undefined
    const limitMs = this.#means.limitsMs().boot
    try {
      await toLogin(console, board.type.boot, sign, limitMs, { signal: alive, powerState: () => powerState(alive) })
      drop()
      return await this.#ask(alive)
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  /** A board without a console shows no sign: only who gets in again can tell. One that lets nobody in by then stays as it is. */
  async #askAnew(before: string, signal: AbortSignal): Promise<void> {
    const { console, letsIn, limitsMs, vitals } = this.#means
    if (console || !letsIn()) return
    const id = await this.#idBySsh(limitsMs().ssh, signal)
    if (id === undefined || id === before) return
    vitals.report(await this.#rebooted(false, [`boot id ${before} before, ${id} now`], signal))
  }

  /** The boot it is in, where SSH tells that in so much time. */
  async #idBySsh(limitMs: number, signal: AbortSignal): Promise<string | undefined> {
    const limited = AbortSignal.any([this.#alive(signal), this.#means.clock.timeout(limitMs)])
    try {
      return await bootIdBy(await this.#means.ssh(limited), limited)
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  async #firmwareSpeaks(signal: AbortSignal): Promise<void> {
    const { console, recording, board } = this.#means
    const never = new Error('it does not')
    const options = { from: recording.end, limitMs: RESTART_MS, signal, late: () => never }
    await console?.expect(board.type.boot.firmware, options).catch(() => signal.throwIfAborted())
  }

  async #rebooted(announced: boolean, evidence: readonly string[], signal: AbortSignal): Promise<Fault> {
    const power = await this.#means.powerState(signal).catch(() => 'unknown' as const)
    const code = judgeReboot({ announced, power })
    const word = announced ? ', as it said itself' : `, and its power reads ${power}`
    return new Fault(code, {
      expected: 'the board to stay up',
      seen: `it started anew although nobody asked for it${word}`,
      evidence,
    })
  }

  async #trouble(): Promise<Fault | undefined> {
    await this.#means.console?.trouble.settled()
    return this.#means.vitals.trouble
  }

  #alive(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([this.#means.vitals.signal, signal])
  }
}

/** Whether a command was cut short by whoever ran it, and not by the board. */
export function wasCutShort(error: unknown, caller: AbortSignal | undefined, vitals: Vitals): boolean {
  return caller?.aborted === true && !vitals.trouble && asFault(error).class !== 'lease'
}
