import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { endProgram } from '../base/test-kit.ts'
import { systemClock } from '../base/time.ts'
import { expectIn } from '../bench/expect.ts'
import { Recording } from '../bench/recording.ts'
import { provenLines } from '../bench/serial-shell/core.ts'
import type { ConsolePort } from '../controls/console.ts'
import { type ConsoleLogin, logIn, type LoginMeans } from './login.ts'

const signal = AbortSignal.timeout(240_000)

/** The prompt of NixOS as its /etc/bashrc sets it: title and colours, and a space behind the last colour. */
const NIXOS = String.raw`PS1='\n\[\033[1;32m\][\[\e]0;\u@\h: \w\a\]\u@\h:\w]\$\[\033[0m\] ' exec bash --norc -i`
const BUSYBOX = `PS1='~ # ' exec busybox sh -i`

/** Something on a real terminal, recorded as a board's console is. */
async function boardThat(
  script: string,
  first: RegExp | undefined = /login: /,
  terminal = 'pty,setsid,ctty,stderr,sane',
) {
  const stack = new AsyncDisposableStack()
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  const child = spawn('socat', ['-', `SYSTEM:"eval \\"\\$SCRIPT\\"",${terminal}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SCRIPT: script },
  })
  stack.defer(() => endProgram(child))
  child.stdin.on('error', () => {})
  child.stdout.on('data', (bytes: Buffer) => recording.append(bytes))
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    clock: systemClock,
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) => child.stdin.write(text, error => (error ? reject(error) : resolve()))),
  }
  const until = (pattern: RegExp): Promise<unknown> =>
    port.expect(pattern, { from: 0, limitMs: 8000, late: () => new Error(`no ${pattern}`) })
  if (first) await until(first)
  return {
    said: () => recording.slice(0).toString(),
    type: (text: string) => port.write(text),
    until,
    logIn: (login: ConsoleLogin = { user: 'ghaf' }, limitMs = 5000, reboot?: LoginMeans['reboot']) =>
      logIn(port, login, { limitMs, signal, reboot }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const fails = (code: string) => (fault: Fault) => fault.code === code
const GETTY = `printf 'ghaf login: '; read user; `
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

test('a second refusal is believed, behind something like a prompt too', async () => {
  // As a getty does: it drops what was typed before it asks, survives an interrupt, and asks again and again.
  const drop = 'timeout --foreground 0.1 cat >/dev/null;'
  const refused = `printf 'checking >>>'; sleep 0.3; ${drop} echo; echo Login incorrect; `
  await using board = await boardThat(`trap : INT; while :;do ${WITH_PASSWORD}${refused}done`)
  await assert.rejects(board.logIn({ user: 'ghaf', password: 'wrong' }), fails('configuration/login'))
})

const PROMPT = `printf 'ghaf login: ';`
const SILENT: [what: string, script: string, login: ConsoleLogin, code: string][] = [
  ['does not hear us', `${PROMPT} stty -echo; sleep 30`, { user: 'ghaf' }, 'infrastructure/console-silent'],
  [
    'does not hear us, but talks of the user',
    `${PROMPT} stty -echo; sleep 0.1; echo; echo 'user ghaf exists'; sleep 30`,
    { user: 'ghaf', password: 'x' },
    'infrastructure/console-silent',
  ],
  ['echoes and hangs', `${PROMPT} sleep 30`, { user: 'ghaf' }, 'product/no-shell'],
  [
    'echoes behind a kernel line and hangs',
    `${PROMPT} stty -echo; echo '[ 12.3] usb'; read lost; printf 'ghaf login: '; read user; echo "$user"; sleep 30`,
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
    assert.ok(performance.now() - startedMs < 10_000)
  })

/** The questions of `login` behind a real getty, with an account of its own. */
const dir = mkdtempSync(join(tmpdir(), 'hil-login-'))
after(() => rmSync(dir, { recursive: true }))
const LOGIN = join(dir, 'login')
writeFileSync(
  LOGIN,
  `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
user=$1
if [ "$user" = open ]; then exec dash -i; fi
stty -echo; printf 'Password: '; read -r password; stty echo; echo
if [ "$user $password" = 'ghaf secret' ]; then exec dash -i; fi
sleep 0.5; echo; echo 'Login incorrect'; exit 1
`,
  { mode: 0o755 },
)
/** As init does: another one when it ends, for as long as there is a terminal. */
const respawned = (getty: string): string => `while [ -t 0 ]; do setsid -cw ${getty}; sleep 0.05; done`
const GETTYS = {
  agetty: `/usr/sbin/agetty -L --noclear --login-program ${LOGIN} - vt100`,
  busybox: `busybox getty -L -l ${LOGIN} 115200 - vt100`,
}
const GHAF = { user: 'ghaf', password: 'secret' }
const NO_LIMIT_MS = 20_000

/** A board whose getty is started again whenever it ends. Its terminal is nobody's, so that each getty can have it. */
function boardOf(getty: string, beside = '') {
  return boardThat(beside + respawned(getty), /login: /, 'pty,stderr,sane')
}

for (const [name, getty] of Object.entries(GETTYS)) {
  test(`${name}: a prompt that stands there clean`, async () => {
    await using board = await boardOf(getty)
    await board.logIn(GHAF, NO_LIMIT_MS)
    assert.ok(!board.said().includes('secret'))
  })

  test(`${name}: late boot messages over the prompt`, async () => {
    await using board = await boardOf(getty, String.raw`(sleep 1.5; printf '[   12.3] usb 1-1: new device\r\n') & `)
    await board.until(/new device/)
    await board.logIn(GHAF, NO_LIMIT_MS)
  })

  test(`${name}: half a line that somebody left`, async () => {
    await using board = await boardOf(getty)
    await systemClock.sleep(300)
    await board.type('rm -rf')
    await board.logIn(GHAF, NO_LIMIT_MS)
    assert.doesNotMatch(board.said(), /Login incorrect/)
  })

  test(`${name}: the question for the password of somebody else`, async () => {
    await using board = await boardOf(getty)
    await systemClock.sleep(300)
    await board.type('somebody\n')
    await board.until(/Password: /)
    await board.logIn(GHAF, NO_LIMIT_MS)
  })

  test(`${name}: a wrong password names its setting`, async () => {
    await using board = await boardOf(getty)
    await assert.rejects(
      board.logIn({ user: 'ghaf', password: 'wrong' }, NO_LIMIT_MS),
      (fault: Fault) => fault.code === 'configuration/login' && fault.next.includes('login.password'),
    )
  })

  test(`${name}: a password that is asked for and not set`, async () => {
    await using board = await boardOf(getty)
    await assert.rejects(
      board.logIn({ user: 'ghaf' }, NO_LIMIT_MS),
      (fault: Fault) => fault.code === 'configuration/login' && /set login\.password/.test(fault.next),
    )
  })

  test(`${name}: a password that is set and not asked for`, async () => {
    await using board = await boardOf(getty)
    await assert.rejects(
      board.logIn({ user: 'open', password: 'secret' }, NO_LIMIT_MS),
      (fault: Fault) => fault.code === 'configuration/login' && /remove login\.password/.test(fault.next),
    )
  })

  test(`${name}: a getty that respawns and forgets what was typed`, async () => {
    // Each lives for a second, until one may stay.
    await using board = await boardOf(
      `sh -c 'n=$(cat ${dir}/n 2>/dev/null || echo 0); echo $((n+1)) >${dir}/n; [ $n -ge 3 ] && exec ${getty}; exec timeout --foreground 1 ${getty}'`,
    )
    await board.logIn(GHAF, NO_LIMIT_MS)
    rmSync(join(dir, 'n'))
  })
}

test('a shell that is logged in already, with half a line on it', async () => {
  await using board = await boardThat('exec dash -i', /[$#] /)
  await board.type('touch /tmp/never-made-by-hil; false')
  await board.logIn(GHAF, NO_LIMIT_MS)
  assert.equal(existsSync('/tmp/never-made-by-hil'), false)
})

test('a shell with an open quote, or a program that runs on', async () => {
  for (const left of [`echo 'open\n`, 'sleep 1000\n']) {
    await using board = await boardThat('exec dash -i', /[$#] /)
    await board.type(left)
    await board.logIn(GHAF, NO_LIMIT_MS)
  }
})

for (const pager of ['busybox less', 'busybox more', 'less'])
  test(`${pager} left open`, async t => {
    if (pager === 'less' && !existsSync('/usr/bin/less')) return t.skip('less is not installed')
    await using board = await boardThat('exec bash --norc -i', /[$#] /)
    await board.type(`seq 1 999 >${dir}/pages; stty rows 24 cols 80; ${pager} ${dir}/pages\n`)
    await systemClock.sleep(700)
    await board.logIn(GHAF, NO_LIMIT_MS)
  })

test('the loop of a serial shell that another process left', async () => {
  await using board = await boardThat('exec dash -i', /[$#] /)
  const { pieces, start } = provenLines(1234)
  await board.type([...pieces.map(({ typed }) => typed), ...start].join(''))
  await board.until(/~n\.0\.\.\.\d{1,20}~/)
  await board.logIn(GHAF, NO_LIMIT_MS)
})

test('a board that starts anew meanwhile is waited for, and no key stops its boot loader', async () => {
  const boot = `printf 'U-Boot 2023.01\\r\\nHit any key: '; stty -echo; if read -r -t 2 key; then echo STOPPED; sleep 100; fi`
  const script = `printf 'ghaf login: '; read -r user; ${boot}; stty echo; echo; printf 'ghaf login: '; read -r user; ${NIXOS}`
  await using board = await boardThat(`exec bash -c ${JSON.stringify(script).replaceAll('$', '\\$')}`)
  await board.logIn({ user: 'ghaf' }, 1000, { signs: /U-Boot \d{4}\.\d{2}/, limitMs: 8000 })
  assert.doesNotMatch(board.said(), /STOPPED/)
})

test('a board that starts anew over and over gets no more time', async () => {
  const loop = `while :; do echo U-Boot 2023.01; sleep 0.2; printf 'ghaf login: '; sleep 0.2; done`
  await using board = await boardThat(loop)
  const startedMs = performance.now()
  await assert.rejects(board.logIn({ user: 'ghaf' }, 500, { signs: /U-Boot \d{4}\.\d{2}/, limitMs: 500 }))
  assert.ok(performance.now() - startedMs < 4000)
})
