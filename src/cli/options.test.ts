import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommanderError } from 'commander'
import { VERBS } from './verbs.ts'

// What a person types wrongly is told before anything is opened, in a line; nothing here comes as far as an agent.

/** A command line, and what its verb does with it at an end that is near. */
async function parsed(...argv: string[]): Promise<void> {
  const command = VERBS.map(verb => verb(AbortSignal.abort())).find(verb => verb.name() === argv[0])!
  for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => undefined })
  await command.parseAsync(argv.slice(1), { from: 'user' })
}

/** What a command line is refused with. */
async function refusal(...argv: string[]): Promise<string> {
  const error: unknown = await parsed(...argv).then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  if (!(error instanceof CommanderError)) throw error
  assert.equal(error.exitCode, 1)
  assert.ok(!error.message.includes('\n'), error.message)
  return error.message
}

test('names and reasons are neither empty nor longer than an agent takes', async () => {
  assert.match(await refusal('hold', ''), /a name that is not empty/)
  assert.match(await refusal('hold', 'nuc-1', ' '), /a name that is not empty/)
  assert.match(await refusal('hold', 'nuc', '--trait', 'emmc', '--trait', ''), /a name that is not empty/)
  assert.match(await refusal('hold', 'nuc-1', '--to', ''), /a name that is not empty/)
  assert.match(await refusal('hand', '', 'nuc-1'), /a name that is not empty/)
  assert.match(await refusal('hand', 'x'.repeat(201), 'nuc-1'), /at most 200 characters; this has 201/)
  assert.match(await refusal('hold', 'nuc-1', '--reason', 'x'.repeat(501)), /at most 500 characters; this has 501/)
  assert.match(await refusal('quarantine', 'nuc-1', '--reason', ''), /a reason that is not empty/)
  assert.match(await refusal('console', 'nuc-1', '--steal', '--reason', 'x'.repeat(201)), /at most 200 characters/)
})

test('nobody waits for longer than an agent lets them', async () => {
  assert.match(await refusal('hold', 'nuc-1', '--wait', '100000'), /at most 43200, which is 30 days/)
  assert.match(await refusal('run', '--wait', '-1'), /a number of minutes/)
})

test('a token has a name that the bench file takes', async () => {
  assert.match(await refusal('agent', 'token', 'bad name!'), /a name such as ci/)
})

test('an option that does nothing without another is refused alone', async () => {
  await assert.rejects(parsed('sim', '--timeline'), /configuration\/usage: expected --timeline with --seed/)
  const alone = ['agent', '--bench', 'virtual', '--socket', '/nowhere/agent.sock', '--tls-key', 'k.pem']
  await assert.rejects(parsed(...alone), /configuration\/usage: expected --tls-key .*saw no --listen/)
})

test('help shows how long a hold is as it would be typed', () => {
  const hold = VERBS.map(verb => verb(AbortSignal.abort())).find(verb => verb.name() === 'hold')!
  assert.match(hold.helpInformation(), /--for <time>.*\(default: 1h\)/)
})

test('help says in words what holds where an option is not given', () => {
  const all = VERBS.map(verb => verb(AbortSignal.abort())).flatMap(verb => [verb, ...verb.commands])
  for (const one of all) assert.doesNotMatch(one.helpInformation(), /default: *[[{]/, one.name())
  const flash = all.find(one => one.name() === 'flash')!
  assert.match(flash.helpInformation(), /--image[^-]*\(repeatable\)\s+\(default:\s+the\s+bench's\s+own\)/)
})
