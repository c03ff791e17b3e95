import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { once } from 'node:events'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import { ImageCache } from './cache.ts'
import type { DownloadProgress } from './download.ts'
import { fetchImage } from './fetch-image.ts'
import { obtainImage } from './obtain.ts'
import { diskImage, fetchOptions, ImageServer, MIB, sha256 } from './test-kit.ts'

const DISK = diskImage(4 * MIB, randomBytes(2 * MIB))
const OTHER = diskImage(4 * MIB, randomBytes(2 * MIB))
const PATH = '/images/disk.raw'

/** A server with one image, and a cache. */
async function setUp(
  file: Partial<Parameters<typeof serve>[1]> = {},
): Promise<AsyncDisposable & { server: ImageServer; folder: string; url: string }> {
  const dir = tempDir()
  const server = await ImageServer.open()
  serve(server, { bytes: DISK, etag: '"1"', ...file })
  return {
    server,
    folder: dir.path,
    url: server.url(PATH),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}

function serve(server: ImageServer, file: Parameters<ImageServer['files']['set']>[1]): void {
  server.files.set(PATH, file)
}

test('an image is fetched once, kept under its name, and asked for again by its ETag', async () => {
  await using place = await setUp()
  const options = fetchOptions(place.folder, soon())
  const reports: DownloadProgress[] = []
  const first = await fetchImage(place.url, { ...options, progress: report => reports.push(report) })
  assert.ok(readFileSync(first.path).equals(DISK))
  assert.match(first.path, /\/disk\.raw$/)
  assert.deepEqual(reports.at(-1), { url: place.url, doneBytes: DISK.length, totalBytes: DISK.length })
  const again = await fetchImage(place.url, options)
  assert.equal(again.path, first.path)
  assert.deepEqual(place.server.askedFor(PATH), [`GET ${PATH}`, `GET ${PATH} "1"`])
  // Changed on the server: fetched anew.
  serve(place.server, { bytes: OTHER, etag: '"2"' })
  assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(OTHER))
})

test('a connection that breaks is gone on with where it broke', async () => {
  await using place = await setUp({ cutAfter: [MIB + 7, MIB, 100] })
  const { path } = await fetchImage(place.url, fetchOptions(place.folder, soon()))
  assert.ok(readFileSync(path).equals(DISK))
  const asked = place.server.askedFor(PATH)
  assert.equal(asked.length, 4, asked.join('\n'))
  for (const line of asked.slice(1)) assert.match(line, /bytes=[1-9]\d+-$/)
})

test('a broken download is gone on with by the next process, unless the image changed meanwhile', async () => {
  await using place = await setUp({ cutAfter: [MIB, 0, 0, 0, 0, 0, 0, 0] })
  const options = fetchOptions(place.folder, soon())
  await assert.rejects(fetchImage(place.url, options), faultWith('infrastructure/download', 'the connection broke'))
  serve(place.server, { bytes: DISK, etag: '"1"' })
  place.server.asked.length = 0
  assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(DISK))
  assert.match(place.server.askedFor(PATH)[0] ?? '', /bytes=\d{6,}-$/)

  await using second = await setUp({ cutAfter: [MIB, 0, 0, 0, 0, 0, 0, 0] })
  const others = fetchOptions(second.folder, soon())
  await assert.rejects(fetchImage(second.url, others), faultWith('infrastructure/download'))
  serve(second.server, { bytes: OTHER, etag: '"2"' })
  assert.ok(readFileSync((await fetchImage(second.url, others)).path).equals(OTHER))
})

for (const [what, bytes] of [
  ['longer', Buffer.concat([OTHER, Buffer.alloc(512)])],
  ['of the same size', OTHER],
] as const)
  test(`a part of another version, ${what}, is forgotten, and the next try brings the whole image`, async () => {
    await using place = await setUp({ cutAfter: [MIB, 0, 0, 0, 0, 0, 0, 0] })
    const options = fetchOptions(place.folder, soon())
    await assert.rejects(fetchImage(place.url, options), faultWith('infrastructure/download'))
    serve(place.server, { bytes, etag: '"2"', ignoresIfRange: true })
    place.server.asked.length = 0
    assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(bytes))
    const asked = place.server.askedFor(PATH)
    assert.match(asked[0]!, /bytes=/)
    assert.deepEqual(asked.slice(1), [`GET ${PATH}`])
  })

test('bytes of two images are never put together where a server names no version', async () => {
  await using place = await setUp({ cutAfter: [MIB, 0, 0, 0, 0, 0, 0, 0] })
  serve(place.server, { bytes: DISK, cutAfter: [MIB, 0, 0, 0, 0, 0, 0, 0] })
  const options = fetchOptions(place.folder, soon())
  await assert.rejects(fetchImage(place.url, options), faultWith('infrastructure/download'))
  serve(place.server, { bytes: OTHER })
  assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(OTHER))
  assert.ok(place.server.askedFor(PATH).every(line => !line.includes('bytes=')))
})

test('a download that was all here but not yet believed is not fetched again', async () => {
  await using place = await setUp()
  const options = fetchOptions(place.folder, soon())
  const part = await options.cache.partOf(place.url)
  writeFileSync(part, DISK)
  writeFileSync(`${part}.json`, JSON.stringify({ etag: '"1"', totalBytes: DISK.length }))
  assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(DISK))
  assert.deepEqual(place.server.askedFor(PATH), [`GET ${PATH} bytes=${DISK.length}-`])
})

test('redirects are followed, and told from loops', async () => {
  await using place = await setUp()
  const { server, folder } = place
  server.files.set('/latest.raw', { bytes: DISK, status: 302, location: PATH })
  server.files.set('/loop.raw', { bytes: DISK, status: 301, location: '/loop.raw' })
  server.files.set('/ftp.raw', { bytes: DISK, status: 301, location: 'ftp://host/x' })
  const options = fetchOptions(folder, soon())
  const { path } = await fetchImage(server.url('/latest.raw'), options)
  assert.ok(readFileSync(path).equals(DISK))
  await assert.rejects(fetchImage(server.url('/loop.raw'), options), faultWith('infrastructure/download', 'redirects'))
  await assert.rejects(fetchImage(server.url('/ftp.raw'), options), faultWith('infrastructure/download', 'ftp:'))
})

test('what a server answers instead of an image is said, and whose fault it is', async () => {
  await using place = await setUp()
  const { server, folder } = place
  const options = fetchOptions(folder, soon())
  const answer = (status: number): Promise<unknown> => {
    server.files.set('/x.raw', { bytes: DISK, status })
    return fetchImage(server.url('/x.raw'), options)
  }
  await assert.rejects(answer(404), faultWith('configuration/image', '404 Not Found'))
  await assert.rejects(answer(403), faultWith('configuration/image', 'name a URL this host may read'))
  await assert.rejects(answer(503), faultWith('infrastructure/download', '503'))
  await assert.rejects(
    fetchImage('http://127.0.0.1:9/y.raw', options),
    faultWith('infrastructure/download', 'ECONNREFUSED'),
  )
  await assert.rejects(fetchImage('http://127.0.0.1/', options), faultWith('configuration/image', 'name of an image'))
})

test('secrets in a URL are in no message', async () => {
  await using place = await setUp()
  const url = place.url.replace('http://', 'http://user:hush@').replace(PATH, '/none.raw?token=hush')
  await assert.rejects(
    fetchImage(url, fetchOptions(place.folder, soon())),
    (error: Error) => !/hush/.test(error.message),
  )
})

test('an HTML page that a server sends for every path is no image, and no signature either', async () => {
  await using place = await setUp()
  const page = Buffer.from('<!DOCTYPE html><title>Sign in</title>')
  for (const path of ['.sig', '.json', '.sha256', '.provenance.json'].map(end => `${PATH}${end}`))
    place.server.files.set(path, { bytes: page, type: 'text/html; charset=utf-8' })
  const options = { ...fetchOptions(place.folder, soon()), keys: [] }
  const { image } = await obtainImage(place.url, 'debug', options)
  assert.equal(image.origin?.signature, 'none')
  assert.equal(image.source, place.url)
  place.server.files.set('/login.raw', { bytes: page, type: 'text/html' })
  await assert.rejects(
    obtainImage(place.server.url('/login.raw'), 'debug', options),
    faultWith('configuration/image', 'an HTML page'),
  )
})

test('what the server publishes beside an image counts, and comes along', async () => {
  await using place = await setUp()
  const { server, folder, url } = place
  const options = { ...fetchOptions(folder, soon()), keys: [] }
  server.files.set('/images/SHA256SUMS', { bytes: Buffer.from(`${sha256(OTHER)}  disk.raw\n`) })
  await assert.rejects(obtainImage(url, 'debug', options), faultWith('configuration/image', 'its server publishes'))
  server.files.set('/images/SHA256SUMS', { bytes: Buffer.from(`${sha256(DISK)}  disk.raw\n`) })
  server.files.set('/images/disk.bmap', { bytes: Buffer.from('<bmap/>') })
  server.files.set('/attestations/provenance.json', { bytes: Buffer.from('{}') })
  await assert.rejects(obtainImage(url, 'debug', options), faultWith('configuration/image', 'SLSA provenance'))
  server.files.delete('/attestations/provenance.json')
  const { image } = await obtainImage(url, 'debug', options)
  assert.ok(image.bmapPath && existsSync(image.bmapPath))
  // Known by its checksum: another URL of the same image needs no download.
  server.files.set('/copy/disk.raw', { bytes: DISK })
  server.files.set('/copy/disk.raw.sha256', { bytes: Buffer.from(sha256(DISK)) })
  const { image: copy } = await obtainImage(server.url('/copy/disk.raw'), 'debug', options)
  assert.equal(copy.sha256, image.sha256)
  assert.deepEqual(server.askedFor('/copy/disk.raw'), [])
  // What is taken off the server goes here, too.
  server.files.delete('/images/disk.bmap')
  assert.equal((await obtainImage(url, 'debug', options)).image.bmapPath, undefined)
})

test('a signature that cannot be fetched is not taken for none', async () => {
  await using place = await setUp()
  place.server.files.set(`${PATH}.sig`, { bytes: DISK, status: 503 })
  await assert.rejects(
    fetchImage(place.url, fetchOptions(place.folder, soon())),
    faultWith('infrastructure/download', 'disk.raw.sig'),
  )
})

test('a copy that changed on disk is fetched again', async () => {
  await using place = await setUp()
  const options = { ...fetchOptions(place.folder, soon()), keys: [] }
  const { image } = await obtainImage(place.url, 'debug', options)
  const rotten = Buffer.from(DISK)
  rotten[MIB]! ^= 1
  writeFileSync(image.path, rotten)
  assert.equal((await obtainImage(place.url, 'debug', options)).image.sha256, sha256(DISK))
})

test('a server that stops sending is asked again, and an abort is heard at once', async () => {
  await using place = await setUp({ stallAfter: 1000 })
  const options = fetchOptions(place.folder, soon(), { stallMs: 50 })
  await assert.rejects(fetchImage(place.url, options), faultWith('infrastructure/download', 'nothing for 0.05 s'))
  assert.equal(place.server.askedFor(PATH).length, 6)
  serve(place.server, { bytes: DISK, etag: '"1"', stallAfter: 2 * MIB })
  assert.ok(readFileSync((await fetchImage(place.url, options)).path).equals(DISK))
  serve(place.server, { bytes: OTHER, etag: '"2"', stallAfter: MIB })
  const abort = new AbortController()
  const slow = fetchImage(place.url, {
    ...options,
    signal: abort.signal,
    stallMs: 60_000,
    progress: () => abort.abort(new Error('enough')),
  })
  await assert.rejects(slow, /enough/)
})

test('two that want one image share one download', async () => {
  await using place = await setUp()
  const notes: string[] = []
  const options = fetchOptions(place.folder, soon(), { note: text => notes.push(text) })
  const [one, two] = await Promise.all([fetchImage(place.url, options), fetchImage(place.url, options)])
  assert.equal(one.path, two.path)
  assert.deepEqual(place.server.askedFor(PATH), [`GET ${PATH}`, `GET ${PATH} "1"`])
  assert.match(notes.join(), /waits for another hil/)
})

test('a process that is killed while it fetches leaves the next one a beginning and no lock', async () => {
  await using place = await setUp({ stallAfter: MIB })
  const script = `
    import { fetchImage } from '${import.meta.resolve('./fetch-image.ts')}'
    import { fetchOptions } from '${import.meta.resolve('./test-kit.ts')}'
    const [url, folder] = process.argv.slice(1)
    await fetchImage(url, fetchOptions(folder, AbortSignal.timeout(60_000), { progress: ({ doneBytes }) => console.log(doneBytes) }))`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, place.url, place.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const chunk of child.stdout as AsyncIterable<Buffer>)
    if (
      chunk
        .toString()
        .split('\n')
        .some(line => Number(line) >= MIB / 2)
    )
      break
  const second = fetchImage(place.url, fetchOptions(place.folder, soon()))
  serve(place.server, { bytes: DISK, etag: '"1"' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.ok(readFileSync((await second).path).equals(DISK))
  assert.match(place.server.askedFor(PATH).at(-1) ?? '', /bytes=\d+-$/)
})

test('the longest unused go first, and nothing that was used lately', async () => {
  await using place = await setUp()
  const cache = new ImageCache({ folder: place.folder, limitBytes: 10 * MIB, nowMs: () => Date.now() })
  const limited = fetchOptions(place.folder, soon(), { cache })
  const names = ['a', 'b', 'c', 'd']
  for (const name of names)
    place.server.files.set(`/${name}.raw`, { bytes: diskImage(4 * MIB, randomBytes(999)), etag: '"1"' })
  const paths: string[] = []
  for (const [index, name] of names.entries()) {
    const { path } = await fetchImage(place.server.url(`/${name}.raw`), limited)
    paths.push(path)
    // The first two were last used days ago, the second longer ago than the first.
    const old = Date.now() / 1000 - 86_400 * (index + 2)
    if (index < 2) utimesSync(join(path, '../entry.json'), old, old)
  }
  assert.deepEqual(paths.map(existsSync), [false, false, true, true])
  assert.equal(readdirSync(join(place.folder, 'blobs')).length, 2)
})

test(
  'a full disk is said, with what to do',
  { skip: process.getuid?.() === 0 ? false : 'needs root: a small file system is mounted' },
  async () => {
    await using place = await setUp()
    const small = join(place.folder, 'small')
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small])
    using _mount = { [Symbol.dispose]: () => void execFileSync('umount', ['-l', small]) }
    const full = faultWith('infrastructure/disk-full', 'HIL_CACHE')
    await assert.rejects(fetchImage(place.url, fetchOptions(small, soon())), full)
    assert.deepEqual(place.server.askedFor(PATH).length, 1, 'known from the size, before anything was fetched')
    // Filled by somebody else while it is fetched.
    const cache = fetchOptions(small, soon()).cache
    cache.makeRoom = () => Promise.resolve()
    await assert.rejects(fetchImage(place.url, fetchOptions(small, soon(), { cache })), full)
    assert.ok(statSync(await cache.partOf(place.url)).size > 0, 'what came is kept')
  },
)
