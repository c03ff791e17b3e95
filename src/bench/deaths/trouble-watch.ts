import { Fault } from '../../base/fault.ts'
import type { Recording } from '../recording.ts'
import type { Severity } from './pattern.ts'
import { linesAround } from './quote.ts'
import { watchLines, type Sighting } from './watch-lines.ts'

export interface TroubleWatchOptions {
  /** A virtual board: lines that tell of a withheld processor are only noted. */
  readonly twin: boolean
  /** Called with each fatal line's fault, when the lines behind it have come. */
  readonly onDeath: (fault: Fault) => void
  /** Called with each other line of trouble: at most a few of one kind. */
  readonly onNote: (text: string) => void
}

/** How long to go on listening after a fatal line, so that the lines behind it can be quoted. */
const AFTERMATH_MS = 300
const MAX_NOTES_OF_A_KIND = 3
const MAX_SIGHTINGS = 1000

/**
 * Watches a console for trouble, always, and says what follows from it: a death ends the session, harm is kept for the
 * test that ran at that instant, and what led to a failed boot is kept for its fault.
 */
export class TroubleWatch implements Disposable {
  readonly #recording: Recording
  readonly #options: TroubleWatchOptions
  readonly #watch: Disposable
  readonly #notes = new Map<string, number>()
  readonly #sightings: (Sighting & { readonly severity: Severity })[] = []
  #bootFrom = 0
  #aftermath: Promise<void> = Promise.resolve()

  constructor(recording: Recording, options: TroubleWatchOptions) {
    this.#recording = recording
    this.#options = options
    this.#watch = watchLines(recording, sighting => this.#take(sighting))
  }

  /** Resolves when a death that was seen has been reported. */
  settled(): Promise<void> {
    return this.#aftermath
  }

  /** The first harm at or behind an offset, as the fault of whoever ran then. */
  harmSince(from: number): Fault | undefined {
    const harm = this.#sightings.find(({ severity, offset }) => severity === 'harm' && offset >= from)
    return harm && this.#fault(harm, 'a kernel without trouble')
  }

  /** A boot begins: what was said before explains nothing any more. */
  beginBoot(): void {
    this.#bootFrom = this.#recording.end
  }

  /** A failed boot's fault, with the reason that boot loader or kernel gave since the boot began. */
  explain(fault: Fault): Fault {
    if (fault.code !== 'product/no-boot' && fault.code !== 'product/no-login') return fault
    const [reason] = this.#sightings
      .filter(({ pattern, offset }) => pattern.explainsBoot && offset >= this.#bootFrom)
      .sort((a, b) => b.pattern.explainsBoot! - a.pattern.explainsBoot! || b.offset - a.offset)
    if (!reason) return fault
    const { pattern, offset, line } = reason
    const { expected, seen, evidence } = fault
    return new Fault(pattern.code === 'infrastructure/boot-medium' ? pattern.code : fault.code, {
      expected,
      seen: `${seen}, after ${article(pattern.name)}: ${line}`,
      evidence: [...linesAround(this.#recording, offset, 2, 2), '…', ...evidence],
    })
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }

  #take(sighting: Sighting): void {
    const { pattern } = sighting
    const severity = pattern.needsOwnProcessor && this.#options.twin ? 'note' : pattern.severity
    if (severity === 'harm' || pattern.explainsBoot) this.#sightings.push({ ...sighting, severity })
    if (this.#sightings.length > MAX_SIGHTINGS) this.#sightings.shift()
    if (severity === 'fatal') this.#aftermath = this.#die(sighting)
    else this.#note(sighting)
  }

  async #die(sighting: Sighting): Promise<void> {
    await this.#recording.clock.sleep(AFTERMATH_MS)
    const expected = sighting.pattern.code === 'product/panic' ? 'a kernel that keeps running' : 'a boot to the login'
    this.#options.onDeath(this.explain(this.#fault(sighting, expected)))
  }

  #note({ pattern: { name, explainsBoot }, line }: Sighting): void {
    // A healthy boot loader says such things too: they are for the fault of a boot that fails.
    if (explainsBoot) return
    const count = (this.#notes.get(name) ?? 0) + 1
    this.#notes.set(name, count)
    if (count > MAX_NOTES_OF_A_KIND) return
    const last = count === MAX_NOTES_OF_A_KIND ? ' (any more are in the recording only)' : ''
    this.#options.onNote(`${article(name)} on the console: ${line}${last}`)
  }

  #fault({ pattern, offset }: Sighting, expected: string): Fault {
    return new Fault(pattern.code, {
      expected,
      seen: `${article(pattern.name)} on the console`,
      evidence: linesAround(this.#recording, offset),
    })
  }
}

function article(name: string): string {
  return `${/^(?:[aeiou]|RCU)/i.test(name) ? 'an' : 'a'} ${name}`
}
