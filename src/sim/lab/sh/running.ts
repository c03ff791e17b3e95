/** What a program waits for: the next line typed, some time, or for ever. */
export type Wait = { readonly for: 'line' } | { readonly for: 'time'; readonly ms: number } | { readonly for: 'ever' }
/** What woke it: the line, or that an interrupt came; otherwise its time is over. */
export type Woken = { readonly line?: string; readonly interrupted?: true } | undefined
export type Running<T = number> = Generator<Wait, T, Woken>

/** What a board does of its own, by the words of a command; undefined: there is no such program. */
export type OwnPrograms = (argv: readonly string[], stdin: () => string) => Answer | undefined

export interface Answer {
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
  /** How long it takes; absent: no time worth speaking of. */
  readonly ms?: number
  /** It never ends. */
  readonly hangs?: true
}

/** Leaves something: a loop, a function, a shell. */
export class Leave extends Error {
  readonly what: 'break' | 'continue' | 'return' | 'exit' | 'interrupt'
  readonly status: number

  constructor(what: Leave['what'], status = 0) {
    super(what)
    this.what = what
    this.status = status
  }
}
