import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import { silentLog } from '../base/log.ts'
import { findProgram } from '../base/program.ts'
import { endProgram } from '../base/test-kit.ts'
import { systemClock } from '../base/time.ts'
import { loadBench } from '../bench/load.ts'
import { holderOf, thisProcess, type Claimant } from '../bench/lock.ts'
import { Agent, type OpenLease } from './agent.ts'
import { answered, connect, type AgentClient } from './client.ts'
import { serve } from './serve.ts'

// Everything is real but the board, which is socat's end of a pty: what is written arrives, what it says is recorded.

const skip = findProgram('socat') ? false : 'no socat on this host: run ci/setup'
const signal = AbortSignal.timeout(240_000)

test('every watcher sees all of it, and a late one the last lines first', { skip }, async t => {
  const desk = await open(t)
  const early = desk.person('alice')
  await desk.says('one\r\ntwo\r\nthree\r\n$ ')
  assert.equal(await early.sees(/three\r\n\$ $/), 'one\r\ntwo\r\nthree\r\n$ ')
  const late = await desk.person('bob', { lastLines: 2 }).look()
  assert.equal(late.text, 'three\r\n$ ')
  await desk.says('four\r\n')
  assert.equal(await early.sees(/four\r\n/), 'one\r\ntwo\r\nthree\r\n$ four\r\n')
})

test('a watcher that waits is told at once what is new, and after its time that nothing is', { skip }, async t => {
  const desk = await open(t)
  const alice = desk.person('alice')
  const { to, key } = await alice.look()
  const waited = alice.look({ from: to, key, waitMs: 30_000 })
  await desk.says('x')
  assert.equal((await waited).text, 'x')
  const nothing = await alice.look({ from: to + 1, key, waitMs: 10 })
  assert.deepEqual([nothing.text, nothing.from, nothing.to], ['', to + 1, to + 1])
  const claimed = alice.look({ from: to + 1, key, waitMs: 30_000 })
  await desk.person('bob').claim()
  assert.match((await claimed).state.writer?.name ?? '', /^bob /)
})

test('a slow watcher skips, is told how much, and gets no more than a bite', { skip }, async t => {
  const desk = await open(t)
  const alice = desk.person('alice')
  const { to } = await alice.look()
  const recording = desk.lease.live.recording
  recording.append(Buffer.alloc(3 << 20, 'x'))
  const look = await alice.look({ from: to })
  assert.equal(look.skippedBytes, (3 << 20) - (64 << 10))
  assert.equal(look.text.length, 64 << 10)
  assert.equal(look.to, recording.end)
  recording.append(Buffer.alloc(1 << 20, 'y'))
  const lagging = await alice.look({ from: look.to })
  assert.deepEqual([lagging.skippedBytes, lagging.text.length], [0, 64 << 10], 'a little lag is caught up with')
})

test('of many who claim at once exactly one may write, again and again', { skip }, async t => {
  const desk = await open(t)
  const people = Array.from({ length: 8 }, (_, n) => desk.person(`user-${n}`))
  await Promise.all(people.map(person => person.look()))
  for (let round = 0; round < 25; round++) {
    const results = await Promise.all(
      people.map(async person => {
        const claimed = await person.claim().then(
          () => true,
          error => !fails('lease/console-claimed')(error),
        )
        const typed = await person.type(`<${person.name} ${round}>`).then(
          () => true,
          () => false,
        )
        return { person, claimed, typed }
      }),
    )
    const winners = results.filter(({ claimed }) => claimed)
    assert.equal(winners.length, 1, `round ${round}`)
    assert.deepEqual(
      results.filter(({ typed }) => typed),
      winners,
    )
    const { person } = winners[0]!
    await desk.hears(new RegExp(`<${person.name} ${round}>$`))
    await person.release()
  }
  assert.equal(desk.heard().match(/</g)?.length, 25, 'nobody else got a word in')
})

test('of many who take it at once, exactly one has it in the end, and every other was told', { skip }, async t => {
  const desk = await open(t)
  const people = Array.from({ length: 8 }, (_, n) => desk.person(`user-${n}`))
  await Promise.all(people.map(person => person.claim(`${person.name} needs it`)))
  const typed = await Promise.all(
    people.map(person =>
      person.type(`<${person.name}>`).then(
        () => person.name,
        (error: Fault) => {
          assert.equal(error.code, 'lease/console-taken')
          assert.match(error.seen, /user-\d .* took it: user-\d needs it/)
          return undefined
        },
      ),
    ),
  )
  const writers = typed.filter(name => name !== undefined)
  assert.equal(writers.length, 1)
  assert.ok((await people[0]!.look()).state.writer?.name.startsWith(`${writers[0]} `))
})

test('who is robbed in the middle of a line does not get it to its end', { skip }, async t => {
  const desk = await open(t, { console: { writePaceMs: 10 } })
  const [alice, bob] = [desk.person('alice'), desk.person('bob')]
  await alice.claim()
  const cut = assert.rejects(alice.type('a'.repeat(500)), fails('lease/console-taken'))
  const behind = assert.rejects(alice.type('a'), fails('lease/console-taken'))
  await desk.hears(/aaa/)
  await bob.claim('mine')
  await bob.type('bbb')
  await Promise.all([cut, behind])
  await desk.hears(/bbb$/)
  assert.match(desk.heard(), /^a{3,400}bbb$/)
})

test(
  'a claim ends with its connection, however that ends, and with it what was still to be written',
  { skip },
  async t => {
    const desk = await open(t, { console: { writePaceMs: 10 } })
    const [alice, bob] = [desk.person('alice'), desk.person('bob')]
    await alice.claim()
    void alice.type('a'.repeat(500)).catch(() => undefined)
    await desk.hears(/aaa/)
    const { to, key } = await bob.look()
    const free = bob.look({ from: to, key, waitMs: 30_000 })
    alice.hangUp()
    assert.equal((await free).state.writer, null)
    await bob.claim()
    await bob.type('bbb')
    await desk.hears(/bbb$/)
    assert.match(desk.heard(), /^a{3,400}bbb$/)
  },
)

test(
  'a run has the console to itself; taken from it, all it waits for ends, and nobody blames the product',
  { skip },
  async t => {
    const desk = await open(t, { owned: true })
    const { live } = desk.lease
    const alice = desk.person('alice')
    assert.match((await alice.look()).state.writer?.name ?? '', /pid \d+: hil run/)
    await assert.rejects(alice.claim(), fails('lease/console-claimed'))
    await live.console!.write('from the run ')
    const waiting = assert.rejects(
      live.console!.expect(/never/, { from: 0, limitMs: 30_000, late: () => new Error('late') }),
      (error: Fault) => error.code === 'lease/console-taken' && error.seen.includes('took it: it hangs'),
    )
    await alice.claim('it hangs')
    await waiting
    await assert.rejects(live.console!.write('x'), fails('lease/console-taken'))
    await assert.rejects(live.powerOn(signal), fails('lease/console-taken'))
    assert.equal((await live.trouble())?.code, 'lease/console-taken')
    await alice.type('from alice')
    await desk.hears(/from the run from alice$/)
    await alice.release()
    await assert.rejects(live.console!.write('x'), fails('lease/console-taken'))
    assert.equal((await alice.look()).state.writer, null)
  },
)

test('a lease that was robbed leaves the board as it is until the thief has gone', { skip }, async t => {
  const desk = await open(t, { owned: true })
  const alice = desk.person('alice')
  await alice.claim('looking')
  const released = desk.lease[Symbol.asyncDispose]()
  await desk.noted(/^stays as it is while alice .* has its console$/)
  await alice.type('still there')
  await desk.hears(/still there$/)
  assert.equal(existsSync(desk.offPath), false)
  await alice.release()
  await released
  assert.equal(existsSync(desk.offPath), true, 'parked')
  await assert.rejects(alice.look(), fails('lease/stale'))
})

test('an interrupt does not wait for the thief', { skip }, async t => {
  const desk = await open(t, { owned: true })
  await desk.person('alice').claim('looking')
  const released = desk.lease[Symbol.asyncDispose]()
  await desk.noted(/^stays as it is/)
  desk.interrupt.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }))
  await released
  assert.equal(existsSync(desk.offPath), true)
})

test('a line that is unplugged is told, and so is its return', { skip }, async t => {
  const desk = await open(t)
  const alice = desk.person('alice')
  await desk.says('before')
  await alice.sees(/before/)
  const { to, key } = await alice.look()
  const away = alice.look({ from: to, key, waitMs: 30_000 })
  await desk.unplug()
  const gone = await away
  assert.notEqual(gone.state.away, null)
  await alice.claim()
  await assert.rejects(alice.type('x'), fails('infrastructure/tty-gone'))
  const back = async (): Promise<boolean> => (await alice.look()).state.away === null
  await desk.plugIn()
  while (!(await back())) await systemClock.sleep(20, signal)
  await desk.says(' behind')
  await alice.sees(/before behind$/)
  await alice.type('ok')
  await desk.hears(/ok$/)
})

test('a console may be one channel of a line that carries several', { skip }, async t => {
  const desk = await open(t, { channel: 'ccplex' })
  const alice = desk.person('alice')
  await desk.sends(Buffer.from([0xff, 0xe2, ...Buffer.from('power'), 0xff, 0xe1, ...Buffer.from('login: ')]))
  assert.equal(await alice.sees(/login: /), 'login: ')
  assert.match((await alice.look()).state.device, /^ccplex of .*tty at 115200$/)
  await alice.claim()
  await alice.type('root')
  await desk.hears(/\u00ff\u00e1root$/)
})

test('the lock names the agent', { skip }, async t => {
  const desk = await open(t)
  desk.lease.announce('/somewhere/agent.sock')
  assert.equal((await holderOf(desk.bench, 'nuc-1'))?.agentSocket, '/somewhere/agent.sock')
})

function fails(code: FaultCode): (error: unknown) => boolean {
  return error => {
    assert.equal((error as Fault).code, code, String(error))
    return true
  }
}

interface Look {
  readonly from?: number
  readonly key?: string
  readonly waitMs?: number
  readonly lastLines?: number
}

/** A console of somebody: a connection of its own to the agent. */
class Person {
  readonly name: string
  readonly #client: AgentClient
  readonly #lastLines: number
  #text = ''
  #from: number | undefined

  constructor(name: string, client: AgentClient, lastLines: number) {
    this.name = name
    this.#client = client
    this.#lastLines = lastLines
  }

  async look({ waitMs = 0, lastLines = this.#lastLines, ...rest }: Look = {}) {
    const look = await answered(this.#client.api.consoleWatch.query({ board: 'nuc-1', waitMs, lastLines, ...rest }))
    return { ...look, text: Buffer.from(look.base64, 'base64').toString('latin1') }
  }

  /** Everything seen so far, once it matches. */
  async sees(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      signal.throwIfAborted()
      const look = await this.look({ waitMs: 1000, ...(this.#from !== undefined && { from: this.#from }) })
      this.#text += look.text
      this.#from = look.to
    }
    return this.#text
  }

  async claim(takeReason?: string): Promise<void> {
    const claimant: Claimant = { pid: 1, user: this.name, command: 'hil console nuc-1', sinceMs: 0 }
    const more = takeReason === undefined ? {} : { takeReason }
    await answered(this.#client.api.consoleClaim.mutate({ board: 'nuc-1', claimant, ...more }))
  }

  async release(): Promise<void> {
    await answered(this.#client.api.consoleRelease.mutate({ board: 'nuc-1' }))
  }

  async type(text: string): Promise<void> {
    const base64 = Buffer.from(text).toString('base64')
    await answered(this.#client.api.consoleType.mutate({ board: 'nuc-1', base64 }))
  }

  hangUp(): void {
    this.#client[Symbol.dispose]()
  }
}

interface DeskOptions {
  /** The lease claims the console, as a run does. */
  readonly owned?: boolean
  readonly console?: object
  /** The console is this channel of an NVIDIA combined UART. */
  readonly channel?: string
}

/** A leased board, its agent, and people at its console. */
async function open(t: TestContext, { owned = false, console = {}, channel }: DeskOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hil-console-'))
  const stack = new AsyncDisposableStack()
  t.after(() => stack.disposeAsync())
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const tty = join(folder, 'tty')
  const offPath = join(folder, 'off')
  const cable = async () => {
    const far = spawn('socat', ['-', `PTY,link=${tty},raw,echo=0`], { stdio: ['pipe', 'pipe', 'ignore'] })
    stack.defer(() => void far.kill('SIGKILL'))
    far.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    while (!existsSync(tty)) await systemClock.sleep(5, signal)
    return far
  }
  let heard = ''
  let far = await cable()
  const name = folder.split('-').at(-1)!.toLowerCase()
  const line = { driver: 'serial', path: tty, ...console }
  const board = {
    type: 'nuc',
    power: { driver: 'command', on: 'true', off: ['touch', offPath], status: `test -e ${offPath} || echo on` },
    console: channel === undefined ? line : { driver: 'tcu', channel, over: line },
  }
  const path = join(folder, 'bench.yaml')
  writeFileSync(path, JSON.stringify({ name, boards: { 'nuc-1': board } }))
  process.env['HIL_STATE_DIR'] = folder
  const loaded = (await loadBench(path)).boards[0]!
  const notes: string[] = []
  const interrupt = new AbortController()
  const agent = new Agent(systemClock, silentLog)
  const lease: OpenLease = stack.use(
    await agent.lease(loaded, {
      holder: thisProcess(['run', '--device', 'nuc-1'], systemClock),
      waitMs: 0,
      signal: AbortSignal.any([signal, interrupt.signal]),
      sharedConsole: !owned,
      park: owned,
      listener: {
        trusted: () => undefined,
        note: text => void notes.push(text),
        fault: fault => notes.push(fault.message),
        broken: fault => notes.push(fault.message),
      },
    }),
  )
  const served = stack.use(await serve(agent))
  const until = async (holds: () => boolean, what: () => string): Promise<void> => {
    while (!holds()) {
      if (signal.aborted) assert.fail(what())
      await systemClock.sleep(5)
    }
  }
  return {
    lease,
    bench: name,
    offPath,
    interrupt,
    heard: () => heard,
    person: (user: string, { lastLines = 24 } = {}): Person =>
      new Person(user, stack.use(connect(served.socketPath)), lastLines),
    sends: async (bytes: Uint8Array): Promise<void> => void far.stdin.write(bytes),
    says: async (text: string): Promise<void> => {
      const to = lease.live.recording.end + text.length
      far.stdin.write(text)
      await until(
        () => lease.live.recording.end >= to,
        () => `'${text}' did not arrive`,
      )
    },
    hears: async (pattern: RegExp): Promise<void> =>
      until(
        () => pattern.test(heard),
        () => `no ${pattern} in ${JSON.stringify(heard.slice(-300))}`,
      ),
    noted: async (pattern: RegExp): Promise<void> =>
      until(
        () => notes.some(note => pattern.test(note)),
        () => `no ${pattern} in ${notes.join(', ')}`,
      ),
    unplug: () => endProgram(far),
    plugIn: async (): Promise<void> => void (far = await cable()),
  }
}
