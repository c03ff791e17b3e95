import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { answered, connect, type AgentClient } from '../../src/agent/client.ts'
import { AgentProcess } from './agent-process.ts'
import { ConsoleProcess, ShellBoard } from './consoles.ts'
import { ROOT, story, type Ended } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually, kill } from './processes.ts'
import { RelayBoards } from './relay-boards.ts'

// A bench with an agent, and people who share its boards: who has one, who waits, what a restart or a kill leaves of it.

test('a person holds boards, others wait in a queue that says why, and each is asked by name', async () => {
  await using desk = await open(['a', 'b'])
  assert.match(
    (await desk.as('alice', 'hold', 'a', 'b', '--for', '2h', '--reason', 'hangs')).stdout,
    /a and b held by alice/,
  )
  const rows = JSON.parse((await desk.as('bob', 'boards', '--json')).stdout)
  assert.deepEqual(
    rows.boards.map(({ board, state, holder }: Row) => [board, state, holder?.user, holder?.purpose]),
    [
      ['a', 'held', 'alice', 'hangs'],
      ['b', 'held', 'alice', 'hangs'],
    ],
  )
  const now = await desk.as('bob', 'hold', 'a', '--wait', '0', 4)
  assert.match(now.stderr, /lease\/held: expected a to be free; saw a is held by alice \(hangs\) since/)
  // All or nothing: while a is held, b may not be kept from others by who waits for both.
  const waits = desk.start('bob', 'hold', 'a', 'nuc', '--for', '1m')
  await eventually('bob waits', () => /waits, place 1.*a is held by alice \(hangs\)/.test(waits.stderr))
  assert.match((await desk.as('carol', 'queue')).stdout, /^1 +bob +a and a nuc .* a is held by alice/m)

  assert.match((await desk.as('mallory', 'power', 'a', 'on', 4)).stderr, /lease\/held/)
  assert.match((await desk.as('alice', 'power', 'a', 'on')).stdout, /^a: on$/m)
  assert.equal(desk.boards.power('a'), 'on', 'what she did under her hold stays')
  assert.match((await desk.as('alice', 'release', 'a')).stdout, /^a and b released$/m)
  const ended = await waits.ended
  assert.match(ended.stdout, /^a and b held by bob/m, story(ended))
  await eventually('what alice left on is switched off', () => desk.boards.power('a') === 'off')
})

test('a board is handed to a colleague as it is, and whoever had it may no longer touch it', async () => {
  await using desk = await open(['a'])
  await desk.as('alice', 'hold', 'a', '--for', '1h')
  await desk.as('alice', 'power', 'a', 'on')
  await desk.as('alice', 'hand', 'bob', 'a')
  assert.equal(desk.boards.power('a'), 'on')
  assert.match((await desk.as('alice', 'power', 'a', 'off', 4)).stderr, /held by bob/)
  assert.match((await desk.as('bob', 'power', 'a', 'off')).stdout, /^a: off$/m)
  const untilMs = async (...words: string[]): Promise<number> =>
    (JSON.parse((await desk.as('bob', 'hold', 'a', '--json', ...words)).stdout) as { untilMs: number }).untilMs
  const long = await untilMs('--for', '3h')
  assert.equal(await untilMs('--for', '1m', '--reason', 'still at it'), long, 'never made shorter')
  const [row] = (JSON.parse((await desk.as('bob', 'boards', '--json')).stdout) as { boards: Row[] }).boards
  assert.equal(row?.holder?.purpose, 'still at it')
  const more = await desk.as('bob', 'hold', 'a', 'nuc', '--wait', '0', 4)
  assert.match(more.stderr, /a is yours until .*\n.*next: ask for the others alone/)
})

test('killed at any moment, an agent loses nothing it said: holds, numbers, the queue, and who waits in it', async () => {
  await using desk = await open(['a', 'b'])
  await desk.as('alice', 'hold', 'a', '--for', '2h', '--reason', 'x')
  await desk.as('alice', 'power', 'a', 'on')
  const before = await desk.book()
  const waits = desk.start('bob', 'hold', 'a', '--for', '1m')
  await eventually('bob waits', () => /waits, place 1/.test(waits.stderr))
  await desk.agent.kill()
  assert.match((await desk.as('carol', 'hold', 'b', 2)).stderr, /configuration\/no-agent/)
  desk.agent = await AgentProcess.start(desk.lab, desk.boards.bench)
  assert.deepEqual(await desk.book(), before)
  assert.equal(desk.boards.power('a'), 'on', 'the board of a hold is not disturbed')

  await desk.as('alice', 'release', 'a')
  await eventually('it is parked at the end', () => desk.boards.power('a') === 'off')
  const ended = await waits.ended
  assert.match(ended.stdout, /^a held by bob/m, story(ended))
})

test('a run that comes back after a restart of the agent has its board for as long as before, not for the moment it was kept', async () => {
  await using desk = await open(['a'])
  const ask = { id: 'some-run-1', user: 'ci', purpose: 'a run', asks: [{ board: 'a' }] }
  const connected = (): AgentClient => connect(join(desk.lab.stateDir, 'e2e/agent.sock'))
  using first = connected()
  await answered(first.api.leaseAsk.mutate(ask))
  await desk.agent.kill()
  desk.agent = await AgentProcess.start(desk.lab, desk.boards.bench)
  using again = connected()
  assert.ok((await leftMs(again)) < 10_000, 'it is kept for a moment')
  await answered(again.api.leaseAsk.mutate(ask))
  assert.ok((await leftMs(again)) > 40_000, 'it is in force again')

  async function leftMs({ api }: AgentClient): Promise<number> {
    const { boards } = await answered(api.leaseBook.query())
    return boards[0]!.lease!.untilMs - Date.now()
  }
})

test('reloading the bench file, and a restart, disturb no board in use', async () => {
  await using desk = await open(['a', 'b'])
  await desk.as('alice', 'hold', 'a', '--for', '2h')
  await desk.as('alice', 'power', 'a', 'on')
  const text = readFileSync(desk.boards.bench, 'utf8')
  const { boards, ...bench } = JSON.parse(text)
  writeFileSync(desk.boards.bench, 'boards: nonsense')
  desk.agent.hil.signal('SIGHUP')
  await eventually('a bad file is refused', () => /not reloaded: configuration\/bench-file/.test(desk.agent.hil.stderr))
  writeFileSync(
    desk.boards.bench,
    JSON.stringify({ ...bench, boards: { a: boards.a, c: { ...boards.b, note: 'new' } } }),
  )
  desk.agent.hil.signal('SIGHUP')
  await eventually('it is reloaded', () => /reloaded, 2 boards/.test(desk.agent.hil.stderr))
  await desk.as('bob', 'hold', 'c', '--for', '1m')
  assert.match((await desk.as('bob', 'hold', 'b', '--wait', '0', 4)).stderr, /no longer in the bench file/)
  await desk.agent.stop()
  assert.deepEqual(desk.boards.switchings('a'), ['on'], 'nobody has touched it')
  desk.agent = await AgentProcess.start(desk.lab, desk.boards.bench)
  assert.equal((await desk.book()).a?.user, 'alice')
  assert.deepEqual(desk.boards.switchings('a'), ['on'])
})

test('what somebody holds is theirs while the agent is not running, too', async () => {
  await using desk = await open(['a', 'b'])
  await desk.as('alice', 'hold', 'a', '--for', '1h', '--reason', 'hangs')
  await desk.agent.kill()
  const [a, b] = (JSON.parse((await desk.as('bob', 'boards', '--json')).stdout) as { boards: Row[] }).boards
  assert.deepEqual(
    [a?.state, a?.holder?.user, a?.holder?.purpose, b?.state],
    ['held', 'alice', 'hangs (its agent is not running)', 'free'],
  )
  const refused = await desk.as('bob', 'power', 'a', 'on', 4)
  assert.match(
    refused.stderr,
    /expected a to be free; saw it is held by alice \(hangs\) until .*, by an agent that is not running/,
  )
  assert.equal(desk.boards.power('a'), 'off')
  await desk.as('bob', 'power', 'b', 'on')
  await desk.as('alice', 'power', 'a', 'on')
  assert.equal(desk.boards.power('a'), 'on')
})

test('two agents of one bench: the second is refused, and says who has it', async () => {
  await using desk = await open(['a'])
  const second = await desk.lab.start(['agent', '--bench', desk.boards.bench]).ended
  assert.equal(second.exitCode, 4, story(second))
  assert.match(
    second.stderr,
    new RegExp(`lease/held: expected bench e2e to have no agent yet.*pid ${desk.agent.hil.pid}: hil agent`),
  )
})

test('an agent that is stopped is nowhere taken for none', async () => {
  await using desk = await open(['a'])
  await desk.as('alice', 'hold', 'a')
  kill(desk.agent.hil.pid, 'SIGSTOP')
  try {
    const asked = [desk.as('bob', 'boards', 3), desk.as('bob', 'quarantine', 'a', '--reason', 'fan', 3)]
    for (const { stderr } of await Promise.all(asked))
      assert.match(
        stderr,
        /agent-gone: expected the agent of bench e2e to answer; saw it is there, and said nothing for 5 s/,
      )
  } finally {
    kill(desk.agent.hil.pid, 'SIGCONT')
  }
  assert.match((await desk.as('bob', 'boards')).stdout, /^a +nuc .*held +alice/m)
})

test('every act is written down, with who did it, refused ones too', async () => {
  await using desk = await open(['a'])
  await desk.as('alice', 'hold', 'a', '--reason', 'x')
  await desk.as('bob', 'hold', 'a', '--wait', '0', 4)
  await desk.as('alice', 'hold', 'a', '--for', '2h')
  await desk.as('alice', 'release', 'a')
  await desk.as('bob', 'quarantine', 'a', '--reason', 'fan')
  await desk.as('bob', 'unquarantine', 'a', '--reason', 'new fan')
  const lines = readFileSync(join(desk.lab.stateDir, 'e2e', 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const told = lines
    .map(line => JSON.parse(line))
    .map(({ user, call, boards, board = boards, forMs, reason, released, refused }) => [
      user,
      call,
      board,
      forMs,
      reason ?? released,
      refused,
    ])
  const hour = 3_600_000
  assert.deepEqual(told, [
    ['alice', 'leaseAsk', undefined, hour, undefined, undefined],
    ['bob', 'leaseAsk', undefined, hour, undefined, 'lease/held'],
    ['alice', 'leaseRenew', ['a'], 2 * hour, undefined, undefined],
    ['alice', 'leaseRelease', ['a'], undefined, undefined, undefined],
    ['bob', 'quarantine', 'a', undefined, 'fan', undefined],
    ['bob', 'quarantine', 'a', undefined, 'new fan', undefined],
  ])
})

test('the console of a board goes through the agent: one writes, others watch, and it is recorded', async () => {
  await using lab = await Lab.open()
  await using board = await ShellBoard.start(lab)
  const bench = lab.bench({ 'nuc-1': { ...board.yaml, park: 'leave' } })
  const agent = await AgentProcess.start(lab, bench)
  await using writer = new ConsoleProcess(lab, [])
  await writer.until(/you write/)
  await using watcher = new ConsoleProcess(lab, ['--watch'])
  await watcher.until(new RegExp(`you watch; .*pid ${writer.child.pid}: hil console`))
  writer.type('echo both-$((1 + 1))\n')
  await Promise.all([writer.until(/both-2/), watcher.until(/both-2/)])
  writer.pipe('')
  assert.equal(await writer.ended, 0, writer.stderr)
  assert.equal(await watcher.ended, 0, watcher.stderr)
  assert.match(watcher.stderr, /nuc-1 was released by its holder/)
  assert.match((await lab.start(['log', 'nuc-1', '--bench', bench]).ended).stdout, /^both-2$/m)
  await agent.stop()
})

test('hil put and hil get mean the folder that they are typed in, wherever the agent runs', async () => {
  await using lab = await Lab.open()
  await using board = await ShellBoard.start(lab)
  const bench = lab.bench({ 'nuc-1': { ...board.yaml, park: 'leave' } })
  const agent = await AgentProcess.start(lab, bench)
  const [here, there] = ['here', 'there'].map(name => join(lab.folder, name)) as [string, string]
  for (const folder of [here, there]) mkdirSync(folder)
  writeFileSync(join(here, 'probe'), 'a file\n')
  const hil = (...words: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(`${ROOT}src/cli/hil`, [...words, '--bench', bench], { cwd: here, env: lab.env })
  await hil('put', 'nuc-1', 'probe', join(there, 'sent'))
  assert.equal(readFileSync(join(there, 'sent'), 'utf8'), 'a file\n')
  assert.ok((await hil('get', 'nuc-1', join(there, 'sent'))).stdout.startsWith(`${join(here, 'sent')}: 7 B in `))
  assert.equal(readFileSync(join(here, 'sent'), 'utf8'), 'a file\n')
  await assert.rejects(hil('get', 'nuc-1', join(there, 'sent'), 'none/'), /none\/.* of this host to be written/)
  await agent.stop()
})

interface Row {
  readonly board: string
  readonly state: string
  readonly holder: { readonly user: string; readonly purpose: string } | null
}

/** A bench of relays with an agent, and people at it. */
async function open(names: readonly string[]) {
  const lab = await Lab.open()
  const boards = new RelayBoards(lab, names)
  const start = (user: string, verb: string, ...args: string[]) =>
    lab.start([verb, ...args, '--bench', boards.bench], { USER: user })
  const desk = {
    lab,
    boards,
    agent: await AgentProcess.start(lab, boards.bench),
    start,
    /** A verb of a person, which must end with the exit code that stands last, or 0. */
    as: async (user: string, verb: string, ...rest: (string | number)[]): Promise<Ended> => {
      const exitCode = typeof rest.at(-1) === 'number' ? rest.pop() : 0
      const ended = await start(user, verb, ...rest.map(String)).ended
      assert.equal(ended.exitCode, exitCode, story(ended))
      return ended
    },
    /** Who holds what, under which numbers, as the agent tells it. */
    book: async (): Promise<Record<string, { user: string; since: number; until: number } | null>> => {
      const { boards } = JSON.parse((await desk.as('x', 'boards', '--json')).stdout)
      return Object.fromEntries(boards.map(({ board, holder }: Row) => [board, holder]))
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
  return desk
}
