/** Takes a mark out of a stream that comes in pieces, wherever it is cut, and tells whether it was there. */
export class MarkFilter {
  readonly #mark: Buffer
  #held = Buffer.alloc(0)
  seen = false

  constructor(mark: string) {
    this.#mark = Buffer.from(mark)
  }

  /** What may be passed on already: all but what could be the beginning of the mark. */
  pass(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#held, bytes])
    const at = all.indexOf(this.#mark)
    if (at >= 0) {
      this.seen = true
      this.#held = Buffer.alloc(0)
      return Buffer.concat([all.subarray(0, at), this.pass(all.subarray(at + this.#mark.length))])
    }
    let keep = Math.min(all.length, this.#mark.length - 1)
    while (keep > 0 && !this.#mark.subarray(0, keep).equals(all.subarray(all.length - keep))) keep--
    this.#held = all.subarray(all.length - keep)
    return all.subarray(0, all.length - keep)
  }

  /** What was held back and turned out to be no mark. */
  rest(): Buffer {
    const rest = this.#held
    this.#held = Buffer.alloc(0)
    return rest
  }
}

/** Exit codes above this may also be the host's: of an `ssh` that lost its connection (255) or was killed. */
const COMMANDS_ONLY = 125

/**
 * `argv` for a guest's shell such that its own high exit codes can be told from those of the `ssh` that runs it: for one of
 * its own it ends standard error with `mark`. Low codes, the usual ones, stay without: short answers are faster over serial.
 */
export function withOwnCode(argv: readonly string[], mark: string): string[] {
  const script = `("$@"); r=$?; if [ $r -gt ${COMMANDS_ONLY} ]; then printf %s "$0" >&2; fi; exit $r`
  return ['sh', '-c', script, mark, ...argv]
}

/** Whether an exit code is the command's own. */
export function isOwnCode(exitCode: number, filter: MarkFilter): boolean {
  return exitCode <= COMMANDS_ONLY || filter.seen
}
