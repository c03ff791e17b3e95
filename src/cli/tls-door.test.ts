import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { certificateIn } from '../agent/certificate-test-kit.ts'
import { TRUSTED } from '../agent/caller.ts'
import { noTls, servedBench } from '../agent/served-bench-test-kit.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { doorOf } from './tls-door.ts'

/** What is written to standard error while a test goes on. */
function heard(t: TestContext): () => string {
  const { mock } = t.mock.method(process.stderr, 'write', () => true)
  return () => mock.calls.map(({ arguments: [text] }) => String(text)).join('')
}

/** The certificate that somebody is shown who comes in now. */
async function shown(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerX509Certificate()!
  socket.destroy()
  return fingerprint256
}

test('a certificate is read again, and one that is no good leaves the last one', { skip: noTls }, async t => {
  const { agent } = await servedBench(t)
  using dir = tempDir()
  using other = tempDir()
  const [tlsKey, tlsCert] = certificateIn(dir.path)
  const [otherKey, otherCert] = certificateIn(other.path, 5)
  const prints = [tlsCert, otherCert].map(path => new X509Certificate(readFileSync(path)).fingerprint256)
  const told = heard(t)
  const door = doorOf({ listen: '127.0.0.1:0', tlsKey, tlsCert })!
  await using served = await door.open(agent, () => TRUSTED)
  assert.equal(told(), '', 'it is good for long')

  const good = [tlsKey, tlsCert].map(path => [path, readFileSync(path)] as const)
  for (const [what, spoil] of Object.entries({
    'an empty certificate': () => writeFileSync(tlsCert, ''),
    'an empty key': () => writeFileSync(tlsKey, ''),
    'no certificate': () => writeFileSync(tlsCert, 'no certificate'),
    'a file that is gone': () => rmSync(tlsCert),
    'the key of another': () => copyFileSync(otherKey, tlsKey),
  })) {
    spoil()
    door.renew()
    assert.match(told().split('hil agent: ').at(-1)!, /^its certificate stays as it was: configuration\/usage/, what)
    assert.equal(await shown(served.port), prints[0], what)
    for (const [path, bytes] of good) writeFileSync(path, bytes)
  }

  copyFileSync(otherKey, tlsKey)
  copyFileSync(otherCert, tlsCert)
  door.renew()
  assert.equal(await shown(served.port), prints[1])
  assert.match(told(), /is shown to other hosts from now on[^]*other hosts will refuse .*valid for 4 days more/)
})

test('an agent does not begin to answer with a certificate that it cannot show', { skip: noTls }, async t => {
  const { agent } = await servedBench(t)
  using dir = tempDir()
  const [tlsKey, tlsCert] = certificateIn(dir.path)
  writeFileSync(tlsCert, '')
  const door = doorOf({ listen: '127.0.0.1:0', tlsKey, tlsCert })!
  await assert.rejects(
    door.open(agent, () => TRUSTED),
    { code: 'configuration/usage' },
  )
})
