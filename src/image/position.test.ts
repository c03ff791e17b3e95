import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { soon, tempDir } from '../drivers/test-kit.ts'
import { inspectImage } from './inspect.ts'
import { diskImage, keyPair, sha256 } from './test-kit.ts'

// Where an image's commit stands in its line: by whom that is said decides whether it orders anything.

const DISK = diskImage()
const COMMIT = 'c'.repeat(40)
const REPOSITORY = 'https://github.com/tiiuae/ghaf'
const LINES = [{ line: 'main', repository: REPOSITORY, ref: 'refs/heads/main' }]

async function positionOf(says: { revCount?: unknown; sidecar?: object }): Promise<number | undefined> {
  using dir = tempDir()
  const path = join(dir.path, 'disk.raw')
  writeFileSync(path, DISK)
  if (says.sidecar) writeFileSync(`${path}.json`, JSON.stringify(says.sidecar))
  const { privateKey, trusted } = keyPair(dir.path, 'builder', 'ed25519', LINES)
  const source = { uri: `git+${REPOSITORY}@refs/heads/main`, digest: { gitCommit: COMMIT } }
  const text = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'disk.raw', digest: { sha256: sha256(DISK) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        externalParameters: { workflow: { ref: 'refs/heads/main', repository: REPOSITORY } },
        resolvedDependencies: [{ ...source, annotations: { revCount: says.revCount } }],
      },
      runDetails: { builder: { id: 'b' } },
    },
  })
  writeFileSync(`${path}.provenance.json`, text)
  writeFileSync(`${path}.provenance.json.sig`, sign(null, Buffer.from(text), privateKey))
  const { image } = await inspectImage(path, 'debug', { signal: soon(), keys: [trusted] })
  assert.equal(image.origin?.line, 'main')
  assert.equal(image.commit, COMMIT)
  return image.position
}

test('signed provenance says where the commit stands; the file beside the image only of the same commit', async () => {
  assert.equal(await positionOf({ revCount: 812 }), 812)
  assert.equal(await positionOf({ revCount: 812, sidecar: { commit: COMMIT, revCount: 9 } }), 812)
  assert.equal(await positionOf({ sidecar: { commit: COMMIT, revCount: 9 } }), 9)
  assert.equal(await positionOf({ sidecar: { commit: 'd'.repeat(40), revCount: 9 } }), undefined)
  assert.equal(await positionOf({ revCount: 'many' }), undefined)
  assert.equal(await positionOf({}), undefined)
})
