import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Fault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import { expectIn } from '../expect.ts'
import { Recording } from '../recording.ts'
import { SerialShell } from './serial-shell.ts'

const signal = AbortSignal.timeout(60_000)

interface Wire {
  /** Changes what comes back from the shell. */
  readonly damage?: (bytes: Buffer) => Buffer
  /** Changes what is typed to it. */
  readonly mistype?: (text: string) => string
  readonly limitMs?: number
}

/** A real shell on a real terminal, which socat makes. */
async function shellOn(program: string, wire: Wire = {}) {
  const { damage = bytes => bytes, mistype = text => text } = wire
  const stack = new AsyncDisposableStack()
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  const child = spawn('socat', ['-', `EXEC:'${program}',pty,setsid,ctty,stderr,sane`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const gone = new Promise(resolve => child.once('close', resolve))
  stack.defer(async () => {
    child.kill('SIGTERM')
    await gone
  })
  child.stdout.on('data', (bytes: Buffer) => recording.append(damage(bytes)))
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) =>
        child.stdin.write(mistype(text.toString()), error => (error ? reject(error) : resolve())),
      ),
  }
  try {
    const shell = await SerialShell.start(port, recording, signal, wire.limitMs)
    return { shell, recording, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

const CASES: [argv: string[], exitCode: number, stdout: Buffer | string, stderr: string][] = [
  [['true'], 0, '', ''],
  [['false'], 1, '', ''],
  [['echo', 'hello'], 0, 'hello\n', ''],
  [['printf', 'no newline'], 0, 'no newline', ''],
  [['printf', 'a\\0b\\n\\n\\n'], 0, 'a\0b\n\n\n', ''],
  [['sh', '-c', 'echo out; echo err >&2; exit 42'], 42, 'out\n', 'err\n'],
  [
    ['printf', '~1.p.0.3.abc~1.p.0.3.abc~\\n[  12.3] not a kernel line'],
    0,
    '~1.p.0.3.abc~1.p.0.3.abc~\n[  12.3] not a kernel line',
    '',
  ],
  [['echo', `it's "quoted" $HOME \`x\` \\ ! ~ [`], 0, `it's "quoted" $HOME \`x\` \\ ! ~ [\n`, ''],
  [['seq', '1', '2000'], 0, Array.from({ length: 2000 }, (_, n) => `${n + 1}\n`).join(''), ''],
  [['printf', '%300s'], 0, ' '.repeat(300), ''],
  [['echo', 'x'.repeat(9000)], 0, `${'x'.repeat(9000)}\n`, ''],
  [['sh', '-c', 'kill -9 $$'], 137, '', ''],
  [['sh', '-c', 'cd /tmp; exit 3'], 3, '', ''],
]

/** busybox with its own programs only, as on a small board. */
const busybox = mkdtempSync(join(tmpdir(), 'hil-busybox-'))
execFileSync('busybox', ['--install', '-s', busybox])
/** bash as `sh`, as on NixOS. */
const bash = mkdtempSync(join(tmpdir(), 'hil-bash-'))
symlinkSync('/bin/bash', join(bash, 'sh'))
/** A shell that throws away what is typed while it starts. */
writeFileSync(join(bash, 'late'), '#!/bin/sh\ntimeout --foreground 1 cat >/dev/null\nexec dash -i\n', { mode: 0o755 })
after(() => {
  for (const dir of [busybox, bash]) rmSync(dir, { recursive: true })
})
const PROGRAMS = [
  'dash -i',
  'bash -i',
  `env PATH=${bash}:${process.env.PATH} bash -i`,
  `env PATH=${busybox} ${busybox}/sh -i`,
]
function nameOf(program: string): string {
  if (program.includes(bash)) return 'bash as sh'
  return program.includes(busybox) ? 'busybox' : program
}
const fails = (code: string) => (fault: Fault) => fault.code === code

for (const program of PROGRAMS)
  test(`${nameOf(program)}: output, errors and exit codes come back exactly`, async () => {
    await using on = await shellOn(program)
    for (const [argv, exitCode, stdout, stderr] of CASES) {
      const result = await on.shell.run(argv, { limitMs: 20_000, signal })
      const name = `${program}: ${argv.join(' ').slice(0, 60)}`
      assert.deepEqual(result.stdout, Buffer.from(stdout), name)
      assert.equal(result.exitCode, exitCode, name)
      // A shell may add its own word about a signal.
      if (exitCode < 128) assert.equal(result.stderr.toString(), stderr, name)
    }
    const echoed = await on.shell.run(['cat'], { limitMs: 5000, signal, input: Buffer.from([0, 1, 255]) })
    assert.deepEqual(echoed.stdout, Buffer.from([0, 1, 255]))
  })

test('other programs that print in between do not change an answer', async () => {
  await using on = await shellOn('dash -i')
  // The terminal is looked up first: in the background the shell that holds it may be gone already.
  const tty = '$(readlink /proc/$PPID/fd/* | grep -m1 /dev/pts)'
  const line = 'echo "[  $i.123456] systemd: Started unit-$i.service"'
  const noise = `t=${tty}; (i=0; while [ $i -lt 400 ]; do ${line}; i=$((i+1)); done) >$t &`
  await on.shell.run(['sh', '-c', noise], { limitMs: 5000, signal })
  for (let n = 0; n < 40; n++) {
    const result = await on.shell.run(['sh', '-c', `seq ${n} ${n + 30}; exit ${n}`], { limitMs: 10_000, signal })
    assert.equal(result.stdout.toString(), Array.from({ length: 31 }, (_, i) => `${n + i}\n`).join(''))
    assert.equal(result.exitCode, n)
  }
  const late = (): Error => new Error('the noise never ended')
  await expectIn(on.recording, /Started unit-399\.service\r?\n/, { from: 0, limitMs: 10_000, late })
})

test('a damaged answer is asked for again, and what stays damaged is said to be', async () => {
  let bad = 0
  await using on = await shellOn('dash -i', {
    damage: bytes => {
      const at = bytes.indexOf('.o.0.')
      if (at >= 0 && bad-- > 0) bytes[at + 12] = 'A'.charCodeAt(0)
      return bytes
    },
  })
  bad = 1
  const result = await on.shell.run(['seq', '1', '300'], { limitMs: 20_000, signal })
  assert.equal(result.stdout.toString().split('\n').length, 301)
  bad = 1000
  await assert.rejects(
    on.shell.run(['seq', '1', '300'], { limitMs: 30_000, signal }),
    fails('infrastructure/serial-corrupt'),
  )
})

/** Types the first `times` texts that hold `right` with `wrong` instead. */
function mistyping(right: string, wrong: string, times: number): (text: string) => string {
  return text => (text.includes(right) && times-- > 0 ? text.replace(right, wrong) : text)
}

const MISTYPED: [what: string, right: string, wrong: string][] = [
  // Both copies of every answer would be wrong alike.
  ['a byte of a function', '_hr=$?', '_hr=$#'],
  ['a byte of its proof', 'md5sum); _hm=', 'md5sum); _hn='],
  ['the word that runs it', 'eval "$_hP"', 'evam "$_hP"'],
  ['the echo going off', 'stty -echo', 'stty -ecjo'],
  ['a newline', '\nstty', 'stty'],
  ['the newline behind a piece', `'\n_hP=`, `'_hP=`],
  ['an opening quote', `"$_hP"'`, `"$_hP"`],
  ['the change to sh', 'exec sh', 'exeb sh'],
]
for (const program of PROGRAMS)
  test(`${nameOf(program)}: a prelude that arrives damaged is found out and typed again`, async () => {
    const cases = MISTYPED.map(async ([what, right, wrong]) => {
      await using on = await shellOn(program, { mistype: mistyping(right, wrong, 1), limitMs: 1500 })
      const { exitCode, stdout, stderr } = await on.shell.run(['false'], { limitMs: 5000, signal })
      assert.deepEqual([exitCode, stdout.length, stderr.length], [1, 0, 0], what)
    })
    await Promise.all(cases)
  })

test('bash never goes on editing its lines', async () => {
  const program = PROGRAMS[2]!
  await using on = await shellOn(program, { mistype: mistyping('set +o emacs', 'set +o emaxs', 1), limitMs: 1000 })
  const result = await on.shell.run(['printf', '%s', 'a\tb'], { limitMs: 5000, signal })
  assert.equal(result.stdout.toString(), 'a\tb')
})

test('a prelude that never arrives whole is the fault of the line', async () => {
  const mistype = mistyping('_hr=$?', '_hr=$#', 100)
  await assert.rejects(shellOn('dash -i', { mistype }), fails('infrastructure/serial-corrupt'))
})

test('a shell that is not ready yet gets the prelude once more', async () => {
  await using on = await shellOn(join(bash, 'late'), { limitMs: 1300 })
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
})

test('what is no shell at all is said to be', async () => {
  await assert.rejects(shellOn('env --ignore-signal=INT cat', { limitMs: 300 }), fails('product/no-shell'))
})

for (const program of PROGRAMS)
  test(`${nameOf(program)}: a command over its limit is interrupted, and the shell goes on`, async () => {
    await using on = await shellOn(program)
    await assert.rejects(on.shell.run(['sleep', '30'], { limitMs: 300, signal }), fails('product/command-timeout'))
    const next = await on.shell.run(['echo', 'alive'], { limitMs: 2000, signal })
    assert.equal(next.stdout.toString(), 'alive\n')
  })

for (const program of PROGRAMS)
  test(`${nameOf(program)}: a command that is aborted is interrupted at once, and the shell goes on`, async () => {
    await using on = await shellOn(program)
    const abort = AbortSignal.timeout(200)
    const startedMs = performance.now()
    await assert.rejects(on.shell.run(['sleep', '30'], { limitMs: 20_000, signal: abort }), { name: 'TimeoutError' })
    assert.ok(performance.now() - startedMs < 600)
    const next = await on.shell.run(['echo', 'alive'], { limitMs: 2000, signal })
    assert.equal(next.stdout.toString(), 'alive\n')
  })

test('a command that gives up waiting for its turn does not disturb the one before', async () => {
  await using on = await shellOn('dash -i')
  const startedMs = performance.now()
  const first = on.shell.run(['sh', '-c', 'sleep 1; echo first'], { limitMs: 5000, signal })
  const [aborted, late, last] = [
    on.shell.run(['echo', 'aborted'], { limitMs: 5000, signal: AbortSignal.timeout(100) }),
    on.shell.run(['echo', 'late'], { limitMs: 100, signal }),
    on.shell.run(['echo', 'last'], { limitMs: 5000, signal }),
  ]
  await Promise.all([assert.rejects(aborted, { name: 'TimeoutError' }), assert.rejects(late, fails('test/misuse'))])
  assert.ok(performance.now() - startedMs < 800)
  assert.equal((await first).stdout.toString(), 'first\n')
  assert.equal((await last).stdout.toString(), 'last\n')
})

test('a command that ended within its limit, while its answer did not, is the fault of the line', async () => {
  const damage = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replaceAll('.z~', '.y~'), 'latin1')
  await using on = await shellOn('dash -i', { damage })
  await assert.rejects(
    on.shell.run(['seq', '1', '300'], { limitMs: 500, signal }),
    fails('infrastructure/serial-corrupt'),
  )
})
