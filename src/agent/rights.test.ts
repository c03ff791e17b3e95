import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { faultWith } from '../drivers/test-kit.ts'
import { request } from '../model/lease/book-test-kit.ts'
import { answered, type AgentClient } from './client.ts'
import { noTls, servedBench } from './served-bench-test-kit.ts'

// What a role lets somebody do to what they have, and to what others have.

test('files of the host of the bench are no business of who comes from another', { skip: noTls }, async t => {
  const bench = await servedBench(t)
  for (const client of [bench.by('t-use'), bench.by('t-admin')]) {
    const copy = { ...(await held(client, 'ci', 'a')), from: '/etc/hostname', to: '/tmp/x' }
    for (const { mutate } of [client.api.filePut, client.api.fileGet])
      await assert.rejects(
        answered(mutate(copy)),
        faultWith('lease/forbidden', 'log in on the host of the bench and copy it there'),
      )
    await answered(client.api.leaseRelease.mutate({ id: 'lease-of-ci', user: 'ci' }))
  }
  const { api } = bench.over(bench.socketPath)
  const copy = { ...(await held({ api }, 'alice', 'a')), from: '/nowhere', to: '/tmp/x' }
  await assert.rejects(answered(api.filePut.mutate(copy)), faultWith('lease/stale'), 'it gets as far as the board')
})

test(
  'who shows a token acts under their own leases, and under those of others where they administer',
  { skip: noTls },
  async t => {
    const bench = await servedBench(t)
    const alice = bench.over(bench.socketPath)
    const [ci, boss, deputy] = ['t-use', 't-admin', 't-deputy'].map(bench.by) as [AgentClient, AgentClient, AgentClient]
    const before = await held(alice, 'alice', 'a')
    const close = ({ api }: AgentClient, lease = before): Promise<void> => answered(api.boardClose.mutate(lease))
    await assert.rejects(close(ci), faultWith('lease/forbidden'))
    const write = answered(ci.api.consoleWrite.mutate({ ...before, text: 'x' }))
    await assert.rejects(write, faultWith('lease/forbidden'))
    for (const client of [boss, deputy, alice]) await close(client)

    await answered(alice.api.leaseHand.mutate({ id: 'lease-of-alice', user: 'alice', to: 'ci' }))
    await close(ci, { ...before, epoch: before.epoch + 1 })
    await assert.rejects(close(ci), faultWith('lease/stale', 'held by ci'))
  },
)

test('who administers some boards ends no lease and no wish of others', { skip: noTls }, async t => {
  const bench = await servedBench(t)
  const alice = bench.over(bench.socketPath)
  const { api } = bench.by('t-deputy')
  const user = 'deputy'
  await held(alice, 'alice', 'a')
  await held(alice, 'bob', 'b')
  const { desk } = bench.agent
  const wish = desk.ask(request('wish-of-carol', { user: 'carol', asks: [{ type: 'nuc' }], askedMs: desk.nowMs() }))
  for (const id of ['lease-of-bob', 'wish-of-carol'])
    for (const call of [
      api.leaseRelease.mutate({ id, user }),
      api.leaseRenew.mutate({ id, user, forMs: 60_000 }),
      api.leaseHand.mutate({ id, user, to: user }),
    ])
      await assert.rejects(answered(call), faultWith('lease/forbidden'))
  await answered(api.leaseRelease.mutate({ id: 'lease-of-alice', user }))
  assert.equal((await wish).user, 'carol')
})

test('what somebody holds is made longer, and told to be for something else, by themselves only', async t => {
  const bench = await servedBench(t)
  const client = bench.over(bench.socketPath)
  await held(client, 'alice', 'a')
  const renew = (user: string) =>
    answered(client.api.leaseRenew.mutate({ id: 'lease-of-alice', user, forMs: 7_200_000, purpose: `of ${user}` }))
  await assert.rejects(renew('mallory'), faultWith('lease/forbidden'))
  assert.equal(bench.agent.desk.holder('a')?.purpose, 'a test')
  await renew('alice')
  assert.equal(bench.agent.desk.holder('a')?.purpose, 'of alice')
})

test('what is done under a hold is written down with whose it is, also by somebody else', { skip: noTls }, async t => {
  const bench = await servedBench(t)
  const alice = bench.over(bench.socketPath)
  const lease = await held(alice, 'alice', 'a')
  for (const { api } of [alice, bench.by('t-admin')]) await answered(api.boardClose.mutate(lease))
  await assert.rejects(answered(bench.by('t-use').api.boardClose.mutate(lease)), faultWith('lease/forbidden'))
  const linesOf = (): string[] => readFileSync(bench.auditPath, 'utf8').trim().split('\n')
  while (linesOf().length < 4) await systemClock.sleep(1, AbortSignal.timeout(5000))
  const of = { role: 'administer', call: 'boardClose', board: 'a', epoch: 1, id: 'lease-of-alice', holder: 'alice' }
  assert.deepEqual(
    linesOf()
      .slice(1)
      .map(line => ({ ...(JSON.parse(line) as object), at: '' })),
    [
      { ...of, at: '', user: null, role: 'use' },
      { ...of, at: '', user: 'boss' },
      { ...of, at: '', user: 'ci', role: 'use', refused: 'lease/forbidden' },
    ],
  )
})

test('the board of a run is handed to nobody: it goes on, and can be ended', async t => {
  const bench = await servedBench(t)
  const client = bench.over(bench.socketPath)
  const { epoch } = await held(client, 'alice', 'a', true)
  const lease = { id: 'lease-of-alice', user: 'alice' }
  await assert.rejects(
    answered(client.api.leaseHand.mutate({ ...lease, to: 'bob' })),
    faultWith('lease/held', 'saw a run (a test) on a\n  next: let it finish, or end it: hil release a'),
  )
  assert.equal(bench.agent.desk.held('a', epoch).user, 'alice')
  await answered(client.api.leaseRelease.mutate(lease))
})

/** What acts under a hold of somebody's name it by. */
async function held({ api }: Pick<AgentClient, 'api'>, user: string, board: string, tied = false) {
  const ask = { id: `lease-of-${user}`, user, purpose: 'a test', asks: [{ board }], tied }
  const { grants } = await answered(api.leaseAsk.mutate(ask))
  return grants[0]!
}
