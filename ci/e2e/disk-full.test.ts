import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fillDisk } from './fill-disk.ts'
import { story } from './hil.ts'
import { Lab, runsOf } from './lab.ts'
import { of } from './verdicts.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root: a small file system is mounted'

test('the disk fills up while a run records', { skip }, async () => {
  await using lab = await Lab.open()
  mkdirSync(lab.reportDir)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', lab.reportDir])
  using _mount = { [Symbol.dispose]: () => void execFileSync('umount', ['-l', lab.reportDir]) }
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'long'])
  await hil.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
  fillDisk(lab.reportDir)
  const ended = await hil.ended
  assert.equal(ended.exitCode, 3, story(ended))
  const codes = new Set(of(ended.events, 'fault').map(({ fault }) => fault.code))
  assert.deepEqual(codes, new Set(['infrastructure/disk-full']), story(ended))
  // What was written before is whole.
  const [run] = runsOf(lab).filter(name => name !== 'filler')
  const lines = readFileSync(join(lab.reportDir, run!, 'run.jsonl'), 'utf8').split('\n')
  const whole = lines.filter(line => line.startsWith('{') && line.endsWith('}')).map(line => JSON.parse(line) as object)
  assert.deepEqual(whole[0], ended.events[0])
  assert.ok(whole.length >= 4, `${whole.length} lines`)
  await lab.mustBeAtRest()
})
