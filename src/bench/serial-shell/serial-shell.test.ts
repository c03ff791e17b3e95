import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../../base/fault.ts'
import { expectIn } from '../expect.ts'
import { FaultyLine } from './test-kit.ts'
import { bash, busybox, counted, nameOf, PROGRAMS, shellOn, signal } from './test-kit-shells.ts'

function tempDir(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'hil-shell-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
const fails = (code: string) => (fault: Fault) => fault.code === code

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

test('one damaged part of a long answer is sent again: on a line that was clean with all others, then alone', async () => {
  let bad = 0
  await using on = await shellOn('dash -i', {
    damage: bytes => {
      const at = bytes.indexOf('.o.3840.')
      // The character that begins its data, whatever check stands before it.
      const data = bytes.indexOf('.', at + 9) + 4
      if (at >= 0 && data > 4 && bad-- > 0) bytes[data] = bytes[data]! ^ 1
      return bytes
    },
  })
  const all = Array.from({ length: 24 }, (_, n) => n * 384)
  for (const expected of [all, [3840]]) {
    bad = 1
    const from = on.recording.end
    const result = await on.shell.run(['seq', '1', '2000'], { limitMs: 20_000, signal })
    assert.equal(result.stdout.toString(), counted(2000))
    const said = on.recording.slice(from).toString()
    const parts = [...said.matchAll(/~\d+\.o\.(\d+)\./g)].map(([, offset]) => Number(offset))
    const twice = parts.filter((offset, n) => parts.indexOf(offset) < n)
    // A chunk of the line may end inside the frame: then nothing was damaged, and nothing is sent twice.
    assert.deepEqual(twice, bad < 1 ? expected : [])
  }
})

test('what stays damaged is said to be', async () => {
  let broken = false
  const damage = (bytes: Buffer): Buffer =>
    broken ? Buffer.from(bytes.toString('latin1').replaceAll('.o.', '.q.'), 'latin1') : bytes
  await using on = await shellOn('dash -i', { damage })
  broken = true
  await assert.rejects(
    on.shell.run(['seq', '1', '300'], { limitMs: 30_000, signal }),
    fails('infrastructure/serial-corrupt'),
  )
  broken = false
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
})

const BINARY = "printf '\\000\\001\\377~5.p.0.forged.1~\\r\\n'; head -c 1000 /dev/zero; echo oops >&2; exit 3"
const BINARY_OUT = Buffer.concat([Buffer.from('\0\x01\xff~5.p.0.forged.1~\r\n', 'latin1'), Buffer.alloc(1000)])

for (const [rate, seed, commands] of [
  [1e-4, 11, 60],
  [1e-3, 12, 40],
] as const)
  test(`a line that loses, doubles and flips ${rate} of all bytes, both ways, makes no wrong answer`, async () => {
    const rates = { loss: rate, duplication: rate, flip: rate }
    const [there, back] = [new FaultyLine(rates, seed), new FaultyLine(rates, seed + 1000)]
    await using on = await shellOn('dash -i', {
      damage: bytes => back.pass(bytes),
      mistype: bytes => there.pass(bytes),
      // 5 s are too few when both processors are busy with something else.
      limitMs: 12_000,
    })
    let exact = 0
    for (let n = 0; n < commands; n++) {
      const long = n % 5 === 4
      const argv = long ? ['sh', '-c', n % 2 ? BINARY : 'seq 1 700; exit 9'] : ['echo', `hello ${n} it's`]
      const stdout = long ? (n % 2 ? BINARY_OUT : Buffer.from(counted(700))) : Buffer.from(`hello ${n} it's\n`)
      const result = await on.shell.run(argv, { limitMs: 30_000, signal: signal }).catch((fault: Fault) => {
        assert.ok(fails('infrastructure/serial-corrupt')(fault), fault.message)
      })
      if (!result) continue
      assert.deepEqual(result.stdout, stdout, argv.join(' '))
      assert.equal(result.exitCode, long ? (n % 2 ? 3 : 9) : 0)
      assert.equal(result.stderr.toString(), long && n % 2 ? 'oops\n' : '')
      exact++
    }
    assert.ok(there.hits > 0 && back.hits > 0, 'some damage was done')
    assert.ok(exact >= commands * (rate < 1e-3 ? 0.99 : 0.9), `${exact} of ${commands} exact`)
  })

test('a command is run once, however often its line is damaged or typed', async () => {
  const there = new FaultyLine({ loss: 3e-3, duplication: 3e-3, flip: 3e-3 }, 5)
  let faulty = false
  await using on = await shellOn('dash -i', { mistype: bytes => (faulty ? there.pass(bytes) : bytes) })
  using dir = tempDir()
  faulty = true
  for (let n = 0; n < 30; n++)
    await on.shell.run(['sh', '-c', `echo ${n} >> ${dir.path}/ran`], { limitMs: 20_000, signal })
  assert.equal(readFileSync(join(dir.path, 'ran'), 'latin1'), Array.from({ length: 30 }, (_, n) => `${n}\n`).join(''))
  assert.ok(there.hits > 5)
})

test('a stray interrupt that stops a command is damage, not its exit code', async () => {
  await using on = await shellOn('dash -i')
  const running = on.shell.run(['sleep', '20'], { limitMs: 10_000, signal })
  setTimeout(() => void on.type('\u0003'), 300)
  await assert.rejects(running, fails('infrastructure/serial-corrupt'))
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).exitCode, 0)
})

for (const program of PROGRAMS)
  test(`${nameOf(program)}: characters that a terminal takes for orders are harmless`, async () => {
    await using on = await shellOn(program)
    await on.type('\u0013\u0004\u001a\u001c\u0016\u0004\u0003\u0004')
    assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
  })

test('a long output comes piece by piece and in order, and is not kept', async () => {
  await using on = await shellOn('dash -i')
  const pieces: Buffer[] = []
  const onOutput = (stream: string, bytes: Buffer): void => void (stream === 'stdout' && pieces.push(bytes))
  const result = await on.shell.run(['seq', '1', '20000'], { limitMs: 50_000, signal, onOutput })
  assert.equal(result.stdout.length, 0)
  assert.ok(pieces.length > 100 && pieces.every(piece => piece.length <= 4096))
  assert.equal(Buffer.concat(pieces).toString(), counted(20_000))
})

for (const program of PROGRAMS)
  test(`${nameOf(program)}: a large input arrives as it is`, async () => {
    await using on = await shellOn(program)
    const input = Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) & 255))
    const result = await on.shell.run(['cat'], { limitMs: 30_000, signal, input })
    assert.ok(result.stdout.equals(input))
  })

test('a program that stays behind does not write into the next answer', async () => {
  await using on = await shellOn('dash -i')
  await on.shell.run(['sh', '-c', 'echo begun; (sleep 0.3; echo late) &'], { limitMs: 5000, signal })
  await on.shell.run(['sleep', '0.6'], { limitMs: 5000, signal })
  const result = await on.shell.run(['true'], { limitMs: 5000, signal })
  assert.equal(result.stdout.toString(), '')
})

test('what a board lacks is said, and done without', async () => {
  using dir = tempDir()
  for (const name of ['sh', 'stty', 'mkdir', 'rm', 'od', 'dd', 'wc', 'cat', 'seq', 'head', 'sleep'])
    symlinkSync(join(busybox, name), join(dir.path, name))
  await using on = await shellOn(`env PATH=${dir.path} ${dir.path}/sh -i`)
  assert.deepEqual(
    on.notes.map(note => /lacks? cksum|no base64/.exec(note)?.[0]),
    ['no base64', 'lacks cksum'],
  )
  const zeros = await on.shell.run(['head', '-c', '1000', '/dev/zero'], { limitMs: 10_000, signal })
  assert.ok(zeros.stdout.equals(Buffer.alloc(1000)))
  const input = Buffer.from([0, 255, 10, 13, 126])
  assert.deepEqual((await on.shell.run(['cat'], { limitMs: 10_000, signal, input })).stdout, input)
  rmSync(join(dir.path, 'od'))
  await using bare = await shellOn(`env PATH=${dir.path} ${dir.path}/sh -i`)
  assert.equal((await bare.shell.run(['seq', '3'], { limitMs: 5000, signal })).stdout.toString(), '1\n2\n3\n')
  await assert.rejects(
    bare.shell.run(['head', '-c', '9', '/dev/zero'], { limitMs: 5000, signal }),
    fails('product/no-shell'),
  )
})

/** Types the first `times` texts that hold `right` with `wrong` instead. */
function mistyping(right: string, wrong: string, times: number): (bytes: Buffer) => Buffer {
  return bytes => {
    const text = bytes.toString('latin1')
    return text.includes(right) && times-- > 0
      ? Buffer.from(
          text.replace(right, () => wrong),
          'latin1',
        )
      : bytes
  }
}

const MISTYPED: [what: string, right: string, wrong: string][] = [
  ['a digit of the hash', '*8209+', '*8208+'],
  ['a character of the alphabet', 'ABCDEF', 'ABBDEF'],
  ['the comparison', '"$_v" != ', '"$_v" =='],
  ['the echo going off', 'stty -echo', 'stty -ecjo'],
  ['a newline', '\n_C="$_C"', '_C="$_C"'],
  ['an opening quote', `"$_C"'`, `"$_C"`],
  ['a byte of a function', '_r=$?', '_r=$#'],
  ['its proof', 'md5sum', 'md5sun'],
  ['what its proof is compared with', '"$_s" = ', '"$_s" != '],
]
for (const program of PROGRAMS)
  test(`${nameOf(program)}: what is typed first and arrives damaged is found out and typed again`, async () => {
    const cases = MISTYPED.map(async ([what, right, wrong]) => {
      await using on = await shellOn(program, { mistype: mistyping(right, wrong, 1), limitMs: 4000 })
      const { exitCode, stdout, stderr } = await on.shell.run(['false'], { limitMs: 5000, signal })
      assert.deepEqual([exitCode, stdout.length, stderr.length], [1, 0, 0], what)
    })
    await Promise.all(cases)
  })

test('a loop that is not the one that was typed is found out by what it proves of itself', async () => {
  // Both the text and its proof: the first attempt runs something else than was meant.
  const wrong = mistyping('_r=$?', '_r=$#', 1)
  const unproven = mistyping('"$_s" = ', '"$_s" != ', 1)
  let starts = 0
  const mistype = (bytes: Buffer): Buffer => {
    if (bytes.includes('sh -c "$_C" sh')) starts++
    return unproven(wrong(bytes))
  }
  await using on = await shellOn('dash -i', { mistype, limitMs: 2000 })
  assert.equal((await on.shell.run(['false'], { limitMs: 5000, signal })).exitCode, 1)
  assert.equal(starts, 2)
})

test('a shell that never gets whole what is typed is the fault of the line', async () => {
  await assert.rejects(
    shellOn('dash -i', { mistype: mistyping('*8209+', '*8208+', 1000), limitMs: 300 }),
    (fault: Fault) => fault.code === 'infrastructure/serial-corrupt',
  )
})

test('a shell that is not ready yet gets all once more', async () => {
  await using on = await shellOn(join(bash, 'late'), { limitMs: 1300, atOnce: true })
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
})

test('what is no shell at all is said to be', async () => {
  await assert.rejects(
    shellOn('env --ignore-signal=INT cat', { limitMs: 300, atOnce: true }),
    fails('product/no-shell'),
  )
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
  const damage = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replaceAll('.o.384.', '.o.385.'), 'latin1')
  await using on = await shellOn('dash -i', { damage })
  await assert.rejects(
    on.shell.run(['seq', '1', '3000'], { limitMs: 300, signal }),
    fails('infrastructure/serial-corrupt'),
  )
})

test('a shell that vanished is not blamed on the product, and says that it is lost', async () => {
  await using on = await shellOn('dash -i')
  await on.type('hil-exit\nexec sleep 1000\n')
  await assert.rejects(on.shell.run(['true'], { limitMs: 500, signal }), fails('infrastructure/console-silent'))
  assert.ok(on.shell.lost)
})

test('a person gets the shell back by one word', async () => {
  await using on = await shellOn('dash -i')
  await on.type('hil-exit\nstty -a; echo "here $-"\n')
  await expectIn(on.recording, /\nhere [a-z]{0,9}i[a-z]{0,9}\r\n/, {
    from: 0,
    limitMs: 5000,
    late: () => new Error('no shell'),
  })
})
