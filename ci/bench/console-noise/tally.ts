import { Fault } from '../../../src/base/fault.ts'
import type { LiveBoard } from '../../../src/bench/live-board.ts'
import { commandAt, isRight } from './commands.ts'

/** How commands ended: each exactly right, wrong, or refused as damaged. */
export class Tally {
  right = 0
  wrong = 0
  corrupt = 0
  readonly tripsMs: number[] = []
  /** The first few that were wrong, to look at. */
  readonly samples: string[] = []

  get commands(): number {
    return this.right + this.wrong + this.corrupt
  }

  /** Runs commands `from` to `to` of the mix over a board's console. Errors: any fault but a damaged line. */
  async run(live: LiveBoard, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      const known = commandAt(n)
      const startedMs = performance.now()
      const answer = await live
        .run({ by: 'serial' }, ['sh', '-c', known.script], { limitMs: LIMIT_MS })
        .catch((error: unknown) => {
          if (error instanceof Fault && error.code === 'infrastructure/serial-corrupt') return undefined
          throw error
        })
      this.tripsMs.push(performance.now() - startedMs)
      if (answer === undefined) this.corrupt++
      else if (isRight(known, answer)) this.right++
      else {
        this.wrong++
        if (this.samples.length < 5)
          this.samples.push(`${known.script}: ${answer.exitCode} ${answer.stdout.toString('latin1').slice(0, 200)}`)
      }
    }
  }
}

const LIMIT_MS = 60_000
