// kill -9 of an agent and of runs that host their own boards, at random moments, again and again, on a twin that really boots:
//   npm run proof -- kills [--minutes 30] [--seed N]
// After each kill: boards are off within 10 s (or have a new owner), what was acknowledged is kept, and the next run passes.
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { AgentProcess } from '../e2e/agent-process.ts'
import { story } from '../e2e/hil.ts'
import { Lab } from '../e2e/lab.ts'
import { eventually, kill } from '../e2e/processes.ts'

/** No moment of a run of the tiny twin lies behind this. */
const LATEST_MS = 40_000
const PARKED_WITHIN_MS = 10_000
/** A board without cables, which somebody holds through all of it. */
const HELD = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }

const { values } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
const random = mulberry32(Number(values.seed))
const until = performance.now() + Number(values.minutes) * 60_000
process.stdout.write(`seed ${values.seed}\n`)
for (let round = 1; performance.now() < until; round++) {
  const whom = (['agent', 'run of an agent', 'run of its own'] as const)[round % 3]!
  const atMs = Math.round(random() * LATEST_MS)
  const parkedMs = await killed(whom, atMs)
  process.stdout.write(`${round}: ${whom} killed after ${atMs} ms, off after ${Math.round(parkedMs)} ms\n`)
}

/** One kill, and what must hold after it; gives back how long the board had power after it. */
async function killed(whom: 'agent' | 'run of an agent' | 'run of its own', atMs: number): Promise<number> {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board(), 'nuc-2': HELD })
  const agent = whom === 'run of its own' ? undefined : await AgentProcess.start(lab, bench)
  const held = agent && (await lab.start(['hold', 'nuc-2', '--for', '1h', '--bench', bench]).ended)
  if (held) assert.equal(held.exitCode, 0, story(held))
  const run = lab.startRun(bench, ['--feature', 'long'])
  await Promise.race([run.ended, new Promise(resolve => setTimeout(resolve, atMs))])
  if (whom === 'agent') await agent!.kill()
  else kill(run.pid)
  const startMs = performance.now()
  await eventually('the board is off', () => lab.qemus().length === 0, PARKED_WITHIN_MS)
  const parkedMs = performance.now() - startMs
  await run.ended
  if (whom === 'agent') await AgentProcess.start(lab, bench)
  if (agent) {
    const boards = await lab.start(['boards', '--bench', bench, '--json']).ended
    assert.match(boards.stdout, /"board": "nuc-2"[^}]*"state": "held"/, story(boards))
  }
  const next = await lab.startRun(bench, ['--feature', 'quick', '--wait', '1']).ended
  assert.equal(next.exitCode, 0, story(next))
  return parkedMs
}

/** A small generator, so that a seed is a proof that can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
