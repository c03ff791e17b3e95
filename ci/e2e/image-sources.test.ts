import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ImageServer, keyPair, sha256 } from '../../src/image/test-kit.ts'
import type { Image } from '../../src/model/image.ts'
import { SUITES } from './ghaf.ts'
import { story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { cellsOf, of } from './verdicts.ts'

// Where images come from, and what they must prove, by the program as a person uses it.

const TINY = readFileSync(imageOf('tiny-amd64'))
const RAW = JSON.parse(readFileSync(`${imageOf('tiny-amd64')}.json`, 'utf8')) as {
  rawSha256: string
  rawSizeBytes: number
  commit: string
}
const COMMIT = RAW.commit

/** What a CI job on main would publish beside the image. */
function provenance(digest = sha256(TINY), from = { ref: COMMIT, job: 'ghaf-main' }): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'tiny.raw.zst', digest: { sha256: digest } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: {
            target: { repository: 'https://github.com/tiiuae/ghaf', ref: from.ref },
            job: from.job,
          },
        },
        runDetails: { builder: { id: 'https://ci.example/' } },
      },
    }),
  )
}

function start(lab: Lab, ...args: string[]): ReturnType<Lab['start']> {
  return lab.start(args, { HIL_CACHE: join(lab.folder, 'cache') })
}

async function mustEnd(hil: ReturnType<Lab['start']>, exitCode: number): Promise<Ended> {
  const ended = await hil.ended
  assert.equal(ended.exitCode, exitCode, story(ended))
  return ended
}

test('an image from a URL is flashed and proven, fetched once, and inspected without a board', async () => {
  await using lab = await Lab.open()
  await using server = await ImageServer.open()
  server.files.set('/tiny.raw.zst', { bytes: TINY, etag: '"1"', cutAfter: [5_000_000] })
  const url = server.url('/tiny.raw.zst')
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const first = await mustEnd(start(lab, 'flash', 'nuc-1', '--bench', bench, '--image', url), 0)
  assert.match(first.stderr, /fetching http:.*100 %/)
  assert.match(first.stdout, /read back equal/)
  const disk = readFileSync(join(lab.boardDir(), 'disk.img'))
  assert.equal(sha256(disk.subarray(0, RAW.rawSizeBytes)), RAW.rawSha256)
  await mustEnd(start(lab, 'flash', 'nuc-1', '--bench', bench, '--image', url, '--verify-only'), 0)
  const asked = server.askedFor('/tiny.raw.zst')
  assert.deepEqual(asked, ['GET /tiny.raw.zst', asked[1], 'GET /tiny.raw.zst "1"'], asked.join('\n'))
  const { stdout } = await mustEnd(start(lab, 'image', 'inspect', url, '--json'), 0)
  const report = JSON.parse(stdout) as { image: Image; layout: { scheme: string } }
  assert.deepEqual([report.image.format, report.image.sha256, report.image.source], ['zst', sha256(TINY), url])
  assert.equal(report.layout.scheme, 'gpt')
  await lab.mustBeAtRest()
})

test('two programs that want one image share one download', async () => {
  await using lab = await Lab.open()
  await using server = await ImageServer.open()
  server.files.set('/tiny.raw.zst', { bytes: TINY, etag: '"1"' })
  const inspect = (): Promise<Ended> =>
    mustEnd(start(lab, 'image', 'inspect', server.url('/tiny.raw.zst'), '--json'), 0)
  const [one, two] = await Promise.all([inspect(), inspect()])
  assert.equal(one.stdout, two.stdout)
  assert.deepEqual(server.askedFor('/tiny.raw.zst').toSorted(), ['GET /tiny.raw.zst', 'GET /tiny.raw.zst "1"'])
})

test('an interrupt is heard while an image is fetched, and no board was touched', async () => {
  await using lab = await Lab.open()
  await using server = await ImageServer.open()
  server.files.set('/tiny.raw.zst', { bytes: TINY, stallAfter: 1_000_000 })
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = start(lab, 'flash', 'nuc-1', '--bench', bench, '--image', server.url('/tiny.raw.zst'))
  while (server.askedFor('/tiny.raw.zst').length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  hil.signal('SIGINT')
  await mustEnd(hil, 130)
  assert.equal(existsSync(join(lab.boardDir(), 'disk.img')), false)
})

test('what a signature contradicts is refused before anything is written', async () => {
  await using lab = await Lab.open()
  const path = join(lab.folder, 'tiny.raw.zst')
  copyFileSync(imageOf('tiny-amd64'), path)
  const { privateKey, path: key } = keyPair(lab.folder, 'ci', 'ec')
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const flash = (exitCode: number): Promise<Ended> =>
    mustEnd(start(lab, 'flash', 'nuc-1', '--bench', bench, '--image', path, '--trust-key', key), exitCode)
  writeFileSync(`${path}.sig`, sign('sha256', Buffer.from('another image'), privateKey))
  assert.match((await flash(2)).stderr, /configuration\/image-signature/)
  writeFileSync(`${path}.sig`, sign('sha256', TINY, privateKey))
  writeFileSync(`${path}.provenance.json`, provenance('0'.repeat(64)))
  assert.match((await flash(2)).stderr, /a statement about other files/)
  assert.equal(existsSync(join(lab.boardDir(), 'disk.img')), false)
  writeFileSync(`${path}.provenance.json`, provenance())
  assert.match((await flash(0)).stdout, /signed by a trusted key; provenance names .*ghaf-main: a claim, not signed/)
})

test('signed provenance proves the line of a run, and nothing less does', async () => {
  await using lab = await Lab.open()
  const { privateKey, path: key } = keyPair(lab.folder, 'ci', 'ed25519')
  const result = join(lab.folder, 'result')
  mkdirSync(result)
  const path = join(result, 'tiny.raw.zst')
  copyFileSync(imageOf('tiny-amd64'), path)
  writeFileSync(`${path}.json`, JSON.stringify(RAW))
  writeFileSync(`${path}.provenance.json`, provenance())
  writeFileSync(`${path}.provenance.json.sig`, sign(null, provenance(), privateKey))
  const lines = [{ line: 'main', repository: 'https://github.com/tiiuae/ghaf', job: 'ghaf-main' }]
  const trusting = lab.file(
    'trusting.yaml',
    JSON.stringify({
      name: 'e2e',
      trust: [{ key: 'ci.pem', lines }],
      boards: { 'nuc-1': lab.board({ images: { debug: result } }) },
    }),
  )
  assert.ok(existsSync(key))
  const run = async (bench: string, exitCode: number): Promise<Ended> =>
    lab.mustEnd(lab.startRun(bench, ['--feature', 'ci-builds'], { HIL_SUITES_DIR: SUITES }), exitCode)
  const ended = await run(trusting, 0)
  assert.deepEqual(cellsOf(ended, SUITES), { 'ci-builds': 'pass' })
  for (const image of [of(ended.events, 'run-started')[0]!.boards[0]!.image!, of(ended.events, 'flashed')[0]!.image]) {
    assert.equal(image.origin?.line, 'main')
    assert.equal(image.commit, COMMIT)
  }
  assert.match(
    of(ended.events, 'note')
      .map(({ text }) => text)
      .join('\n'),
    /signed provenance proves line main/,
  )
  const plain = lab.bench({ 'nuc-1': lab.board({ images: { debug: result } }) })
  const other = await run(plain, 0)
  assert.deepEqual(cellsOf(other, SUITES), { 'ci-builds': 'skip' })
  assert.equal(of(other.events, 'flashed')[0]!.image.origin?.line, null)
  // Says that it is of main, by a job that the key may not vouch for.
  const claim = provenance(undefined, { ref: 'refs/heads/main', job: 'ghaf-pre-merge' })
  writeFileSync(`${path}.provenance.json`, claim)
  writeFileSync(`${path}.provenance.json.sig`, sign(null, claim, privateKey))
  assert.deepEqual(cellsOf(await run(trusting, 1), SUITES), { 'ci-builds': 'fail' })
})

test('an image in parts is inspected, and refused where the flasher takes none', async () => {
  await using lab = await Lab.open()
  copyFileSync(imageOf('tiny-amd64'), join(lab.folder, 'root.img.zst'))
  const partition = { gpt_type: '8300', label: 'NIXOS_ROOT', size_mib: 'auto' }
  lab.file(
    'flash-manifest.json',
    JSON.stringify({ schema_version: 1, artifacts: [{ name: 'root.img.zst', role: 'root', partition }] }),
  )
  assert.match(
    (await mustEnd(start(lab, 'image', 'inspect', lab.folder), 0)).stdout,
    /root .*NIXOS_ROOT .*rest of the disk/,
  )
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const ended = await mustEnd(start(lab, 'flash', 'nuc-1', '--bench', bench, '--image', lab.folder), 2)
  assert.match(ended.stderr, /an image in one piece for nuc-1 \(flasher\/raw\)/)
  assert.equal(lab.everPowered(), false)
})
