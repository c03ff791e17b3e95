import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strangersIn } from './listeners.ts'

const GOOD = `LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
LISTEN 0      4096   192.168.100.2:9000       0.0.0.0:*
LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*
LISTEN 0      5              [::1]:631           [::]:*
LISTEN 0      128             [::]:22            [::]:*
`

test('SSH, loopback and what guests reach are no strangers', () => {
  assert.deepEqual(strangersIn(GOOD), [])
  assert.deepEqual(strangersIn(''), [])
})

test('everything else is, whatever address it listens at', () => {
  const broken = `${GOOD}LISTEN 0 1 0.0.0.0:8080 0.0.0.0:*\nLISTEN 0 1 *:5900 *:*\nLISTEN 0 1 [fe80::1]%eth0:80 [::]:*\n`
  assert.deepEqual(strangersIn(broken), ['*:5900', '0.0.0.0:8080', '[fe80::1]%eth0:80'].map(clean))
})

/** An address is told without its brackets and its interface. */
function clean(text: string): string {
  return text.replace('[fe80::1]%eth0', 'fe80::1')
}
