/** What is checked of leases while they are used; each that is broken is a violation. */
export type LeaseOracle =
  'fencing' | 'promises' | 'whole' | 'turns' | 'waits' | 'parking' | 'refusals' | 'telling' | 'ending'

/** Something that may never happen, when it did. */
export interface Complaint {
  readonly oracle: LeaseOracle
  readonly atMs: number
  readonly what: string
}

export type Complain = (oracle: LeaseOracle, what: string) => void
