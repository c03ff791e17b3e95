import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findProgram } from '../../src/base/program.ts'
import { ConsoleProcess, ShellBoard } from './consoles.ts'
import { story } from './hil.ts'
import { Lab } from './lab.ts'
import { kill } from './processes.ts'
import { cellsOf, faultRecords, notesOf } from './verdicts.ts'

// People at a board's console: several watch, one writes, and everybody's ending is clean and says why.

const skip = findProgram('script') ? false : 'no script(1) on this host'

test('a command piped in is typed, and what the board says is shown', async () => {
  await using desk = await open()
  await using pipe = desk.console()
  pipe.pipe('echo $((6 * 7))\n')
  assert.equal(await pipe.ended, 0, pipe.stderr)
  assert.match(pipe.stdout, /\r42\r\n/)
  assert.match(pipe.stderr, /^hil: nuc-1: \S+ at 115200: you write\nhil: left nuc-1\n$/)
})

test('on one board: who comes first writes, everybody else sees it, and may have it when it is free', async () => {
  await using desk = await open()
  await using writer = desk.console()
  await writer.until(/you write/)
  await using watcher = desk.console(['--watch'])
  await watcher.until(new RegExp(`you watch; .*pid ${writer.child.pid}: hil console nuc-1`))
  writer.type('echo both-$((1 + 1))\n')
  await Promise.all([writer.until(/both-2/), watcher.until(/both-2/)])

  await using third = desk.console()
  third.pipe('echo never\n')
  assert.equal(await third.ended, 4, third.stderr)
  assert.match(third.stderr, new RegExp(`lease/console-claimed.*pid ${writer.child.pid}`))

  await using thief = desk.console(['--steal', '--reason', 'in a hurry'])
  await thief.until(/you write/)
  await watcher.until(/you watch; .* writes: in a hurry/)
  writer.type('echo lost\n')
  assert.equal(await writer.ended, 4, 'a pipe that may not write has no more business')
  assert.match(writer.stderr, /lease\/console-taken.* took it: in a hurry/)
  assert.doesNotMatch(watcher.stdout, /lost|never/)
})

test('who opened the console leaves: everybody else is told, and the next may open it', async () => {
  await using desk = await open()
  await using host = desk.console()
  await host.until(/you write/)
  await using watcher = desk.console(['--watch'])
  await watcher.until(/you watch/)
  host.pipe('')
  assert.equal(await host.ended, 0, host.stderr)
  assert.equal(await watcher.ended, 0, watcher.stderr)
  assert.match(watcher.stderr, /nuc-1 was released by its holder/)
  await using next = desk.console()
  await next.until(/you write/)
})

test('an agent that is killed ends every console of it, which says so', async () => {
  await using desk = await open()
  await using host = desk.console()
  await host.until(/you write/)
  await using watcher = desk.console(['--watch'])
  await watcher.until(/you watch/)
  kill(host.child.pid!)
  assert.equal(await watcher.ended, 3, watcher.stderr)
  assert.match(watcher.stderr, /infrastructure\/agent-gone/)
  await using next = desk.console()
  await next.until(/you write/)
})

test('a line that is gone for good ends the console, which says so', async () => {
  await using desk = await open()
  await using host = desk.console()
  await host.until(/you write/)
  await desk.board.vanish()
  await host.until(/the console is away/)
  assert.equal(await host.ended, 3, host.stderr)
  assert.match(host.stderr, /infrastructure\/tty-gone/)
})

const ENDINGS: [what: string, end: (console: ConsoleProcess, desk: Desk) => void, says: RegExp][] = [
  ['the keys', console => console.type('\x1d.'), /left nuc-1[^]*code=0/],
  ['SIGTERM', (_, desk) => desk.signal('SIGTERM'), /cancelled\/interrupt[^]*SIGTERM[^]*code=130/],
  ['SIGHUP', (_, desk) => desk.signal('SIGHUP'), /cancelled\/interrupt[^]*SIGHUP[^]*code=130/],
]
for (const [what, end, says] of ENDINGS)
  test(`a terminal ended by ${what}: raw while it lasts, and then as it was`, { skip }, async () => {
    await using desk = await open()
    await using console = desk.console([], { terminal: true })
    await console.until(/you write; Ctrl-\] \? helps/)
    console.type('sleep 1000\r')
    await console.until(/sleep 1000/)
    // Raw: it interrupts the board's command and not this program.
    await interrupt(console)
    // What is typed before the board's terminal has dealt with it may be thrown away by that.
    console.type('echo still-$((40 + 2))\r')
    await console.until(/still-42/)
    end(console, desk)
    await console.until(says)
    await console.until(/ icanon[^]* echo /)
    assert.doesNotMatch(console.stdout, /-icanon|-echo /)
  })

/** Types Ctrl-C until there is a prompt: one between a shell and the command that it is just starting is nobody's. */
async function interrupt(console: ConsoleProcess): Promise<void> {
  for (let left = 5; ; left--) {
    console.type('\x03')
    try {
      return await console.until(/\^C[^]*[$#] /, 3000)
    } catch (error) {
      if (left === 0) throw error
    }
  }
}

test('the keys: the size of the window, giving the console back, claiming it', { skip }, async () => {
  await using desk = await open()
  await using first = desk.console([], { terminal: true })
  await first.until(/you write/)
  await using second = desk.console([], { terminal: true })
  await second.until(/you watch/)
  second.type('not for the board')
  await second.until(/you only watch/)
  first.type('\x1dw')
  await first.until(/stty rows \d+ cols \d+/)
  second.type('\x1dc')
  await second.until(/lease\/console-claimed/)
  first.type('\x1dr')
  await second.until(/nobody writes/)
  second.type('\x1dc')
  await second.until(/you write/)
  second.type('echo now-$((1 + 1))\r')
  await first.until(/now-2/)
  first.type('\x03')
  await first.until(/left nuc-1/)
  assert.doesNotMatch(first.stdout, /not for the board/)
})

test('options that make no sense together are refused', async () => {
  await using desk = await open()
  for (const args of [['--steal'], ['--reason', 'x'], ['--steal', '--reason', 'x', '--watch']]) {
    const ended = await desk.lab.start(['console', 'nuc-1', '--bench', desk.bench, ...args]).ended
    assert.equal(ended.exitCode, 2, story(ended))
  }
})

test('a run: everybody may watch, nobody writes but it; taken from it, it ends without blaming the product', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const run = lab.startRun(bench, ['--feature', 'long', '--feature', 'quick'])
  await run.until('stage', ({ stage }) => stage === 'flash')
  await using watcher = new ConsoleProcess(lab, ['--watch'])
  await watcher.until(new RegExp(`you watch; .*pid ${run.pid}: hil run`))
  await watcher.until(/login: /, 90_000)
  await run.until('booted', () => true, 90_000)
  await run.testBegins('it waits')
  await using refused = new ConsoleProcess(lab, [])
  refused.pipe('echo never\n')
  assert.equal(await refused.ended, 4, refused.stderr)
  assert.match(refused.stderr, new RegExp(`lease/console-claimed.*pid ${run.pid}`))

  await using thief = new ConsoleProcess(lab, ['--steal', '--reason', 'it hangs'])
  await thief.until(/you write/)
  await run.until('note', ({ text }) => text.includes('stays as it is while'))
  assert.equal(lab.qemus().length, 1, 'the board still has power')
  // What answers is whatever the run's tests had started; that it is taken is what counts here.
  thief.pipe('\n')
  assert.equal(await thief.ended, 0, thief.stderr)

  const ended = await lab.mustEnd(run, 4)
  for (const { code, seen } of faultRecords(ended)) assert.match(`${code} ${seen}`, /^lease\/console-taken .*it hangs/)
  assert.equal(cellsOf(ended)['long'], 'miss')
  assert.doesNotMatch(Object.values(cellsOf(ended)).join(), /fail|error/)
  assert.equal(notesOf(ended).filter(text => text.includes('stays as it is')).length, 1)
  assert.equal(await watcher.ended, 0, watcher.stderr)
  assert.match(watcher.stderr, /nuc-1 was released by its holder/)
})

type Desk = Awaited<ReturnType<typeof open>>

/** A board that is a shell, and people at its console. */
async function open() {
  const stack = new AsyncDisposableStack()
  const lab = stack.use(await Lab.open())
  const board = stack.use(await ShellBoard.start(lab))
  const bench = lab.bench({ 'nuc-1': board.yaml })
  return {
    lab,
    board,
    bench,
    console: (args: readonly string[] = [], how: { terminal?: boolean } = {}) => new ConsoleProcess(lab, args, how),
    /** To the console itself, past the terminal in front of it. */
    signal: (name: NodeJS.Signals): void => {
      const consoles = lab.processes().filter(({ command }) => /node\S* .*main\.ts console/.test(command))
      assert.equal(consoles.length, 1, JSON.stringify(lab.processes()))
      kill(consoles[0]!.pid, name)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
