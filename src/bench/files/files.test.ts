import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../../base/fault.ts'
import type { Shell } from '../../controls/shell.ts'
import { tempDir } from '../../drivers/test-kit.ts'
import { SerialShell } from '../serial-shell/serial-shell.ts'
import { FaultyLine, terminalOf, type Wire } from '../serial-shell/test-kit.ts'
import { PIECE_BYTES } from './board-side.ts'
import { getFile } from './get.ts'
import { putFile } from './put.ts'

// Real shells on real terminals: what is put through them is what a board would get.

const signal = AbortSignal.timeout(240_000)
const SIZE = 3 * PIECE_BYTES + 777
const fails =
  (code: string, seen = /./) =>
  (fault: Fault) =>
    fault.code === code && seen.test(fault.seen)

/** A folder with busybox's own programs only, and one of this host; each with a shell in it. */
async function boardWith(program: string, wire: Wire = {}) {
  const stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  const bin = join(dir.path, 'bin')
  mkdirSync(bin)
  if (program === 'busybox') execFileSync('busybox', ['--install', '-s', bin])
  const command = program === 'busybox' ? `env PATH=${bin} ${bin}/sh -i` : program
  const terminal = stack.use(terminalOf(command, wire))
  const shell = stack.use(await SerialShell.start(terminal.port, terminal.recording, signal))
  const at = (name: string): string => join(dir.path, name)
  const file = (name: string, bytes: Uint8Array, mode = 0o644): string => {
    writeFileSync(at(name), bytes)
    chmodSync(at(name), mode)
    return at(name)
  }
  return { shell, at, file, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

for (const program of ['dash -i', 'busybox'])
  test(`${program}: any bytes go there and back, with their mode bits`, async () => {
    await using on = await boardWith(program)
    for (const [size, mode] of [
      [SIZE, 0o751],
      [PIECE_BYTES, 0o600],
      [1, 0o644],
      [0, 0o444],
    ] as const) {
      const bytes = randomBytes(size)
      const from = on.file('from', bytes, mode)
      const steps: number[] = []
      const put = await putFile(on.shell, from, on.at(`it's $there ${size}`), {
        signal,
        progress: ({ doneBytes }) => steps.push(doneBytes),
      })
      assert.deepEqual(readFileSync(put.path), bytes)
      assert.equal(modeOf(put.path), mode.toString(8))
      assert.deepEqual(put.digest, { kind: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') })
      assert.deepEqual([put.totalBytes, put.resumedBytes, steps.at(-1)], [size, 0, size])
      const got = await getFile(on.shell, put.path, on.at(`back ${size}`), { signal })
      assert.deepEqual(readFileSync(got.path), bytes)
      assert.equal(modeOf(got.path), mode.toString(8))
      assert.deepEqual(got.digest, put.digest)
      for (const path of [put.path, got.path]) assert.ok(!existsSync(`${path}.hil-part`))
    }
  })

test('a folder takes the name of the file', async () => {
  await using on = await boardWith('dash -i')
  mkdirSync(on.at('folder'))
  mkdirSync(on.at('back'))
  const from = on.file('name', Buffer.from('x'))
  assert.equal((await putFile(on.shell, from, on.at('folder'), { signal })).path, on.at('folder/name'))
  assert.equal((await getFile(on.shell, on.at('folder/name'), on.at('back'), { signal })).path, on.at('back/name'))
})

/** Ends a transfer when its second piece begins. */
function broken(): { signal: AbortSignal; progress: (report: { doneBytes: number }) => void } {
  const abort = new AbortController()
  const progress = ({ doneBytes }: { doneBytes: number }): void => {
    if (doneBytes === 2 * PIECE_BYTES) abort.abort(new Error('unplugged'))
  }
  return { signal: abort.signal, progress }
}

test('what was interrupted is gone on with', async () => {
  await using on = await boardWith('dash -i')
  const bytes = randomBytes(SIZE)
  const from = on.file('from', bytes)
  const to = on.at('to')
  writeFileSync(to, 'the old one')
  await assert.rejects(putFile(on.shell, from, to, broken()), /unplugged/)
  assert.equal(readFileSync(to, 'utf8'), 'the old one')
  const put = await putFile(on.shell, from, to, { signal })
  assert.equal(put.resumedBytes, 2 * PIECE_BYTES)
  assert.deepEqual(readFileSync(to), bytes)

  const back = on.at('back')
  await assert.rejects(getFile(on.shell, to, back, broken()), /unplugged/)
  assert.ok(!existsSync(back))
  assert.equal((await getFile(on.shell, to, back, { signal })).resumedBytes, 2 * PIECE_BYTES)
  assert.deepEqual(readFileSync(back), bytes)
})

test('what is left of another file, or of half a piece, is not believed', async () => {
  await using on = await boardWith('dash -i')
  const bytes = randomBytes(SIZE)
  const from = on.file('from', bytes)
  for (const [left, resumed] of [
    [randomBytes(2 * PIECE_BYTES), 0],
    [bytes.subarray(0, PIECE_BYTES + 100), PIECE_BYTES],
    [Buffer.concat([bytes, randomBytes(PIECE_BYTES)]), 3 * PIECE_BYTES],
    [Buffer.concat([bytes.subarray(0, PIECE_BYTES), randomBytes(100)]), PIECE_BYTES],
  ] as const) {
    writeFileSync(on.at('to.hil-part'), left)
    assert.equal((await putFile(on.shell, from, on.at('to'), { signal })).resumedBytes, resumed)
    assert.deepEqual(readFileSync(on.at('to')), bytes)
    writeFileSync(on.at('back.hil-part'), left)
    assert.equal((await getFile(on.shell, on.at('to'), on.at('back'), { signal })).resumedBytes, resumed)
    assert.deepEqual(readFileSync(on.at('back')), bytes)
  }
})

test('what the board refuses says why', async () => {
  await using on = await boardWith('dash -i')
  const from = on.file('from', randomBytes(100))
  const options = { signal }
  const refused = (why: RegExp) => fails('configuration/board-file', why)
  await assert.rejects(putFile(on.shell, from, '/nowhere/at/all', options), refused(/\/nowhere\/at: no such folder/))
  await assert.rejects(getFile(on.shell, '/nowhere', on.at('x'), options), refused(/\/nowhere: no such file/))
  await assert.rejects(getFile(on.shell, '/tmp', on.at('x'), options), refused(/\/tmp: no such file/))
  await assert.rejects(putFile(on.shell, on.at('none'), on.at('x'), options), fails('configuration/usage', /ENOENT/))
  await assert.rejects(getFile(on.shell, from, '/nowhere/x', options), fails('configuration/usage', /ENOENT/))
  await assert.rejects(putFile(on.shell, from, 'a\nb', options), fails('configuration/usage'))
})

test('a file that changes while it is fetched is said to', async () => {
  await using on = await boardWith('dash -i')
  const from = on.file('from', randomBytes(SIZE))
  const shorten = { signal, progress: () => truncateSync(from, PIECE_BYTES + 5) }
  await assert.rejects(getFile(on.shell, from, on.at('to'), shorten), fails('configuration/board-file', /changed/))
  const grow = { signal, progress: () => writeFileSync(from, randomBytes(SIZE)) }
  await assert.rejects(getFile(on.shell, from, on.at('to'), grow), fails('configuration/board-file', /changed/))
  const send = { signal, progress: () => writeFileSync(from, randomBytes(SIZE)) }
  await assert.rejects(putFile(on.shell, from, on.at('to'), send), fails('configuration/usage', /changed/))
  assert.ok(!existsSync(on.at('to')) && !existsSync(on.at('to.hil-part')))
})

const namespaces = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 't', '/mnt']).status === 0

test('a full disk is found out', { skip: !namespaces && 'no mount namespaces here' }, async () => {
  const small = 'mount -t tmpfs -o size=24k t /mnt && exec dash -i'
  await using on = await boardWith(`unshare -rm sh -c \\"${small}\\"`)
  const from = on.file('from', randomBytes(SIZE))
  const room = fails('configuration/board-file', /24\.0 KiB free for 24\.8 KiB/)
  await assert.rejects(putFile(on.shell, from, '/mnt/to', { signal }), room)
  truncateSync(from, 2 * PIECE_BYTES)
  // Somebody else takes the room meanwhile.
  let taken: Promise<unknown> | undefined
  const fill = async (): Promise<void> => {
    taken ??= on.shell.run(['dd', 'if=/dev/zero', 'of=/mnt/other', 'bs=1k', 'count=14'], { limitMs: 10_000 })
    await taken
  }
  const whileFilled = { signal, progress: () => void fill() }
  const full = fails('configuration/board-file', /[Nn]o space left/)
  await assert.rejects(putFile(on.shell, from, '/mnt/to', whileFilled), full)
  const { stdout } = await on.shell.run(['ls', '/mnt'], { limitMs: 10_000 })
  assert.equal(stdout.toString(), 'other\n')
})

test('a bad line costs time, never a byte', async () => {
  const rates = { loss: 1e-4, duplication: 1e-4, flip: 1e-4 }
  const [out, back] = [new FaultyLine(rates, 1), new FaultyLine(rates, 2)]
  await using on = await boardWith('dash -i', { mistype: bytes => out.pass(bytes), damage: bytes => back.pass(bytes) })
  const bytes = randomBytes(SIZE)
  const from = on.file('from', bytes)
  await putFile(on.shell, from, on.at('to'), { signal })
  assert.deepEqual(readFileSync(on.at('to')), bytes)
  await getFile(on.shell, on.at('to'), on.at('back'), { signal })
  assert.deepEqual(readFileSync(on.at('back')), bytes)
  assert.ok(out.hits > 0 && back.hits > 0, `${out.hits} and ${back.hits} bytes damaged`)
})

test('a piece that a shell could not prove is sent again', async () => {
  await using on = await boardWith('dash -i')
  let corrupt = 3
  const flaky: Shell = {
    run: async (argv, options) => {
      const result = await on.shell.run(argv, options)
      // It ran, and nobody knows: what a lost answer looks like.
      if (options.input && corrupt-- > 0)
        throw new Fault('infrastructure/serial-corrupt', { expected: 'an answer', seen: 'damage' })
      return result
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
  const bytes = randomBytes(SIZE)
  await putFile(flaky, on.file('from', bytes), on.at('to'), { signal })
  assert.deepEqual(readFileSync(on.at('to')), bytes)
  assert.ok(corrupt < 0)
})
