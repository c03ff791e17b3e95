// Asleep until the process that started it is gone. Then it switches off the boards that one had, unless somebody else has
// them by then: its successor, or the next run, which begins with power off anyway. What it needs is loaded only then.

import { writeSync } from 'node:fs'
import type { ParkOrder } from './park-order.ts'

const [graceMs] = process.argv.slice(2) as [string]
let boards: readonly ParkOrder[] = []

process.on('message', (message: { watch: readonly ParkOrder[] }) => (boards = message.watch))
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined)
process.once('disconnect', () => {
  if (boards.length > 0) setTimeout(() => void park(), Number(graceMs))
})

async function park(): Promise<void> {
  const { parkAll } = await import('./park.ts')
  await parkAll(boards, say)
}

/** Whoever had them is gone; their terminal, or the journal, may be there still. */
function say(text: string): void {
  try {
    writeSync(2, `hil: ${text}\n`)
  } catch {
    // It is not.
  }
}
