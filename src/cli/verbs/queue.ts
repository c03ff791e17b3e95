import { answered } from '../../agent/client.ts'
import { humanDuration, humanTime } from '../../base/text.ts'
import { agentFor, type AgentChoice } from '../agent-for.ts'
import { table } from '../table.ts'

/** `hil queue`: who waits for what, in the order they are served, why, and until when. */
export async function queue(options: AgentChoice & { json?: boolean }, signal: AbortSignal): Promise<void> {
  using client = await agentFor(options, signal)
  const { queue, nowMs } = await answered(client.api.leaseBook.query())
  if (options.json) {
    process.stdout.write(`${JSON.stringify(queue, null, 2)}\n`)
    return
  }
  if (queue.length === 0) {
    process.stdout.write('nobody waits\n')
    return
  }
  const lines = queue.map(waiting => [
    String(waiting.place),
    waiting.user,
    waiting.wants,
    humanDuration(nowMs - waiting.sinceMs),
    waiting.etaMs === null ? '—' : humanTime(waiting.etaMs),
    `${waiting.why} (for: ${waiting.purpose})`,
  ])
  process.stdout.write(table(['PLACE', 'WHO', 'WANTS', 'WAITS', 'EXPECTED', ''], lines))
}
