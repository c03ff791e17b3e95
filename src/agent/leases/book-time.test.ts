import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { tempDir } from '../../drivers/test-kit.ts'
import { bookTime, type HostTime } from './book-time.ts'

const HOUR_MS = 3_600_000

/** A host whose clocks are turned by hand. */
class TestHost implements HostTime {
  bootId = 'first'
  upMs = 5000
  wallMs = Date.UTC(2026, 0, 1)
  stoodStillMs = 0
  uptimeMs = (): number => this.upMs
  stillMs = (): number => this.stoodStillMs
  readonly clock: Clock = { ...systemClock, nowMs: () => this.wallMs }

  passes(ms: number): void {
    this.upMs += ms
    this.wallMs += ms
  }
}

test('a wall clock that is set changes nothing, neither under way nor over a restart', () => {
  using dir = tempDir()
  const host = new TestHost()
  const open = (): (() => number) => bookTime(join(dir.path, 'time'), host.clock, silentLog, host)
  const begunMs = host.wallMs
  const first = open()
  assert.equal(first(), begunMs)
  for (const jumpMs of [HOUR_MS, -2 * HOUR_MS]) {
    const before = first()
    host.wallMs += jumpMs
    host.passes(1000)
    assert.equal(first(), before + 1000)
    assert.equal(open()(), before + 1000, 'the next process counts on')
  }
})

test('time in which a process stood still is no more counted by the next', () => {
  using dir = tempDir()
  const host = new TestHost()
  const open = (): (() => number) => bookTime(join(dir.path, 'time'), host.clock, silentLog, host)
  const first = open()
  const before = first()
  for (const stillMs of [60_000, 30_000]) {
    host.stoodStillMs += stillMs
    assert.equal(first(), before)
  }
  // The next one's clock has not stood still.
  host.passes(90_000)
  host.stoodStillMs = 0
  assert.equal(open()(), before)
})

test('after a boot of the host, and where the file is damaged, the wall clock is believed', () => {
  using dir = tempDir()
  const path = join(dir.path, 'time')
  const host = new TestHost()
  bookTime(path, host.clock, silentLog, host)
  host.bootId = 'second'
  host.upMs = 100
  host.wallMs += HOUR_MS
  assert.equal(bookTime(path, host.clock, silentLog, host)(), host.wallMs)
  writeFileSync(path, '{"bootId":"sec')
  host.passes(HOUR_MS)
  assert.equal(bookTime(path, host.clock, silentLog, host)(), host.wallMs)
})

test('where it cannot be kept a book is opened all the same', () => {
  using dir = tempDir()
  const host = new TestHost()
  assert.equal(bookTime(join(dir.path, 'nowhere', 'time'), host.clock, silentLog, host)(), host.wallMs)
})

test('by the clocks of this host it is about now', () => {
  using dir = tempDir()
  const aboutNow = (): boolean =>
    Math.abs(bookTime(join(dir.path, 'time'), systemClock, silentLog)() - Date.now()) < 1000
  assert.ok(aboutNow())
  assert.ok(aboutNow(), 'and so it is for the next process')
})
