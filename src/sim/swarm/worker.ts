import { rmSync } from 'node:fs'
import { simFolder } from './folder.ts'
import { tryOut } from './seed-result.ts'

/** Which seed a worker is to try out next. */
export interface Order {
  readonly seed: number
  readonly replay: boolean
  /** Wants all that happened, whatever that was. */
  readonly timeline: boolean
}

// A process that tries out one seed after the other, as it is told. Each has the environment of a process for itself.
const base = simFolder()
// Ctrl-C goes to all of a terminal: whoever gives the orders ends this process, and its folder with it.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined)
process.on('message', ({ seed, ...how }: Order) => {
  tryOut(seed, { base, ...how }).then(
    result => process.send!({ result }),
    (error: unknown) => process.send!({ seed, error: error instanceof Error ? error.stack : String(error) }),
  )
})
process.once('disconnect', () => {
  rmSync(base, { recursive: true, force: true })
  process.exit()
})
