/** What can go wrong with the bench: never the product's fault. */
export const BENCH_FAULTS = [
  'line-noise',
  'tty-blinks',
  'tty-gone',
  'relay-sticks',
  'relay-lies',
  'relay-dead',
  'power-cut',
  'ssh-half-open',
  'network-out',
  'bad-sector',
  'lying-medium',
  'medium-stays',
  'recording-disk-full',
] as const

/** What can go wrong with a run: it concerns all its boards. */
export const RUN_FAULTS = [
  'log-disk-full',
  'run-killed',
  'tests-killed',
  'messages-lost',
  'messages-doubled',
  'interrupted',
] as const

/** What can be wrong with an image. */
export const PRODUCT_FAULTS = [
  'panics-at-boot',
  'panics-later',
  'hangs-at-boot',
  'hangs-later',
  'shuts-down',
  'no-login',
  'no-ssh',
  'wrong-password',
  'no-guest',
  'broken-unit',
] as const

/** What can go wrong with the agent of a bench and its host. */
export const AGENT_FAULTS = [
  'agent-killed',
  'agent-killed-writing',
  'agent-interrupted',
  'agent-drained',
  'agent-stands-still',
  'host-loses-power',
  'book-disk-full',
  'book-disk-slow',
  'book-disk-fails',
  'board-quarantined',
  'lease-taken-away',
] as const

/** What can go wrong with somebody who uses boards by an agent, and between the two. */
export const CLIENT_FAULTS = [
  'client-killed',
  'client-interrupted',
  'client-stands-still',
  'connection-cut',
  'connection-half-open',
  'calls-delayed',
  'calls-doubled',
] as const

export type AgentFault = (typeof AGENT_FAULTS)[number]
export type ClientFault = (typeof CLIENT_FAULTS)[number]
export type BenchFault = (typeof BENCH_FAULTS)[number]
export type RunFault = (typeof RUN_FAULTS)[number]
export type ProductFault = (typeof PRODUCT_FAULTS)[number]
export type FaultKind = BenchFault | RunFault | ProductFault | AgentFault | ClientFault

/** One thing that goes wrong with one board. */
export interface Planned<K extends FaultKind = FaultKind> {
  readonly kind: K
  /** When, from the beginning of the seed; of an image: from the login prompt. */
  readonly atMs: number
  /** How long; of noise how many bytes in a million are damaged. */
  readonly amount: number
}

/** What an image file says: the whole of a simulated product. */
export interface ImageContent {
  readonly version: string
  readonly defects: readonly Planned<ProductFault>[]
}
