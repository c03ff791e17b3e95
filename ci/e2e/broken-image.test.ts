import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { cellsOf, faultRecords, faultsOf, resultsOf } from './verdicts.ts'

// What an image fails to do is the product's fault and says what it was: never the bench's, never a plain timeout.

test('no login on the console: the image fails and blocks the rest', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=getty loglevel=6') }
  const ended = await lab.run({ images, limitsMs: { boot: 12_000 } }, ['image', 'quick'], 1)
  assert.deepEqual(faultsOf(ended), ['product/no-login'])
  assert.match(faultRecords(ended)[0]!.evidence.join('\n'), /\S/, 'console lines are quoted')
  assert.deepEqual(cellsOf(ended), { image: 'fail', quick: 'miss, blocked by image' })
})

test('no SSH server: the console is asked and tells', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=sshd') }
  const ended = await lab.run({ images, limitsMs: { boot: 60_000, ssh: 4000 } }, ['quick'], 1)
  assert.equal(resultsOf(ended).get('quick: it is the same boot')?.fault?.code, 'product/ssh-closed')
  assert.deepEqual(cellsOf(ended), { quick: 'fail' })
})

test('an SSH server that refuses the account it promises', async () => {
  await using lab = await Lab.open()
  const images = { debug: imageOf('tiny-amd64', 'hil.break=ssh-auth') }
  const ended = await lab.run({ images }, ['quick'], 1)
  assert.equal(resultsOf(ended).get('quick: it is the same boot')?.fault?.code, 'product/ssh-auth')
})

test('a medium with nothing bootable on it', async () => {
  await using lab = await Lab.open()
  const image = lab.file('zeros.img', '\0'.repeat(1 << 20))
  const ended = await lab.run({ images: { debug: image }, limitsMs: { boot: 8000 } }, ['image'], 1)
  assert.deepEqual(faultsOf(ended), ['product/no-boot'])
})
