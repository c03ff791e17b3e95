import assert from 'node:assert/strict'
import { sign, type KeyObject } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readYaml } from '../../src/base/schema.ts'
import { keyPair, sha256 } from '../../src/image/test-kit.ts'
import { evidenceOf, formatEvidence } from '../../src/model/evidence.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { fold } from '../../src/model/fold.ts'
import { ROOT, story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { of } from './verdicts.ts'

// Two releases on a board that really boots, the second one broken, and what is told of it: from signed image to report.

const { features } = readYaml(`${ROOT}ci/e2e/suites/features.yaml`, FeatureFile, 'configuration/bench-file').data
const LINES = ['v26.07', 'v26.08'].map(line => ({ line, repository: 'https://github.com/tiiuae/ghaf', job: line }))

test('what a release broke is told with its evidence, and keeps it from going out', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const { privateKey } = keyPair(lab.folder, 'ci', 'ed25519')
  const good = await runOf(lab, 'v26.07', imageOf('tiny-amd64'), privateKey, 0)
  const bad = await runOf(lab, 'v26.08', imageOf('tiny-amd64', 'hil.break=ssh-auth'), privateKey, 1)
  const found = [good, bad].flatMap(({ events }) => evidenceOf(fold(events, features)))
  const about = ['--evidence', lab.file('evidence.jsonl', formatEvidence(found)), '--runs', lab.reportDir]

  const report = async (out: string): Promise<string[]> => {
    const asOf = of(bad.events, 'run-ended')[0]!.at
    const args = ['--to', 'v26.08', '--from', 'v26.07', ...about, '--as-of', asOf, '--out', join(lab.folder, out)]
    await ends(lab, ['report', ...args], 0)
    return ['status.md', 'status.html'].map(name => readFileSync(join(lab.folder, out, name), 'utf8'))
  }
  const [markdown = '', page = ''] = await report('a')
  assert.deepEqual(await report('b'), [markdown, page])
  const [, broken = ''] = /### Broken \(\d\)\n([^]*?)\n##/.exec(markdown) ?? []
  for (const run of [good, bad]) {
    const { image } = of(run.events, 'flashed')[0]!
    assert.ok(broken.includes(of(run.events, 'run-started')[0]!.run), broken)
    assert.ok(broken.includes(image.sha256.slice(0, 12)), broken)
  }
  assert.match(broken, /product\/ssh-auth/)
  assert.ok(page.includes(of(bad.events, 'flashed')[0]!.image.sha256))
  assert.doesNotMatch(page, new RegExp(`<code>${of(good.events, 'flashed')[0]!.image.sha256}`))
  const booted = of(good.events, 'booted')[0]?.proof
  assert.match(booted?.firmware ?? '', /^\d/)
  assert.match(page, /aria-label="Flash times of nuc\. 2 runs from/)

  const { stdout } = await ends(lab, ['gate', '--to', 'v26.08', ...about], 1)
  assert.match(stdout, /may not go out/)
  assert.match(stdout, /broken +\S+ on nuc: .*ssh-auth/)
  const rest = features.map(
    ({ id }) => `
  - { feature: ${id}, scope: [all], approver: Ada Example, reason: a test, expires: 2999-12-31 }`,
  )
  const waivers = lab.file('waivers.yaml', `waivers:${rest.join('')}`)
  assert.match((await ends(lab, ['gate', '--to', 'v26.08', ...about, '--waivers', waivers], 0)).stdout, /may go out/)
  const some = lab.file('some.yaml', `waivers:${rest.slice(0, 4).join('')}`)
  assert.match((await ends(lab, ['gate', '--to', 'v26.08', ...about, '--waivers', some], 5)).stdout, /not proven/)
})

async function ends(lab: Lab, args: string[], exitCode: number): Promise<Ended> {
  const ended = await lab.start(['release', ...args]).ended
  assert.equal(ended.exitCode, exitCode, story(ended))
  return ended
}

/** A run of an image that a trusted key says is of a release. */
async function runOf(lab: Lab, line: string, image: string, key: KeyObject, exitCode: number): Promise<Ended> {
  const folder = join(lab.folder, line)
  mkdirSync(folder)
  const path = join(folder, 'tiny.raw.zst')
  copyFileSync(image, path)
  copyFileSync(`${image}.json`, `${path}.json`)
  const said = statement(sha256(readFileSync(path)), line)
  lab.file(`${line}/tiny.raw.zst.provenance.json`, said)
  writeFileSync(`${path}.provenance.json.sig`, sign(null, Buffer.from(said), key))
  // Wired like a twin, but counted as hardware: what a twin finds changes no release.
  const board = lab.board({ images: { debug: folder }, twin: false })
  const bench = lab.file(
    `${line}.yaml`,
    JSON.stringify({ name: 'e2e', trust: [{ key: 'ci.pem', lines: LINES }], boards: { 'nuc-1': board } }),
  )
  return lab.mustEnd(lab.startRun(bench, ['--feature', 'image', '--feature', 'quick']), exitCode)
}

function statement(digest: string, line: string): string {
  const target = { repository: 'https://github.com/tiiuae/ghaf', ref: sha256(Buffer.from(line)).slice(0, 40) }
  const predicate = {
    buildDefinition: { externalParameters: { target, job: line } },
    runDetails: { builder: { id: 'https://ci.example/' } },
  }
  const subject = [{ name: 'tiny.raw.zst', digest: { sha256: digest } }]
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate,
  })
}
