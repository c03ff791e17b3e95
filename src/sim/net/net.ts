import type { IncomingMessage } from 'node:http'
import { clientOver, type AgentClient } from '../../agent/client.ts'
import type { SimProcess } from '../host/process.ts'
import type { Chance } from '../lab/chance.ts'
import { labelOf, labels } from './label.ts'
import { SimSocket, type Parcel } from './socket.ts'

/** A connection, as the agent's two ends see it. */
type WebSocket = Parameters<typeof clientOver>[0]

/** What is said on a socket file usually takes so long. */
const USUAL_MS = { least: 0.05, most: 2 }
/** How long a kernel that gives up on a connection takes to say so. */
const TELL_MS = 5

type Listener = { readonly process: SimProcess; readonly answer: (socket: WebSocket, request: IncomingMessage) => void }

/** Connections of the simulated host: lost, slow, stalled and half open as the seed has it. */
export class SimNet {
  readonly #chance: Chance
  readonly #listeners = new Map<string, Listener>()
  readonly #wires = new Set<Wire>()
  readonly #noPulse: boolean

  constructor(chance: Chance, { noPulse = false }: { readonly noPulse?: boolean } = {}) {
    this.#chance = chance
    this.#noPulse = noPulse
  }

  listen(path: string, listener: Listener): void {
    this.#listeners.set(path, listener)
  }

  deafen(path: string): void {
    this.#listeners.delete(path)
  }

  /** Connects a process to whoever listens, as `connect` of the agent's client does. */
  connect(path: string, process: SimProcess, onLost: (why?: string) => void = () => undefined): AgentClient {
    const listener = this.#listeners.get(path)
    const wire = new Wire(process, listener?.process ?? process, this.#chance)
    if (listener && !listener.process.killed) {
      this.#wires.add(wire)
      wire.near.once('close', () => this.#wires.delete(wire))
      listener.process.clock.after(this.#chance.between(USUAL_MS.least, USUAL_MS.most), () => {
        wire.far.opened()
        listener.answer(asWs(wire.far), { url: '/', headers: {}, socket: {} } as IncomingMessage)
        process.clock.after(USUAL_MS.least, () => wire.near.opened())
      })
    } else process.clock.after(USUAL_MS.least, () => wire.near.refused(new Error(`connect ECONNREFUSED ${path}`)))
    if (this.#noPulse) deaf(wire)
    return clientOver(asWs(wire.near), onLost, process.clock)
  }

  /** The connections of one process, as faults strike them. */
  wiresOf(process: SimProcess): Wire[] {
    return [...this.#wires].filter(({ near, far }) => near.process === process || far.process === process)
  }

  /** A process is no more: the kernel closes what it had. */
  drop(process: SimProcess): void {
    for (const [path, listener] of this.#listeners) if (listener.process === process) this.#listeners.delete(path)
    for (const wire of this.wiresOf(process)) {
      wire.hangUp(process)
      this.#wires.delete(wire)
    }
  }
}

/** One connection between two processes. */
export class Wire {
  readonly near: SimSocket
  readonly far: SimSocket
  /** Each message takes longer by so much, until a time. */
  slowMs = 0
  /** Messages that are to come a second time, so much later. */
  readonly again: number[] = []
  #isCut = false
  #isMute = false
  readonly #chance: Chance
  readonly #lastMs = new Map<SimSocket, number>()

  constructor(from: SimProcess, to: SimProcess, chance: Chance) {
    this.#chance = chance
    this.near = new SimSocket(from, parcel => this.#carry(parcel, this.far))
    this.far = new SimSocket(to, parcel => this.#carry(parcel, this.near))
  }

  /** Torn down by somebody in between: what was on its way is lost, and each end is told, the one later than the other. */
  cut(farLaterMs: number): void {
    this.#isCut = true
    this.near.process.clock.after(TELL_MS, () => this.near.closed())
    this.far.process.clock.after(TELL_MS + farLaterMs, () => this.far.closed())
  }

  /** Half open: nothing arrives any more, and nobody is told. */
  mute(): void {
    this.#isMute = true
  }

  /** One end's process is gone. */
  hangUp(process: SimProcess): void {
    const other = this.near.process === process ? this.far : this.near
    this.#isCut = true
    if (!this.#isMute) other.process.clock.after(TELL_MS, () => other.closed())
  }

  #carry(parcel: Parcel, to: SimSocket): void {
    if (this.#isMute || this.#isCut) return
    const { clock } = to.process
    const dueMs = clock.ticksMs() + this.#chance.between(USUAL_MS.least, USUAL_MS.most) + this.slowMs
    const atMs = Math.max(dueMs, this.#lastMs.get(to) ?? 0)
    this.#lastMs.set(to, atMs)
    const deliver = (): void => {
      if (this.#isMute || this.#isCut) return
      if (parcel.kind === 'message' && to === this.far)
        labels.run(labelOf(this.near.process.name, parcel.text), () => to.take(parcel))
      else to.take(parcel)
    }
    clock.after(atMs - clock.ticksMs(), deliver)
    if (parcel.kind !== 'message' || to !== this.far) return
    const laterMs = this.again.pop()
    if (laterMs !== undefined) clock.after(atMs - clock.ticksMs() + laterMs, deliver)
  }
}

/** Nobody at either end ever ends it because of silence. */
function deaf({ near, far }: Wire): void {
  for (const end of [near, far]) Object.assign(end, { terminate: () => undefined, close: () => undefined })
}

/** As much of it as the agent uses. */
function asWs(socket: SimSocket): WebSocket {
  return socket as unknown as WebSocket
}
