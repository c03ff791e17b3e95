import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageOfSource } from './source.ts'

const REVISION = '9a37dc8c2ed13fffb81a77e836bd97d72898acc6'
const NAR = 'sha256-+upJPU8pOOZmxjyD7EVxQx5HBWPZcq52iQC/0ZLuldg='

/** What Nix 2.8 says, shortened. */
function metadata(original: object, more: object = { revision: REVISION }): string {
  return JSON.stringify({ url: 'github:tiiuae/ghaf/9a37', original, locked: { narHash: NAR, type: 'x' }, ...more })
}

const GHAF = { flake: 'github:tiiuae/ghaf', line: 'main' }

test('a branch of the repository is of the line that the bench file names', () => {
  const image = imageOfSource(metadata({ type: 'github', owner: 'tiiuae', repo: 'ghaf' }), GHAF)
  assert.equal(image.sha256, 'faea493d4f2938e666c63c83ec4571431e470563d972ae768900bfd192ee95d8')
  assert.deepEqual([image.commit, image.origin?.line], [REVISION, 'main'])
})

test('a commit, a folder, a changed checkout or an unnamed line proves none', () => {
  const line = (original: object, more?: object, of: { flake: string; line?: string } = GHAF): unknown =>
    imageOfSource(metadata(original, more), of).origin?.line
  assert.equal(line({ type: 'github', rev: REVISION }), null)
  assert.equal(line({ type: 'path', path: '/src' }), null)
  assert.equal(line({ type: 'git', url: 'file:///src' }, { dirtyRevision: `${REVISION}-dirty` }), null)
  assert.equal(line({ type: 'github' }, undefined, { flake: 'github:tiiuae/ghaf' }), null)
})

test('what is no such answer is refused', () => {
  for (const wrong of ['', '{}', 'error: x', metadata({ type: 'git' }, { locked: {} })])
    assert.throws(() => imageOfSource(wrong, GHAF))
})
