import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import type { Image } from '../model/image.ts'
import { inspectImage } from './inspect.ts'
import { narSha256 } from './nix-archive.ts'
import { diskImage, keyPair, MIB, sha256 } from './test-kit.ts'
import { loadTrustedKeys, type TrustedKey } from './trust.ts'

const DISK = diskImage(2 * MIB)
const COMMIT = '6b1f0c2d9a7e4835bb20cf1d44e0a9d3c7f81e65'
const MAIN = { line: 'main', repository: 'https://github.com/tiiuae/ghaf', ref: 'refs/heads/main' }
const SIGNATURE_FAULT = faultWith('configuration/image-signature')

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })

/** An image in a folder of its own. */
function setUp(): Disposable & {
  folder: string
  path: string
  look: (keys?: TrustedKey[], root?: string) => Promise<Image>
} {
  const dir = tempDir()
  const path = join(dir.path, 'disk.raw')
  writeFileSync(path, DISK)
  return {
    folder: dir.path,
    path,
    look: async (keys = [], resultRoot) =>
      (await inspectImage(path, 'debug', { signal: soon(), keys, ...(resultRoot !== undefined && { resultRoot }) }))
        .image,
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  }
}

interface Claims {
  subject?: object[]
  ref?: string
  repository?: string
  builder?: string
}

/** A statement as a builder on GitHub makes it. */
function statement({ subject, ref, repository, builder }: Claims = {}): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: subject ?? [{ name: 'disk.raw', digest: { sha256: sha256(DISK) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: ref ?? 'refs/heads/main',
            repository: repository ?? 'https://github.com/tiiuae/ghaf',
            path: '.github/workflows/build.yml',
          },
        },
        resolvedDependencies: [
          { uri: 'git+https://github.com/tiiuae/ghaf@refs/heads/main', digest: { gitCommit: COMMIT } },
        ],
      },
      runDetails: {
        builder: { id: builder ?? 'https://github.com/actions/runner' },
        metadata: { finishedOn: '2026-11-01T00:00:00Z' },
      },
    },
  })
}

/** A DSSE envelope around a text, signed as its specification says. */
function envelope(text: string, key: Parameters<typeof sign>[2], algorithm: string | null): string {
  const payload = Buffer.from(text)
  const type = 'application/vnd.in-toto+json'
  const sig = sign(algorithm, Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} ${text}`), key)
  return JSON.stringify({
    payloadType: type,
    payload: payload.toString('base64'),
    signatures: [{ sig: sig.toString('base64') }],
  })
}

describe('a detached signature', () => {
  const ways: [string, 'ed25519' | 'ec' | 'rsa', (key: string, image: string) => void][] = [
    ['ECDSA', 'ec', (key, image) => openssl('dgst', '-sha256', '-sign', key, '-out', `${image}.sig`, image)],
    ['RSA', 'rsa', (key, image) => openssl('dgst', '-sha256', '-sign', key, '-out', `${image}.sig`, image)],
    [
      'Ed25519',
      'ed25519',
      (key, image) => openssl('pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', image, '-out', `${image}.sig`),
    ],
    [
      'Ed25519 over the digest',
      'ed25519',
      (key, image) => {
        writeFileSync(`${image}.digest`, Buffer.from(sha256(DISK), 'hex'))
        openssl('pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', `${image}.digest`, '-out', `${image}.sig`)
      },
    ],
  ]
  for (const [name, kind, signIt] of ways)
    it(`by openssl is good for its image only: ${name}`, async () => {
      using place = setUp()
      const { trusted } = keyPair(place.folder, 'signer', kind)
      const other = keyPair(place.folder, 'other', kind).trusted
      signIt(join(place.folder, 'signer.key'), place.path)
      const { origin } = await place.look([other, trusted])
      assert.deepEqual([origin?.signature, origin?.signedBy, origin?.line], ['good', trusted.fingerprint, null])
      assert.equal((await place.look()).origin?.signature, 'unchecked')
      await assert.rejects(place.look([other]), SIGNATURE_FAULT)
      const changed = Buffer.from(DISK)
      changed[MIB + 5]! ^= 1
      writeFileSync(place.path, changed)
      await assert.rejects(place.look([trusted]), SIGNATURE_FAULT)
    })

  it('that is cut, empty or of another kind is a wrong one', async () => {
    using place = setUp()
    const keys = (['ed25519', 'ec', 'rsa'] as const).map(kind => keyPair(place.folder, kind, kind).trusted)
    const good = sign('sha256', DISK, readFileSync(join(place.folder, 'ec.key')))
    for (const bad of [good.subarray(0, -1), Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(256), Buffer.from('?')]) {
      writeFileSync(`${place.path}.sig`, bad)
      await assert.rejects(place.look(keys), SIGNATURE_FAULT)
    }
  })

  it('none is allowed, and said', async () => {
    using place = setUp()
    const { trusted } = keyPair(place.folder, 'k', 'ec', [MAIN])
    assert.deepEqual((await place.look([trusted])).origin, {
      signature: 'none',
      line: null,
      why: 'not signed; nothing says where it comes from',
    })
  })
})

describe('trusted keys', () => {
  it('are public keys or certificates, the same by either', () => {
    using place = setUp()
    const { trusted } = keyPair(place.folder, 'k', 'ec')
    const cert = join(place.folder, 'cert.pem')
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      join(place.folder, 'k.key'),
      '-subj',
      '/CN=test',
      '-days',
      '2',
      '-out',
      cert,
    )
    assert.equal(loadTrustedKeys([{ key: cert, lines: [] }])[0]?.fingerprint, trusted.fingerprint)
  })

  it('are refused with their file when they are private, of another kind or no keys', () => {
    using place = setUp()
    keyPair(place.folder, 'k', 'ec')
    const load = (name: string) => (): unknown => loadTrustedKeys([{ key: join(place.folder, name), lines: [] }])
    assert.throws(load('k.key'), faultWith('configuration/usage', 'a private key'))
    assert.throws(load('disk.raw'), faultWith('configuration/usage', 'disk.raw'))
    assert.throws(load('none.pem'), faultWith('configuration/usage', 'ENOENT'))
    openssl('genpkey', '-algorithm', 'X25519', '-out', join(place.folder, 'x.key'))
    openssl('pkey', '-in', join(place.folder, 'x.key'), '-pubout', '-out', join(place.folder, 'x.pem'))
    assert.throws(load('x.pem'), faultWith('configuration/usage', 'x25519'))
  })
})

describe('provenance', () => {
  it('signed by a trusted key proves the line, in an envelope, a bundle, a list, or with a signature beside it', async () => {
    using place = setUp()
    const { privateKey, trusted } = keyPair(place.folder, 'builder', 'ed25519', [MAIN])
    const sealed = envelope(statement(), privateKey, null)
    const foreign = envelope(
      statement({ subject: [{ name: 'x', digest: { sha256: '0'.repeat(64) } }] }),
      privateKey,
      null,
    )
    const forms: [string, string][] = [
      ['provenance.json', sealed],
      [
        'provenance.json',
        JSON.stringify({
          mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          dsseEnvelope: JSON.parse(sealed) as object,
        }),
      ],
      ['intoto.jsonl', `${foreign}\n${sealed}\n`],
      ['provenance.json', statement()],
    ]
    for (const [end, text] of forms) {
      const path = `${place.path}.${end}`
      writeFileSync(path, text)
      if (text === statement())
        openssl(
          'pkeyutl',
          '-sign',
          '-rawin',
          '-inkey',
          join(place.folder, 'builder.key'),
          '-in',
          path,
          '-out',
          `${path}.sig`,
        )
      const { origin, commit } = await place.look([trusted])
      assert.deepEqual([origin?.line, origin?.provenance?.bound, commit], ['main', 'file', COMMIT])
      assert.equal(origin?.provenance?.signedBy, trusted.fingerprint)
      assert.equal(origin?.provenance?.ref, 'refs/heads/main')
      rmSync(path)
    }
  })

  it('is a claim only when not signed, or where nobody trusts a key', async () => {
    using place = setUp()
    const { privateKey, trusted } = keyPair(place.folder, 'builder', 'ec', [MAIN])
    writeFileSync(`${place.path}.provenance.json`, statement())
    const unsigned = (await place.look([trusted])).origin
    assert.deepEqual([unsigned?.line, unsigned?.provenance?.signedBy], [null, undefined])
    assert.match(unsigned?.why ?? '', /a claim, not signed/)
    writeFileSync(`${place.path}.provenance.json`, envelope(statement(), privateKey, 'sha256'))
    assert.match((await place.look()).origin?.why ?? '', /its signature was not checked/)
    assert.equal((await place.look([trusted])).origin?.line, 'main')
  })

  it('proves nothing for another repository, ref or builder than its key may vouch for', async () => {
    using place = setUp()
    const { privateKey, trusted } = keyPair(place.folder, 'builder', 'ec', [
      { ...MAIN, builders: ['https://ci.example/'] },
    ])
    const lineWith = async (claims: Claims): Promise<string | null | undefined> => {
      writeFileSync(`${place.path}.provenance.json`, envelope(statement(claims), privateKey, 'sha256'))
      return (await place.look([trusted])).origin?.line
    }
    const builder = 'https://ci.example/'
    assert.equal(await lineWith({ builder }), 'main')
    assert.equal(await lineWith({ builder, repository: 'git+https://github.com/tiiuae/ghaf.git' }), 'main')
    assert.equal(await lineWith({}), null)
    assert.equal(await lineWith({ builder, ref: 'refs/pull/7/merge' }), null)
    assert.equal(await lineWith({ builder, repository: 'https://github.com/somebody/ghaf' }), null)
    assert.equal(await lineWith({ builder, repository: 'https://github.com/tiiuae/ghaf@x/../../somebody' }), null)
  })

  it('with a wrong signature, about other files, or that is none stops everything', async () => {
    using place = setUp()
    const { privateKey, trusted } = keyPair(place.folder, 'builder', 'ec', [MAIN])
    const stranger = keyPair(place.folder, 'stranger', 'ec').privateKey
    const path = `${place.path}.provenance.json`
    const about = statement({ subject: [{ name: 'disk.raw', digest: { sha256: '0'.repeat(64) } }] })
    for (const text of [
      envelope(statement(), stranger, 'sha256'),
      envelope(statement(), privateKey, 'sha256').replace(/"payload":"(....)/, '"payload":"$1IC'),
      envelope(about, privateKey, 'sha256'),
      about,
    ]) {
      writeFileSync(path, text)
      await assert.rejects(place.look([trusted]), error => {
        const { code } = error as { code: string }
        return code === 'configuration/image-signature' || code === 'configuration/image'
      })
    }
    for (const text of ['{', '[]', '{"_type":"https://in-toto.io/Statement/v1"}', 'words\nand words']) {
      writeFileSync(path, text)
      await assert.rejects(place.look([trusted]), faultWith('configuration/image', 'SLSA provenance'))
    }
  })

  it('of a Nix build result is tied to the image by the folder it lies in', async () => {
    using place = setUp()
    const { privateKey, trusted } = keyPair(place.folder, 'builder', 'ed25519', [
      { line: 'main', repository: MAIN.repository, job: 'ghaf-main' },
    ])
    const result = join(place.folder, 'unsigned-output')
    mkdirSync(join(result, 'sd-image'), { recursive: true })
    const image = join(result, 'sd-image', 'disk.raw')
    writeFileSync(image, DISK)
    const nar = await narSha256(result, soon())
    const build = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'out', uri: '/nix/store/abc-image', digest: { sha256: nar } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: {
            target: { name: 'packages.x', repository: 'https://github.com/tiiuae/ghaf/', ref: COMMIT },
            workflow: { name: 'ci', repository: 'https://github.com/tiiuae/ghaf-infra', ref: 'abc' },
            job: 'ghaf-main',
          },
        },
        runDetails: { builder: { id: 'https://ci.example/' } },
      },
    }
    const provenance = join(place.folder, 'provenance.json')
    writeFileSync(provenance, JSON.stringify(build))
    writeFileSync(`${provenance}.sig`, sign(null, readFileSync(provenance), privateKey))
    const look = async (path: string, resultRoot?: string): Promise<Image> =>
      (
        await inspectImage(path, 'debug', {
          signal: soon(),
          keys: [trusted],
          ...(resultRoot !== undefined && { resultRoot }),
        })
      ).image
    // Beside the image, of which nothing says that it is of that result.
    const alone = await look(place.path)
    assert.deepEqual([alone.origin?.line, alone.origin?.provenance?.bound], [null, 'not'])
    const attestations = join(place.folder, 'attestations')
    mkdirSync(attestations)
    for (const end of ['', '.sig']) renameSync(`${provenance}${end}`, join(attestations, `provenance.json${end}`))
    assert.equal((await look(image)).origin?.line, 'main', 'by the layout of a CI')
    renameSync(result, join(place.folder, 'result'))
    const { origin, commit } = await look(join(place.folder, 'result/sd-image/disk.raw'), join(place.folder, 'result'))
    assert.deepEqual([origin?.line, origin?.provenance?.bound, commit], ['main', 'nix-output', COMMIT])
    // Something else in the folder is another result.
    renameSync(join(place.folder, 'result'), result)
    writeFileSync(join(result, 'more'), '')
    assert.equal((await look(image)).origin?.line, null)
  })
})
