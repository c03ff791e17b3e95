/** Switches a board's supply. */
export interface Power {
  on(signal: AbortSignal): Promise<void>
  off(signal: AbortSignal): Promise<void>
  /** What the equipment reads back; `unknown` where it cannot (a laptop's power button, a blind relay). */
  state(signal: AbortSignal): Promise<PowerState>
  /** Why a board that was switched on stopped, where the equipment can tell. Undefined: it runs, or nobody knows. */
  stopReason?(signal: AbortSignal): Promise<StopReason | undefined>
  /** Of a virtual board: how long it has waited for a processor of its host since it was switched on. */
  starvedMs?(): number
}

export type PowerState = 'on' | 'off' | 'unknown'

/** `guest`: the image switched itself off. `outside`: the supply was taken away. */
export interface StopReason {
  readonly by: 'guest' | 'outside'
  readonly detail: string
}
