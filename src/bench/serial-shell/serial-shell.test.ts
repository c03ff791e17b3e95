import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
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

/** A real shell on a real terminal, which socat makes; `damage` changes what comes back from it. */
async function shellOn(program: string, damage: (bytes: Buffer) => Buffer = bytes => bytes) {
  const stack = new AsyncDisposableStack()
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  const child = spawn('socat', ['-', `EXEC:'${program}',pty,setsid,ctty,stderr,sane`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  stack.defer(async () => {
    const gone = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGTERM')
    await gone
  })
  child.stdout.on('data', (bytes: Buffer) => recording.append(damage(bytes)))
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) => child.stdin.write(text, error => (error ? reject(error) : resolve()))),
  }
  const shell = await SerialShell.start(port, recording, signal)
  return { shell, recording, [Symbol.asyncDispose]: () => stack.disposeAsync() }
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
after(() => rmSync(busybox, { recursive: true }))

for (const program of ['dash -i', 'bash -i', `env PATH=${busybox} ${busybox}/sh -i`])
  test(`${program}: output, errors and exit codes come back exactly`, async () => {
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
  await using on = await shellOn('dash -i', bytes => {
    const at = bytes.indexOf('.o.0.')
    if (at >= 0 && bad-- > 0) bytes[at + 12] = 'A'.charCodeAt(0)
    return bytes
  })
  bad = 1
  const result = await on.shell.run(['seq', '1', '300'], { limitMs: 20_000, signal })
  assert.equal(result.stdout.toString().split('\n').length, 301)
  bad = 1000
  await assert.rejects(
    on.shell.run(['seq', '1', '300'], { limitMs: 30_000, signal }),
    (fault: Fault) => fault.code === 'infrastructure/serial-corrupt',
  )
})

test('a command over its limit is interrupted, and the shell goes on', async () => {
  await using on = await shellOn('dash -i')
  await assert.rejects(
    on.shell.run(['sleep', '30'], { limitMs: 300, signal }),
    (fault: Fault) => fault.code === 'product/command-timeout',
  )
  const next = await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })
  assert.equal(next.stdout.toString(), 'alive\n')
})
