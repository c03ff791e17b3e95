import type { Clock } from '../../base/time.ts'
import type { PowerState, StopReason } from '../../controls/power.ts'
import { Cable } from './cable.ts'
import type { Chance } from './chance.ts'
import type { BenchFault, FaultKind, Planned } from './faults.ts'
import { MEDIUM_BYTES, SimMedium } from './medium.ts'
import { NetworkCard } from './network-card.ts'
import { System } from './system.ts'

export interface BoardMeans {
  readonly name: string
  readonly chance: Chance
  readonly mediumPath: string
  nowMs(): number
  after(ms: number, act: () => void): Disposable
  tell(board: string, text: string): void
  met(kind: FaultKind, board: string): void
  /** A process does something to the board. Errors: it is dead. */
  acted(board: string, process: Clock, what: string): void
}

/** A simulated board and the equipment around it: what a relay, a cable, a switch and a network do to it, and what it does. */
export class SimBoard {
  readonly name: string
  readonly cable: Cable
  readonly medium: SimMedium
  readonly network: NetworkCard
  /** What runs; undefined while it is off or boots nothing. */
  system: System | undefined
  readonly #means: BoardMeans
  readonly #pace: Chance
  /** What the relay was told last. */
  #told: 'on' | 'off' = 'off'
  #isMainsOut = false
  #relay: 'relay-sticks' | 'relay-lies' | 'relay-dead' | undefined
  #isOn = false
  #boots = 0
  #stopped: StopReason | undefined
  #life: { over: boolean } = { over: true }

  constructor(means: BoardMeans) {
    const { name, chance } = means
    this.#means = means
    this.#pace = chance.for('pace')
    this.name = name
    this.medium = new SimMedium(means.mediumPath)
    this.cable = new Cable({
      board: name,
      chance: chance.for('cable'),
      after: means.after,
      tell: text => means.tell(name, text),
      met: kind => means.met(kind, name),
    })
    this.cable.toBoard = text => this.system?.take(text)
    this.network = new NetworkCard(this, chance.for('network'))
  }

  /** Whether it has power, whatever anybody says. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** Whether its relay does not do, or not say, what it should. */
  get isRelayBad(): boolean {
    return this.#relay !== undefined
  }

  met(kind: FaultKind): void {
    this.#means.met(kind, this.name)
  }

  tell(text: string): void {
    this.#means.tell(this.name, text)
  }

  after(ms: number, act: () => void): Disposable {
    return this.#means.after(ms, act)
  }

  acted(process: Clock, what: string): void {
    this.#means.acted(this.name, process, what)
  }

  /** What an act that usually takes so long takes this time. */
  takesMs(usualMs: number): number {
    return usualMs * this.#pace.between(0.7, 1.6)
  }

  /** The relay is told something, and does what it can. */
  switch(to: 'on' | 'off'): void {
    this.#told = to
    if (to === 'on') this.#stopped = undefined
    // Somebody wants it on while its supply is cut: only now that is felt.
    if (to === 'on' && this.#isMainsOut) this.met('power-cut')
    const ignores =
      to === 'off' ? this.#relay === 'relay-sticks' || this.#relay === 'relay-lies' : this.#relay === 'relay-dead'
    if (ignores && (to === 'on') !== this.#isOn) {
      this.tell(`its relay does not switch it ${to}`)
      return this.met(this.#relay!)
    }
    this.#settle()
  }

  /** What the relay says. One that lies repeats what it was told. */
  read(): PowerState {
    if (this.#relay === 'relay-lies' || this.#relay === 'relay-dead') return this.#told
    return this.#isOn ? 'on' : 'off'
  }

  /** Why it stopped, as equipment tells that sees a board's own power. */
  get stopReason(): StopReason | undefined {
    return this.#stopped
  }

  /** Begins to go wrong. */
  strike({ kind, amount, atMs }: Planned<BenchFault>): void {
    switch (kind) {
      case 'line-noise':
        this.cable.damagedPerMillion = amount
        return
      case 'tty-blinks':
        this.cable.unplug(kind)
        this.after(amount, () => this.cable.plugIn())
        return
      case 'tty-gone':
        return this.cable.unplug(kind)
      case 'relay-sticks':
      case 'relay-lies':
      case 'relay-dead':
        this.#relay = kind
        return
      case 'power-cut':
        return this.#cutPower(amount)
      case 'ssh-half-open':
      case 'network-out':
        return this.network.strike(kind, amount)
      case 'bad-sector':
        this.medium.badAt = Math.floor(atMs) % 2048
        return
      case 'lying-medium':
        this.medium.liesAt = Math.floor(atMs) % 2048
        return
      case 'medium-stays':
        this.medium.stays = Math.ceil(amount)
        return
      case 'recording-disk-full':
    }
  }

  #cutPower(forMs: number): void {
    this.tell(`its supply is cut for ${Math.round(forMs)} ms`)
    this.#isMainsOut = true
    if (this.#isOn) {
      this.met('power-cut')
      this.#stopped = { by: 'outside', detail: 'its supply was taken away' }
    }
    this.#settle()
    this.after(forMs, () => {
      this.#isMainsOut = false
      this.tell('its supply is back')
      this.#settle()
    })
  }

  #settle(): void {
    const isOn = this.#told === 'on' && !this.#isMainsOut
    if (isOn === this.#isOn) return
    this.#isOn = isOn
    this.tell(isOn ? 'gets power' : 'has no power')
    if (isOn) this.#boot()
    else this.#end()
  }

  #boot(): void {
    const life = { over: false }
    this.#life = life
    const boot = ++this.#boots
    const { image, stamp } = this.medium
    const living = (act: () => void) => (): void => {
      if (!life.over) act()
    }
    if (!image) {
      this.after(
        300,
        living(() => this.cable.say('SeaBIOS (version 1.16.3-2)\r\nNo bootable device.\r\n')),
      )
      return
    }
    this.system = new System(
      {
        board: this.name,
        chance: this.#means.chance.for(`boot ${boot}`),
        image,
        disk: { sizeBytes: MEDIUM_BYTES, stamp },
        marker: () => this.medium.marker,
        setMarker: marker => void (this.medium.marker = marker),
        after: (ms, act) => this.after(ms, living(act)),
        say: text => this.cable.say(text),
        tell: text => this.tell(text),
        met: kind => this.met(kind),
        powerDown: () => {
          this.#stopped = { by: 'guest', detail: 'the image switched it off' }
          this.#end()
        },
        reboot: () => {
          this.tell('restarts itself')
          this.#end()
          this.#boot()
        },
      },
      () => this.#means.nowMs(),
    )
  }

  #end(): void {
    this.#life.over = true
    this.system?.die()
    this.system = undefined
    this.network.boardStopped()
  }
}
