import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import { Http, isUrl, shownUrl } from './http.ts'

/** A server with a certificate that this process trusts, and one for the same host that it does not. */
async function secureServer(
  folder: string,
  name: string,
  trusted: boolean,
): Promise<AsyncDisposable & { server: Server; url: string }> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...pair, ...subject], { stdio: 'pipe' })
  if (trusted) setDefaultCACertificates([...getCACertificates(), readFileSync(cert, 'utf8')])
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('https is checked, and never given up for http on the way', async () => {
  using dir = tempDir()
  await using good = await secureServer(dir.path, 'good', true)
  await using bad = await secureServer(dir.path, 'bad', false)
  good.server.on('request', ({ url }, response) =>
    url === '/moved' ? response.writeHead(302, { location: 'http://127.0.0.1:9/x' }).end() : response.end('image'),
  )
  using http = new Http()
  const { status, body } = await http.get(`${good.url}/x`, {}, soon())
  assert.deepEqual([status, String(await body.toArray())], [200, 'image'])
  await assert.rejects(http.get(`${good.url}/moved`, {}, soon()), faultWith('infrastructure/download', 'from https to'))
  await assert.rejects(http.get(bad.url, {}, soon()), faultWith('infrastructure/download', 'self-signed'))
})

test('what a server packs on the way comes as it is', async () => {
  const server = createPlain((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not unpacked'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  using _server = { [Symbol.dispose]: () => void server.close() }
  using http = new Http()
  const { body } = await http.get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.img.gz`, {}, soon())
  assert.equal(String(await body.toArray()), 'not unpacked')
})

test('URLs are told from files, and shown without what is secret in them', () => {
  assert.deepEqual(['https://host/x', 'http://host/x', 'result', '/x', 'file:///x', 'C:x', 'ftp://host/x'].map(isUrl), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
  assert.equal(shownUrl('https://user:hush@host:8443/a/b.raw?token=hush#x'), 'https://host:8443/a/b.raw?…')
})
