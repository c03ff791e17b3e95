import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storyOf } from './vm-console.ts'

const GOOD = [
  'SeaBIOS (version 1.16.3)\r\n\r\r\n',
  'ghaf-host login: ghaf\r\nPassword: \r\nLogin incorrect\r\n',
  'ghaf-host login: ghaf\r\nPassword: \r\n',
  'ghaf@ghaf-host:~$ echo up-$((40 + 2)) $(uname -m)\r\nup-42 x86_64\r\nghaf@ghaf-host:~$ ',
]

test('a good boot', () => {
  assert.deepEqual(storyOf(GOOD.join('')), { offersLogin: true, refuses: true, entered: true, machine: 'x86_64' })
})

test('cut anywhere it claims no more than what was seen', () => {
  const all = GOOD.join('')
  for (let end = 0; end < all.length - 30; end++)
    assert.equal(storyOf(all.slice(0, end)).entered, false, JSON.stringify(all.slice(0, end).slice(-30)))
  assert.equal(storyOf(GOOD.slice(0, 2).join('')).refuses, false, 'no prompt came back')
})

test('broken ones', () => {
  const none = { offersLogin: false, refuses: false, entered: false, machine: undefined }
  assert.deepEqual(storyOf('[    0.1] Kernel panic - not syncing: no init\r\n'), none)
  // Any password is right: nothing was refused, and the command went to the second prompt's user.
  assert.equal(
    storyOf('ghaf-host login: ghaf\r\nPassword: \r\nghaf@ghaf-host:~$ ghaf\r\nsh: ghaf: not found').refuses,
    false,
  )
  // What was typed is echoed, and nobody executed it.
  assert.equal(storyOf('ghaf-host login: echo up-$((40 + 2)) $(uname -m)\r\nPassword: ').entered, false)
})
