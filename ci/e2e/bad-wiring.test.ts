import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { story } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually, kill } from './processes.ts'
import { faultRecords, faultsOf } from './verdicts.ts'

// A bench that is not as its file says: the bench is blamed, what is wrong is named, and no image is.

test('a console path that does not exist', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({ console: { driver: 'serial', path: '/dev/serial/by-id/none' } }, ['quick'], 3)
  assert.deepEqual(faultsOf(ended), ['infrastructure/tty-open'])
  assert.match(faultRecords(ended)[0]!.expected, /\/dev\/serial\/by-id\/none/)
  assert.equal(lab.everPowered(), false, 'the board never got power')
})

test('a console that another program reads', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  // Plugs the virtual adapter in, as it would be on a real bench.
  assert.equal((await lab.start(['power', 'nuc-1', 'status', '--bench', bench]).ended).exitCode, 0)
  const reader = spawn('cat', [`${lab.boardDir()}/ttyACM0`], { env: lab.env, stdio: 'ignore' })
  await eventually('cat reads', () => lab.processes().some(({ command }) => command.startsWith('cat ')))
  const ended = await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick']), 3)
  kill(reader.pid!)
  assert.deepEqual(faultsOf(ended), ['infrastructure/tty-busy'])
  assert.match(faultRecords(ended)[0]!.evidence.join('\n'), new RegExp(`pid ${reader.pid}: cat `))
})

test('a wrong password in the bench file', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({ login: { user: 'ghaf', password: 'gahf' } }, ['quick'], 2)
  assert.deepEqual(faultsOf(ended), ['configuration/login'])
})

test('another machine answers at the board’s SSH address', async () => {
  await using lab = await Lab.open()
  const power = (name: string, sshPort: number) => lab.power({ disk: `${lab.boardDir(name)}/disk.img`, sshPort })
  const ownPort = lab.port === 65_535 ? lab.port - 1 : lab.port + 1
  const impostor = lab.board({ power: power('nuc-2', lab.port), shell: undefined })
  const bench = lab.bench({ 'nuc-1': lab.board({ power: power('nuc-1', ownPort) }), 'nuc-2': impostor })
  for (const args of [
    ['flash', 'nuc-2'],
    ['power', 'nuc-2', 'on'],
  ]) {
    const ended = await lab.start([...args, '--bench', bench]).ended
    assert.equal(ended.exitCode, 0, story(ended))
  }
  const hil = lab.startRun(bench, ['--feature', 'quick'])
  const ended = await hil.ended
  assert.equal((await lab.start(['power', 'nuc-2', 'off', '--bench', bench]).ended).exitCode, 0)
  await lab.mustEnd(hil, 3)
  const [fault] = faultRecords(ended)
  assert.equal(fault?.code, 'infrastructure/ssh-host-key')
  assert.match(`${fault.expected} ${fault.seen}`, /over its serial console: SHA256:.* SHA256:/)
})
