import { Fault } from '../base/fault.ts'
import { describeHolder, type Claimant } from './lock.ts'

/** The right to write to one console, until it is given back or taken. */
export interface Claim extends Disposable {
  readonly claimant: Claimant
  /** Why it was taken from somebody else. */
  readonly reason?: string
  /** Aborts with `lease/console-taken` when somebody else takes it; with `cancelled/interrupt` when it is given back. */
  readonly signal: AbortSignal
}

/** Who may write to a board's console: one at a time, while everybody reads. */
export class Claims {
  readonly #board: string
  readonly #onChange: () => void
  #present: { readonly claim: Claim; readonly taken: AbortController } | undefined

  /** `onChange`: somebody else may write now, or nobody. */
  constructor(board: string, onChange: () => void) {
    this.#board = board
    this.#onChange = onChange
  }

  /** Who may write now. */
  get present(): Claim | undefined {
    return this.#present?.claim
  }

  /** Errors: `lease/console-claimed` naming who holds it. */
  claim(claimant: Claimant): Claim {
    const holder = this.present
    if (!holder) return this.#grant(claimant)
    throw new Fault('lease/console-claimed', {
      expected: `to write to the console of ${this.#board}`,
      seen: `it is being written to by ${describeHolder(holder.claimant)}`,
    })
  }

  /** Claims it from whoever holds it, who is told by whom and why. */
  take(claimant: Claimant, reason: string): Claim {
    const before = this.#present
    const claim = this.#grant(claimant, reason)
    before?.taken.abort(
      new Fault('lease/console-taken', {
        expected: `to keep the console of ${this.#board}`,
        seen: `${describeHolder(claimant)} took it: ${reason}`,
      }),
    )
    return claim
  }

  #grant(claimant: Claimant, reason?: string): Claim {
    const taken = new AbortController()
    const claim: Claim = {
      claimant,
      ...(reason !== undefined && { reason }),
      signal: taken.signal,
      [Symbol.dispose]: () => {
        if (this.#present?.claim !== claim) return
        this.#present = undefined
        // What its holder still had to write is not to stand in somebody else's text.
        taken.abort(
          new Fault('cancelled/interrupt', {
            expected: `to write to the console of ${this.#board}`,
            seen: 'the claim to it was given back',
          }),
        )
        this.#onChange()
      },
    }
    this.#present = { claim, taken }
    this.#onChange()
    return claim
  }
}
