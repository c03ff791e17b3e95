import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FaultCode } from '../../base/fault-codes.ts'
import { Fault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import type { FlashJob } from '../../controls/flasher.ts'
import type { Image } from '../../model/image.ts'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import program from './program.ts'

const STAND_IN = fileURLToPath(new URL('program/stand-in.sh', import.meta.url))
const image = { path: '/images/ghaf.img.zst', sizeBytes: 100, rawSizeBytes: 1000 } as Image

async function flash(folder: string, how: string, more: { options?: object; job?: Partial<FlashJob> } = {}) {
  const command = `STAND_IN_DIR=${folder} exec ${STAND_IN} ${how}`
  const flasher = await program.open(program.options.parse({ command, ...more.options }), testContext(folder))
  const target = { path: '/sys/bus/usb/devices/1-2.3', kind: 'recovery' as const }
  const logPath = join(folder, 'flash.log')
  return flasher.flash({ image, target, logPath, signal: soon(), progress: () => {}, ...more.job })
}

test('it is told image and port, its progress is followed, and every word is kept', async () => {
  using dir = tempDir()
  const done: number[] = []
  const job = { progress: ({ doneBytes }: { doneBytes: number }) => void done.push(doneBytes) }
  const proof = await flash(dir.path, 'good', { job })
  assert.deepEqual(done, [10, 250, 500, 750, 1000])
  assert.equal(proof.readBackBytes, 0, 'nothing is proven')
  assert.equal(proof.writtenBytes, 1000)
  const log = readFileSync(join(dir.path, 'flash.log'), 'utf8')
  assert.match(log, /board at USB port 1-2\.3, image \/images\/ghaf\.img\.zst\n/)
  assert.match(log, /Flash complete/)
})

test('a medium goes to it by its real name', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'medium')
  writeFileSync(path, '')
  const command = ['sh', '-c', 'echo "$HIL_TARGET" > "$1"', 'sh', join(dir.path, 'said')]
  const flasher = await program.open(program.options.parse({ command }), testContext(dir.path))
  await flasher.flash({ image, target: { path, kind: 'file' }, signal: soon(), progress: () => {} })
  assert.equal(readFileSync(join(dir.path, 'said'), 'utf8').trim(), path)
})

const FAILURES: [how: string, code: FaultCode, seen: RegExp][] = [
  ['timeout', 'infrastructure/recovery', /about a minute \('.*might be timeout in USB write.*exit code 1/],
  ['timeout-as-success', 'infrastructure/recovery', /timeout in USB write.*exit code 0/],
  ['not-there', 'infrastructure/recovery', /no board that answers/],
  ['no-serial', 'infrastructure/recovery', /did not come up on USB/],
  ['silent-device', 'infrastructure/recovery', /fell silent/],
  ['refused', 'infrastructure/flash-program', /the board says/],
  ['full', 'infrastructure/flash-program', /no space left/],
  ['no-rights', 'configuration/bench-file', /lacks rights/],
  ['unknown', 'infrastructure/flash-program', /exit code 7/],
  ['dies', 'infrastructure/flash-program', /exit code 137/],
  ['asks', 'configuration/bench-file', /asked '.*Overwrite\? \[y\/N\]'/],
]
for (const [how, code, seen] of FAILURES)
  test(`${how}: ${code}`, async () => {
    using dir = tempDir()
    await assert.rejects(flash(dir.path, how), (fault: Fault) => {
      assert.equal(fault.code, code)
      assert.match(fault.seen, seen)
      assert.ok(fault.evidence.length > 0, 'its last lines are quoted')
      return true
    })
  })

test('what a program repeats by itself until it works is no failure', async () => {
  using dir = tempDir()
  assert.equal((await flash(dir.path, 'recovers')).writtenBytes, 1000)
})

test('one that hangs is killed with all that it started', async () => {
  using dir = tempDir()
  const hangs = flash(dir.path, 'hangs', { options: { silentMs: 400 } })
  await assert.rejects(hangs, faultWith('infrastructure/flash-program', 'it was silent for 0.4 s and was killed'))
  await mustEnd(Number(readFileSync(join(dir.path, 'child'), 'utf8')))
})

test('an interrupt kills it with all that it started', async () => {
  using dir = tempDir()
  const abort = new AbortController()
  const hangs = flash(dir.path, 'hangs', { job: { signal: abort.signal } })
  hangs.catch(() => {})
  const child = join(dir.path, 'child')
  while (!existsSync(child) || statSync(child).size === 0) await systemClock.sleep(10, soon())
  abort.abort(new Error('enough'))
  await assert.rejects(hangs, /enough/)
  await mustEnd(Number(readFileSync(child, 'utf8')))
})

test('one that waits for an answer is told by its question', async () => {
  using dir = tempDir()
  const asks = flash(dir.path, 'asks-and-waits', { options: { silentMs: 300 } })
  await assert.rejects(asks, faultWith('infrastructure/flash-program', "seems to ask 'Device /dev/sda is mounted"))
})

test('one that never ends nor falls silent meets its limit, and the disk of this host stays free', async () => {
  using dir = tempDir()
  const floods = flash(dir.path, 'floods', { options: { limitMs: 1500 } })
  await assert.rejects(floods, faultWith('infrastructure/flash-program', 'it was running for 1.5 s'))
  assert.ok(statSync(join(dir.path, 'flash.log')).size <= (16 << 20) + 100)
})

test('a program that is not there, a wish it cannot fulfil, a dry run', async () => {
  using dir = tempDir()
  const context = testContext(dir.path)
  const gone = await program.open(program.options.parse({ command: ['/nonexistent/flash'] }), context)
  const target = { path: '/sys/bus/usb/devices/1-2.3', kind: 'recovery' as const }
  const job: FlashJob = { image, target, signal: soon(), progress: () => {} }
  await assert.rejects(gone.flash(job), faultWith('configuration/missing-tool'))
  assert.match((await program.missing?.({ command: ['nonexistent'], limitMs: 1, silentMs: 1 })) ?? '', /'nonexistent'/)
  await assert.rejects(gone.flash({ ...job, mode: 'verify' }), faultWith('configuration/usage', '--verify-only'))
  assert.equal((await gone.flash({ ...job, dryRun: true })).dryRun, true)
})

async function mustEnd(pid: number): Promise<void> {
  const running = (): boolean => {
    try {
      // One that has ended and was not yet collected by init counts as ended.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  while (running()) await systemClock.sleep(10, soon(5000))
}
