import assert from 'node:assert/strict'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { faultWith, tempDir } from '../drivers/test-kit.ts'
import type { RunEvent } from '../model/event.ts'
import { EventLog } from './event-log.ts'

test('whoever is told of an event finds it in the log, so that a kill takes back nothing that was heard', () => {
  using dir = tempDir()
  const path = join(dir.path, 'run.jsonl')
  const found: string[] = []
  using log = new EventLog(path, systemClock, [() => found.push(readFileSync(path, 'utf8'))])
  log.emit({ type: 'note', board: null, text: 'one' })
  log.emit({ type: 'note', board: null, text: 'two' })
  assert.deepEqual(
    found.map(text => text.trimEnd().split('\n').length),
    [1, 2],
  )
})

test('what cannot be kept is told all the same', () => {
  using dir = tempDir()
  const told: RunEvent[] = []
  const full: typeof writeSync = () => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  using log = new EventLog(join(dir.path, 'run.jsonl'), systemClock, [event => told.push(event)], full)
  assert.throws(() => log.emit({ type: 'note', board: null, text: 'one' }), /infrastructure\/disk-full/)
  assert.equal(told.length, 1)
})

test('a folder that no run can be kept in is named, with the reason', () => {
  using dir = tempDir()
  const file = join(dir.path, 'no-folder')
  writeFileSync(file, '')
  assert.throws(
    () => new EventLog(join(file, 'run', 'run.jsonl'), systemClock, []),
    faultWith('configuration/report-dir', 'ENOTDIR'),
  )
})
