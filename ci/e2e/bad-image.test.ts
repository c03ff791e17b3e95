import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { story } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { faultsOf } from './verdicts.ts'

// An image that is not what it should be is found before the board gets power: exit 2, and the image is named.

test('an image that is not there, empty, or not what its sidecar says', async () => {
  await using lab = await Lab.open()
  const empty = lab.file('empty.img', '')
  const other = copyOf(lab, 'other.img.zst')
  writeFileSync(`${other}.json`, JSON.stringify({ sha256: '0'.repeat(64) }))
  const cut = copyOf(lab, 'cut.img.zst')
  writeFileSync(`${cut}.json`, readFileSync(`${imageOf('tiny-amd64')}.json`))
  truncateSync(cut, statSync(cut).size - 100_000)
  const noJson = copyOf(lab, 'no-json.img.zst')
  writeFileSync(`${noJson}.json`, '{ "sha256": ')
  const cases: [string, RegExp][] = [
    [join(lab.folder, 'gone.img.zst'), /an image .*gone\.img\.zst; saw ENOENT/],
    [empty, /saw an empty file/],
    [other, /the digest 0{64}/],
    [cut, /damaged or truncated/],
    [noJson, /valid JSON in .*no-json\.img\.zst\.json/],
  ]
  const bench = lab.bench({ 'nuc-1': lab.board() })
  for (const [path, says] of cases) {
    const ended = await lab.startRun(bench, ['--feature', 'quick', '--image', path]).ended
    assert.equal(ended.exitCode, 2, story(ended))
    assert.match(ended.stderr, /configuration\/image/)
    assert.match(ended.stderr, says)
    assert.deepEqual(ended.events, [], 'no run was begun')
  }
  assert.equal(lab.everPowered(), false)
})

test('a cut image that nothing describes', async () => {
  await using lab = await Lab.open()
  const cut = copyOf(lab, 'cut.img.zst')
  truncateSync(cut, statSync(cut).size - 100_000)
  const ended = await lab.run({ images: { debug: cut } }, ['quick'], 2)
  assert.match(ended.stderr, /configuration\/image: expected .* a whole zst file; saw it ends/)
  assert.deepEqual(ended.events, [], 'no run was begun')
  assert.equal(lab.everPowered(), false, 'the board never got power')
})

test('an image larger than the medium', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({ media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 16 } }, ['quick'], 2)
  assert.deepEqual(faultsOf(ended), ['configuration/image'])
  assert.equal(lab.everPowered(), false, 'the board never got power')
})

function copyOf(lab: Lab, name: string): string {
  const path = join(lab.folder, name)
  copyFileSync(imageOf('tiny-amd64'), path)
  return path
}
