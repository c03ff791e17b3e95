import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Shell } from '../../controls/shell.ts'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import local from './local.ts'

async function open(options: Record<string, unknown> = {}): Promise<Shell> {
  using folder = tempDir()
  const connector = await local.open(local.options.parse(options), testContext(folder.path))
  return connector.connect({ host: '', port: 22, user: 'nobody' }, () => assert.fail('no key to be checked'), soon())
}

test('output, errors, exit codes and input are exact', async () => {
  await using shell = await open()
  const input = Buffer.from([0, 1, 255, 10])
  const result = await shell.run(['sh', '-c', 'cat; echo no >&2; exit 7'], { limitMs: 5000, input })
  assert.deepEqual([result.exitCode, result.stdout, result.stderr.toString()], [7, input, 'no\n'])
  assert.equal((await shell.run(['sh', '-c', 'kill -9 $$'], { limitMs: 5000 })).exitCode, 137)
  assert.equal((await shell.run(['no-such-program'], { limitMs: 5000 })).exitCode, 127)
  assert.equal((await shell.run(['true'], { limitMs: 5000, input: Buffer.alloc(1 << 20) })).exitCode, 0)
})

test('a command that takes too long is ended with all that it started', async () => {
  await using shell = await open()
  const began = shell.run(['sh', '-c', 'sleep 1000 & echo $! >&2; wait'], { limitMs: 300 })
  await assert.rejects(began, faultWith('product/command-timeout', 'in 300 ms'))
  const pid = await new Promise<number>((resolve, reject) => {
    const onOutput = (_stream: string, bytes: Buffer): void => resolve(Number(bytes))
    shell
      .run(['sh', '-c', 'sleep 1000 & echo $!; wait'], { limitMs: 300, onOutput })
      .catch(() => reject(new Error('?')))
  })
  // Nobody may have collected it yet, where process 1 is not one that does.
  const gone = (): boolean => {
    try {
      return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return true
    }
  }
  for (const until = performance.now() + 5000; !gone() && performance.now() < until;)
    await new Promise(resolve => setTimeout(resolve, 20))
  assert.ok(gone(), 'the process that the command had started')
})

test('every command goes through what enters the machine', async () => {
  await using shell = await open({ enter: ['env', 'WHERE=inside'] })
  const result = await shell.run(['sh', '-c', 'echo $WHERE "$1"', 'sh', 'a  b'], { limitMs: 5000 })
  assert.equal(result.stdout.toString(), 'inside a  b\n')
})

test('a host that lacks a program says which', async () => {
  const missing = (options: object): Promise<string | undefined> | undefined =>
    local.missing?.(local.options.parse(options))
  assert.equal(await missing({ programs: ['sh'] }), undefined)
  assert.equal(await missing({ programs: ['sh', 'nixx'], enter: ['/no/where'] }), 'not installed: /no/where, nixx')
})
