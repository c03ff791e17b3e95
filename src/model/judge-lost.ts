/** What was found out about a board whose SSH connection was lost. */
export interface Lost {
  /** Its console: a command came back, nothing at all did, something else did, or the adapter is away from this host. */
  readonly console: 'answers' | 'silent' | 'garbled' | 'away'
  readonly power: 'on' | 'off' | 'unknown'
  /** The connection was a guest's, and reached over the host's console. */
  readonly isGuestOverSerial: boolean
  /** Whether the board itself says that nothing listens on port 22; absent: it did not say. */
  readonly listens?: boolean
}

type ProductCode = 'product/no-guest' | 'product/ssh-closed' | 'product/hang'

/**
 * Whose fault a lost SSH connection is: a fault of the product, or undefined where it stays the bench's.
 *
 * What is undecided is the bench's: a board that is up, listens and cannot be reached may have lost its network cable, whatever
 * its neighbours do; an adapter that went too says that something happened to the bench.
 */
export function judgeLost(lost: Lost): ProductCode | undefined {
  return RULES.map(rule => rule(lost)).find(code => code !== undefined)
}

const RULES: readonly ((lost: Lost) => ProductCode | undefined)[] = [
  // The host answers on its console, and no equipment of the bench is between it and its guest.
  ({ console, isGuestOverSerial }) => (console === 'answers' && isGuestOverSerial ? 'product/no-guest' : undefined),
  ({ console, listens }) => (console === 'answers' && listens === false ? 'product/ssh-closed' : undefined),
  ({ console, power }) => (console === 'silent' && power === 'on' ? 'product/hang' : undefined),
]
