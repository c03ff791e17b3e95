import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Lab } from './lab.ts'
import { story } from './hil.ts'
import { eventually, kill } from './processes.ts'
import { cellsOf, faultRecords, notesOf, of } from './verdicts.ts'

// One board, several who want it: one has it, the others are told who, and nobody is left in its way.

test('a held board is refused, waited for, and had in the end', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const holder = lab.startRun(bench, ['--feature', 'long'])
  await holder.testBegins('it waits')

  const refused = await lab.startRun(bench, ['--feature', 'quick', '--wait', '0']).ended
  assert.equal(refused.exitCode, 4, story(refused))
  const [fault] = faultRecords(refused)
  assert.equal(fault?.code, 'lease/held')
  assert.match(fault.seen, new RegExp(`pid ${holder.pid}: hil run`))
  lab.mustBeWhole(refused)

  const powered = await lab.start(['power', 'nuc-1', 'off', '--bench', bench]).ended
  assert.equal(powered.exitCode, 4, story(powered))

  const patient = lab.startRun(bench, ['--feature', 'quick', '--no-flash'])
  const impatient = lab.startRun(bench, ['--feature', 'quick'])
  for (const waiting of [patient, impatient])
    await waiting.until('note', ({ text }) => new RegExp(`waits for .*pid ${holder.pid}`).test(text))
  impatient.signal('SIGINT')
  const gaveUp = await impatient.ended
  assert.equal(gaveUp.exitCode, 130, story(gaveUp))
  lab.mustBeWhole(gaveUp)
  assert.equal(of(gaveUp.events, 'booted').length, 0)

  holder.signal('SIGINT')
  assert.equal((await holder.ended).exitCode, 130)
  const ended = await lab.mustEnd(patient, 0)
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
  assert.equal(notesOf(ended).filter(text => text.startsWith('waits for')).length, 1, 'it is said once')
})

test('a killed run leaves its board to the next', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const killed = lab.startRun(bench, ['--feature', 'long'])
  await killed.testBegins('it waits')
  kill(killed.pid)
  await killed.ended
  await eventually('the board is switched off', () => lab.qemus().length === 0, 10_000)
  await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick', '--wait', '0']), 0)
})

test('a run killed while it ran a command on the console leaves a console that the next one can use', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board({ park: 'leave' }) })
  const killed = lab.startRun(bench, ['--feature', 'long-serial'])
  await killed.testBegins('it waits on the console')
  kill(killed.pid)
  await killed.ended
  // The board is on, and its console in the middle of a command of somebody who is gone.
  const [from, back] = [join(lab.folder, 'from'), join(lab.folder, 'back')]
  writeFileSync(from, 'a file\n')
  const hil = lab.start(['put', 'nuc-1', from, '/tmp/to', '--bench', bench])
  const put = await hil.ended
  assert.equal(put.exitCode, 0, story(put))
  const got = await lab.start(['get', 'nuc-1', '/tmp/to', back, '--bench', bench]).ended
  assert.equal(got.exitCode, 0, story(got))
  assert.equal(readFileSync(back, 'utf8'), 'a file\n')
  const off = await lab.start(['power', 'nuc-1', 'off', '--bench', bench]).ended
  assert.equal(off.exitCode, 0, story(off))
})
