import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentClient } from '../../agent/client.ts'
import { systemClock } from '../../base/time.ts'
import { thisProcess } from '../../bench/lock.ts'
import { Session } from './session.ts'
import { Terminal, type Streams } from './terminal.ts'

test('whoever is told that they write may type at once: their keys are the board’s already', async () => {
  const { told, streams } = somebody()
  await assert.rejects(attend(streams, ['board-1 # ']), /^Error: that was all$/)
  assert.deepEqual(told.slice(0, 2), [
    'raw',
    '\r[hil] nuc-1: /dev/ttyACM0: you write; Ctrl-] ? helps, Ctrl-] . leaves\u001b[K\r\n',
  ])
  assert.deepEqual(told.slice(2, 4), ['board-1 # ', 'cooked'])
})

test('a line of our own ends what the board has begun, and nothing else', () => {
  const { told, streams } = somebody()
  const terminal = new Terminal(streams)
  const { signal } = new AbortController()
  terminal.enterRaw()
  for (const said of ['login: ', 'done\r\n', 'done\n']) {
    void terminal.show(Buffer.from(said), signal)
    terminal.note('one')
    terminal.note('two')
  }
  terminal[Symbol.dispose]()
  const [one, two] = ['\r[hil] one\u001b[K\r\n', '\r[hil] two\u001b[K\r\n']
  const shown = ['login: ', `\r\n${one.slice(1)}`, two, 'done\r\n', one, two, 'done\n', one, two]
  assert.deepEqual(told.slice(0, -1), ['raw', ...shown, 'cooked'])
})

/** Somebody at a terminal, and what they were told, in order. */
function somebody(): { readonly told: string[]; readonly streams: Streams } {
  const told: string[] = []
  const stream = {
    isTTY: true,
    setRawMode: (isRaw: boolean) => told.push(isRaw ? 'raw' : 'cooked'),
    write: (bytes: string | Buffer) => told.push(bytes.toString()) > 0,
    once: () => stream,
    on: () => stream,
    off: () => stream,
    pause: () => stream,
  }
  return { told, streams: { stdin: stream, stdout: stream, stderr: stream } as unknown as Streams }
}

/** At a board that says so much and then no more. */
async function attend(streams: Streams, says: string[]): Promise<string> {
  using terminal = new Terminal(streams)
  const state = { device: '/dev/ttyACM0', writer: null, away: null, trouble: null }
  const look = (): object => {
    const said = says.shift()
    if (said === undefined) throw new Error('that was all')
    return { state, key: 'k', skippedBytes: 0, to: 0, base64: Buffer.from(said).toString('base64') }
  }
  const api = { consoleWatch: { query: async () => look() }, consoleClaim: { mutate: async () => undefined } }
  const session = new Session(terminal, {
    api: api as unknown as AgentClient['api'],
    board: 'nuc-1',
    claimant: thisProcess([], systemClock),
    watchOnly: false,
    hosting: false,
    clock: systemClock,
  })
  return await session.attend(new AbortController().signal)
}
