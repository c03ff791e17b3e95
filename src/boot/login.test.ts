import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { expectIn } from '../bench/expect.ts'
import { Recording } from '../bench/recording.ts'
import type { ConsolePort } from '../controls/console.ts'
import { type ConsoleLogin, logIn } from './login.ts'

const signal = AbortSignal.timeout(60_000)

/** The prompt of NixOS as its /etc/bashrc sets it: title and colours, and a space behind the last colour. */
const NIXOS = String.raw`PS1='\n\[\033[1;32m\][\[\e]0;\u@\h: \w\a\]\u@\h:\w]\$\[\033[0m\] ' exec bash --norc -i`
const BUSYBOX = `PS1='~ # ' exec busybox sh -i`

/** A board at its login prompt, played by a shell script on a real terminal. */
async function boardThat(script: string) {
  const stack = new AsyncDisposableStack()
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  const child = spawn('socat', ['-', 'SYSTEM:"eval \\"\\$SCRIPT\\"",pty,setsid,ctty,stderr,sane'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SCRIPT: `printf 'ghaf login: '; ${script}` },
  })
  const gone = new Promise(resolve => child.once('close', resolve))
  stack.defer(async () => {
    child.kill('SIGTERM')
    await gone
  })
  child.stdout.on('data', (bytes: Buffer) => recording.append(bytes))
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) => child.stdin.write(text, error => (error ? reject(error) : resolve()))),
  }
  await port.expect(/ghaf login: /, { from: 0, limitMs: 5000, late: () => new Error('no login prompt') })
  return {
    said: () => recording.slice(0).toString(),
    logIn: (login: ConsoleLogin = { user: 'ghaf' }, limitMs = 5000) => logIn(port, login, limitMs, signal),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const fails = (code: string) => (fault: Fault) => fault.code === code
const GETTY = 'read user; '
const WITH_PASSWORD = `${GETTY} stty -echo; printf 'Password: '; read password; stty echo; echo; `

for (const [name, shell] of [
  ['NixOS', NIXOS],
  ['busybox', BUSYBOX],
] as const)
  test(`the prompt of ${name} is a shell's`, async () => {
    await using board = await boardThat(GETTY + shell)
    await board.logIn()
    assert.match(board.said(), /\{hil\.\d+\}/)
  })

test('a password is given when asked for', async () => {
  await using board = await boardThat(`${WITH_PASSWORD} [ "$password" = secret ] || exit; ${NIXOS}`)
  await board.logIn({ user: 'ghaf', password: 'secret' })
  assert.ok(!board.said().includes('secret'))
})

test('a message of the day that pauses behind a > is not taken for a shell', async () => {
  await using board = await boardThat(`${GETTY} printf 'welcome >>>'; sleep 0.4; echo; echo to Ghaf; ${NIXOS}`)
  await board.logIn()
  assert.match(board.said(), /to Ghaf[^]*\][$#]\x1b\[0m /)
})

test('what was typed into a message of the day and thrown away is typed again', async () => {
  const thrownAway = `printf 'welcome >>>'; sleep 0.3; read lost; echo to Ghaf;`
  await using board = await boardThat(`${GETTY} ${thrownAway} ${NIXOS}`)
  await board.logIn()
  assert.match(board.said(), /to Ghaf[^]*\{hil\.\d+\}/)
})

test('a refusal is one, behind something like a prompt too', async () => {
  const refused = `printf 'checking >>>'; sleep 0.3; echo; echo Login incorrect; printf 'ghaf login: '; cat`
  await using board = await boardThat(WITH_PASSWORD + refused)
  await assert.rejects(board.logIn({ user: 'ghaf', password: 'wrong' }), fails('configuration/login'))
})

const SILENT: [what: string, script: string, login: ConsoleLogin, code: string][] = [
  ['does not hear us', 'stty -echo; sleep 30', { user: 'ghaf' }, 'infrastructure/console-silent'],
  [
    'does not hear us, but talks of the user',
    `stty -echo; sleep 0.1; echo; echo 'user ghaf exists'; sleep 30`,
    { user: 'ghaf', password: 'x' },
    'infrastructure/console-silent',
  ],
  ['echoes and hangs', 'sleep 30', { user: 'ghaf' }, 'product/no-shell'],
  [
    'echoes behind a kernel line and hangs',
    `stty -echo; echo '[ 12.3] usb'; read user; echo "$user"; sleep 30`,
    { user: 'ghaf' },
    'product/no-shell',
  ],
  ['hangs behind the password', `${WITH_PASSWORD} sleep 30`, { user: 'ghaf', password: 'x' }, 'product/no-shell'],
  ['prompts and never answers', `${GETTY} printf '$ '; sleep 30`, { user: 'ghaf' }, 'product/no-shell'],
]
for (const [what, script, login, code] of SILENT)
  test(`a board that ${what}: ${code}, within the limit`, async () => {
    await using board = await boardThat(script)
    // Until the script has set its terminal.
    await systemClock.sleep(100)
    const startedMs = performance.now()
    await assert.rejects(board.logIn(login, 600), fails(code))
    assert.ok(performance.now() - startedMs < 900)
  })
