import type { SimBoard } from './board.ts'
import type { Chance } from './chance.ts'
import type { Machine } from './machine.ts'
import type { System } from './system.ts'

/** Of a connection to a machine of the board: whether it still carries anything. */
export interface Connection {
  readonly machine: Machine
  readonly system: System
  /** Bytes on it go nowhere, in either direction. */
  isHalfOpen: boolean
}

/** The board's network, as whoever connects sees it. */
export class NetworkCard {
  readonly #board: SimBoard
  readonly #chance: Chance
  readonly #connections = new Set<Connection>()
  #isOut = false
  #isHalfOpen = false

  constructor(board: SimBoard, chance: Chance) {
    this.#board = board
    this.#chance = chance
  }

  strike(kind: 'ssh-half-open' | 'network-out', forMs: number): void {
    this.#board.tell(kind === 'network-out' ? 'its network cable is out' : 'its network swallows all that is sent')
    if (this.#connections.size > 0) this.#board.met(kind)
    for (const connection of this.#connections) connection.isHalfOpen = true
    if (kind === 'network-out') this.#isOut = true
    else this.#isHalfOpen = true
    this.#board.after(forMs, () => {
      if (kind === 'network-out') this.#isOut = false
      else this.#isHalfOpen = false
      this.#board.tell('its network works again')
    })
  }

  /** How a connection attempt from outside ends. */
  knock(): 'nothing' | 'refused' | System {
    const { system } = this.#board
    if (this.#isOut || this.#isHalfOpen) {
      if (system?.sshListens) this.#board.met(this.#isOut ? 'network-out' : 'ssh-half-open')
      return 'nothing'
    }
    if (!system || system.state !== 'up') return 'nothing'
    if (system.sshListens) return system
    if (system.defect('no-ssh')) this.#board.met('no-ssh')
    return 'refused'
  }

  open(system: System, machine: Machine): Connection {
    const connection = { machine, system, isHalfOpen: false }
    this.#connections.add(connection)
    return connection
  }

  close(connection: Connection): void {
    this.#connections.delete(connection)
  }

  /** Whether what is sent on a connection gets an answer. */
  carries(connection: Connection): boolean {
    return !connection.isHalfOpen && connection.system.state === 'up'
  }

  /** What one way takes. */
  latencyMs(): number {
    return this.#chance.between(0.3, 12)
  }

  boardStopped(): void {
    for (const connection of this.#connections) connection.isHalfOpen = true
  }
}
