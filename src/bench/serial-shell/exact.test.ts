import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { counted, nameOf, PROGRAMS, shellOn, signal } from './test-kit-shells.ts'

/** All of printable ASCII, and every byte there is, in a file. */
const PRINTABLE = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n)).join('')
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
const binary = mkdtempSync(join(tmpdir(), 'hil-bytes-'))
const BYTES = join(binary, 'all')
writeFileSync(BYTES, allBytes)
after(() => rmSync(binary, { recursive: true }))

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
  [['printf', '%s\\t^100!\\n%s', PRINTABLE, PRINTABLE], 0, `${PRINTABLE}\t^100!\n${PRINTABLE}`, ''],
  [['sh', '-c', 'printf "%s^e\\n^" "$1" >&2; exit 7', 'sh', PRINTABLE], 7, '', `${PRINTABLE}^e\n^`],
  [
    ['sh', '-c', 'head -c 90 "$1"; head -c 256 "$1" >&2', 'sh', BYTES],
    0,
    allBytes.subarray(0, 90),
    allBytes.toString('latin1'),
  ],
  [['cat', BYTES], 0, allBytes, ''],
  [['sh', '-c', 'exec >&-; echo lost 2>/dev/null; printf "\\377" >&2'], 0, '', '\xff'],
  [['seq', '1', '2000'], 0, counted(2000), ''],
  ...['~', '~~', ' ~ a', 'a~', '~ *?  ~~b ~\\n~', '6.12.1-1~deb12u1 (x)\\n'].map((text): (typeof CASES)[number] => [
    ['printf', text],
    0,
    text.replaceAll('\\n', '\n'),
    '',
  ]),
  // Written past what its own place in the file tells.
  [['sh', '-c', 'printf "a\\0"; printf b >>/proc/self/fd/1'], 0, 'a\0b', ''],
  [['sh', '-c', 'printf "a\\0"; printf "b\\nc" >>/proc/self/fd/1'], 0, 'a\0b\nc', ''],
  [['sh', '-c', 'printf ab; truncate -s 5 /proc/self/fd/1'], 0, 'ab\0\0\0', ''],
  [
    ['sh', '-c', 'printf "one\\ntwo\\n"; printf X | dd of=/proc/self/fd/1 conv=notrunc 2>/dev/null'],
    0,
    'Xne\ntwo\n',
    '',
  ],
  [['printf', '%300s'], 0, ' '.repeat(300), ''],
  [['echo', 'x'.repeat(9000)], 0, `${'x'.repeat(9000)}\n`, ''],
  [['sh', '-c', 'kill -9 $$'], 137, '', ''],
  [['sh', '-c', 'cd /tmp; exit 3'], 3, '', ''],
]

for (const program of PROGRAMS)
  test(`${nameOf(program)}: output, errors and exit codes come back exactly`, async () => {
    await using on = await shellOn(program)
    for (const [argv, exitCode, stdout, stderr] of CASES) {
      const result = await on.shell.run(argv, { limitMs: 20_000, signal })
      const name = `${program}: ${argv.join(' ').slice(0, 60)}`
      assert.deepEqual(result.stdout, Buffer.from(stdout), name)
      assert.equal(result.exitCode, exitCode, name)
      // A shell may add its own word about a signal.
      if (exitCode < 128) assert.equal(result.stderr.toString('latin1'), stderr, name)
    }
    const echoed = await on.shell.run(['cat'], { limitMs: 5000, signal, input: Buffer.from([0, 1, 255]) })
    assert.deepEqual(echoed.stdout, Buffer.from([0, 1, 255]))
  })

for (const program of PROGRAMS)
  test(`${nameOf(program)}: a short answer of any kind is one frame`, async () => {
    await using on = await shellOn(program)
    for (const [argv, kind] of [
      [['printf', '%s\\t%s', PRINTABLE, PRINTABLE], 'p'],
      [['sh', '-c', 'echo $1; echo $1 >&2', 'sh', "it's ~ [here]"], 'p'],
      [['head', '-c', '256', BYTES], 'c'],
      [['sh', '-c', 'head -c 192 "$1"; head -c 192 "$1" >&2', 'sh', BYTES], 'c'],
      // Too much for one.
      [['sh', '-c', 'head -c 193 "$1"; head -c 192 "$1" >&2', 'sh', BYTES], 'l'],
    ] as const) {
      const from = on.recording.end
      await on.shell.run([...argv], { limitMs: 20_000, signal })
      const said = [
        ...on.recording
          .slice(from)
          .toString('latin1')
          .matchAll(/~=\d+\.\d+\.\d+\.([a-z])\./g),
      ]
      assert.deepEqual([...new Set(said.map(([, letter]) => letter))].slice(0, 1), [kind], argv.join(' '))
    }
  })
