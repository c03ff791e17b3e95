import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { story } from './hil.ts'
import { Lab, runsOf } from './lab.ts'
import { eventually, kill } from './processes.ts'

// One recording for the life of a board: over a killed run and the next one, read while a run holds it and when none does.

interface Entry {
  readonly offset: number
  readonly at?: string
  readonly text?: string
  readonly gap?: string
  readonly power?: string
}

test('hil log tells of a killed run and of the one behind it, each also in its own folder', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const log = async (...args: string[]): Promise<string> => {
    const ended = await lab.start(['log', 'nuc-1', '--bench', bench, ...args]).ended
    assert.equal(ended.exitCode, 0, story(ended))
    return ended.stdout
  }
  assert.equal(await log(), '')
  const killed = lab.startRun(bench, ['--feature', 'long'])
  await killed.until('booted')
  const follower = lab.start(['log', 'nuc-1', '--bench', bench, '--follow', '--json'])
  const whileHeld = await log('--since', 'boot')
  assert.match(whileHeld, /^--- power on ---\n/)
  assert.match(whileHeld, /ghaf-host login: /)
  kill(killed.pid)
  await killed.ended
  await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick', '--wait', '0', '--no-flash']), 0)

  const entries = entriesOf(await log('--json'))
  for (const [n, { offset }] of entries.entries()) assert.ok(n === 0 || offset >= entries[n - 1]!.offset)
  assert.deepEqual(
    entries.flatMap(({ gap }) => gap ?? []),
    ['the recording process was killed, and nobody recorded'],
  )
  assert.equal(entries.filter(({ power }) => power === 'on').length, 2)
  const prompts = entries.filter(({ text }) => text?.includes('ghaf-host login: '))
  assert.ok(prompts.length >= 2, `${prompts.length} prompts`)
  assert.ok(entriesOf(await log('--json', '--since', 'boot')).length < entries.length)

  // Every run has its own part, and knows where in the whole it stands.
  const whole = wholeOf(join(lab.boardDir(), 'console'))
  const runs = runsOf(lab).map(run => {
    const events = readFileSync(join(lab.reportDir, run, 'run.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
    const event = events.map(line => JSON.parse(line) as { type: string; from?: number })
    const { from } = event.find(({ type }) => type === 'recording')!
    return { from: from!, text: readFileSync(join(lab.reportDir, run, 'nuc-1', 'console.log')) }
  })
  assert.equal(runs.length, 2)
  for (const { from, text } of runs) {
    assert.ok(text.length > 1000)
    assert.deepEqual(whole(from, from + text.length), text)
  }

  const seen = entries.length
  // Whatever is JSON counts as an event of the process.
  await eventually('the follower has it too', () => follower.events.length >= seen)
  follower.signal('SIGINT')
  const followed = await follower.ended
  assert.equal(followed.exitCode, 0, story(followed))
  assert.deepEqual(entriesOf(followed.stdout).at(-1), entries.at(-1))
})

function entriesOf(text: string): Entry[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Entry)
}

/** The bytes of a recording, by offset. */
function wholeOf(folder: string): (from: number, to: number) => Buffer {
  const segments = readdirSync(folder)
    .filter(name => name.endsWith('.log'))
    .map(name => ({ start: Number.parseInt(name, 10), bytes: readFileSync(join(folder, name)) }))
  return (from, to) => {
    const { start, bytes } = segments.findLast(segment => segment.start <= from)!
    return bytes.subarray(from - start, to - start)
  }
}
