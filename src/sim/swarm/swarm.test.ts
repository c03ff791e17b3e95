import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { timelineText } from '../timeline.ts'
import { tryAll } from './swarm.ts'

const { USER } = process.env
afterEach(() => {
  if (USER === undefined) delete process.env.USER
  else process.env.USER = USER
})

/** All that happens in a seed that has an agent, a run beside it, and boards in use, as a user sees it. */
async function toldTo(user: string): Promise<string> {
  process.env.USER = user
  let told = ''
  await tryAll({
    ...{ seeds: [28], replayEvery: 2, timeline: true, signal: AbortSignal.timeout(60_000) },
    onResult: ({ violations, timeline = [] }) => {
      assert.deepEqual(violations, [])
      told = timelineText(timeline)
    },
  })
  return told
}

test('a seed is the same to the byte for each user and in each process', async () => {
  const told = await toldTo('alice')
  assert.match(told, /queues pid 1: hil run .* of somebody for/)
  assert.equal(await toldTo('bob'), told)
})
