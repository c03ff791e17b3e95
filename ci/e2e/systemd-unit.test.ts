import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { findProgram } from '../../src/base/program.ts'
import { tempDir } from '../../src/drivers/test-kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const UNIT = readFileSync(join(ROOT, 'ci/systemd/hil-agent.service'), 'utf8')
const skip = findProgram('systemd-analyze') ? false : 'needs systemd-analyze'

/** What systemd says of a unit; empty: nothing is wrong with it. */
function complaints(unit: string): string {
  using dir = tempDir()
  const path = join(dir.path, 'hil-agent.service')
  writeFileSync(path, unit.replaceAll('/opt/hil', ROOT))
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
  return status === 0 && stderr.trim() === '' ? '' : `${status}: ${stdout}${stderr}`
}

test('systemd takes the unit as it is, for this checkout', { skip }, () => {
  assert.equal(complaints(UNIT), '')
  assert.match(complaints(UNIT.replace('TimeoutStopSec=2h', 'TimeoutStopSec=two hours')), /time value/)
})

test('what the unit runs is a command line that hil takes', () => {
  const [, program = '', ...words] = /^ExecStart=(\S+) (.*)$/m
    .exec(UNIT)!
    .flatMap((part, n) => (n === 2 ? part.split(' ') : part))
  const bench = join(ROOT, 'devices/benches/no-such.yaml')
  const argv = words.map(word => (word === '/etc/hil/bench.yaml' ? bench : word))
  const { stderr, status } = spawnSync(program.replace('/opt/hil', ROOT), argv, { encoding: 'utf8' })
  // The words are right, and only the file is not there.
  assert.equal(status, 2, stderr)
  assert.match(stderr, /no-such\.yaml/)
})
