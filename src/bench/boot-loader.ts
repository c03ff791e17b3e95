import type { Starved } from '../boot/own-time.ts'
import { Fault } from '../base/fault.ts'
import { toLogin, type PowerOnMeans } from '../boot/power-on.ts'
import type { UBoot } from '../boot/u-boot.ts'
import { stopAutoboot } from '../boot/u-boot/stop-autoboot.ts'
import type { LoaderFacts } from '../model/board-type.ts'
import type { ConsoleFeed } from './console-feed.ts'
import type { Board } from './load.ts'

/** What driving a boot loader takes of a board. */
export interface BootLoaderMeans {
  readonly board: Board
  readonly console: ConsoleFeed | undefined
  readonly bootLimitMs: number
  readonly starvedMs?: Starved
  /** Where in the recording the present boot begins. */
  poweredOnAt(): number
  powerOff(signal: AbortSignal): Promise<unknown>
  powerOn(signal: AbortSignal): Promise<void>
  powerState(signal: AbortSignal): ReturnType<PowerOnMeans['powerState']>
}

/** The boot loader of a leased board: the way to its prompt, and from there on into the system. */
export class BootLoader {
  readonly #means: BootLoaderMeans
  #uBoot: UBoot | undefined
  #since = -1

  constructor(means: BootLoaderMeans) {
    this.#means = means
  }

  /** Whether this board has one that can be driven. */
  get kind(): 'u-boot' | null {
    return this.#means.console && loaderOf(this.#means.board) ? 'u-boot' : null
  }

  /** The boot loader, once the board stands at its prompt; undefined: it does not, or it was switched off or on since. */
  get present(): UBoot | undefined {
    return this.#since === this.#means.poweredOnAt() ? this.#uBoot : undefined
  }

  /** Errors: `test/misuse` unless the board stands at the prompt. */
  get uBoot(): UBoot {
    if (this.present) return this.present
    throw new Fault('test/misuse', { expected: 'a board at the prompt of its boot loader', seen: 'it is not there' })
  }

  /** Errors: `test/misuse` while the board stands at the prompt: no shell can be had there. */
  assertLeft(): void {
    if (this.present)
      throw new Fault('test/misuse', {
        expected: 'a booted board',
        seen: 'it stands at the prompt of its boot loader',
        next: 'boot it first: await bootLoader.boot()',
      })
  }

  /** Power-cycles the board into its boot loader's prompt. Errors: see `stopAutoboot`. */
  async enter(signal: AbortSignal): Promise<void> {
    const { board, console, bootLimitMs, powerOff, powerOn, powerState, starvedMs, poweredOnAt } = this.#means
    const facts = board.type.boot
    const loader = loaderOf(board)
    if (!console || !loader)
      throw new Fault('test/misuse', {
        expected: 'a board with a console and a boot loader that can be driven',
        seen: `${board.name} has none`,
        next: 'skip the test where board.bootLoader is null',
      })
    await powerOff(signal)
    const means = { powerOn: () => powerOn(signal), powerState: () => powerState(signal), starvedMs, signal }
    this.#uBoot = await explained(console, stopAutoboot(console, { ...facts, loader }, bootLimitMs, means))
    this.#since = poweredOnAt()
  }

  /** Boots on to the login prompt. Errors: as for any boot. */
  async boot(signal: AbortSignal): Promise<void> {
    const { board, console, bootLimitMs, powerState, starvedMs } = this.#means
    const { uBoot } = this
    await uBoot.leave('boot', signal)
    this.#uBoot = undefined
    const from = console!.end()
    const means = { powerState: () => powerState(signal), starvedMs, signal }
    await explained(console!, toLogin(console!, board.type.boot, from, bootLimitMs, means))
  }
}

/** The boot's own fault, with the reason that boot loader or kernel gave. */
export async function explained<T>(console: ConsoleFeed, boot: Promise<T>): Promise<T> {
  try {
    return await boot
  } catch (error) {
    throw error instanceof Fault ? console.trouble.explain(error) : error
  }
}

function loaderOf(board: Board): LoaderFacts | undefined {
  const { loader } = board.type.boot
  return loader?.on === (board.spec.twin ? 'twin' : 'hardware') ? loader : undefined
}
