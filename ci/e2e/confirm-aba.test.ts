import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readYaml } from '../../src/base/schema.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { fold } from '../../src/model/fold.ts'
import { ROOT, story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { of } from './verdicts.ts'

// What failed is run with the golden image, with the image again, and on another board: whose it is, is then said.

const { features } = readYaml(`${ROOT}ci/e2e/suites/features.yaml`, FeatureFile, 'configuration/usage').data

/** Two boards of the type with the golden image of both, and a run of the first one with another image. */
async function compared(lab: Lab, image: string, rows: string[], exitCode: number, memoryMiB = 256): Promise<Ended> {
  lab.confirms = true
  const second = lab.power({ sshPort: lab.port + 1, memoryMiB: 512 })
  const shell = { driver: 'ssh', host: '127.0.0.1', port: lab.port + 1, route: 'direct' }
  const nucs = { 'nuc-1': lab.board({ power: lab.power({ memoryMiB }) }), 'nuc-2': lab.board({ power: second, shell }) }
  const bench = lab.bench(nucs)
  const set = await lab.start(['golden', 'set', 'nuc', '--image', imageOf('tiny-amd64'), '--bench', bench]).ended
  assert.equal(set.exitCode, 0, story(set))
  const words = rows.flatMap(row => ['--feature', row])
  return lab.mustEnd(lab.startRun(bench, ['--confirm', 'aba', '--image', image, ...words]), exitCode)
}

function cells({ events }: Ended): string[] {
  return fold(events, features).cells.map(
    ({ board, feature, verdict, attribution }) =>
      `${board} ${feature}: ${verdict}${attribution ? `, ${attribution.is}` : ''}`,
  )
}

function tried({ events }: Ended): string[] {
  const results = of(events, 'compared').map(({ result }) => `${result.feature}: ${result.verdict}`)
  return results.sort()
}

test(
  'what only the image does is the product’s; what every image does on every board is the test’s, and no green',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    const ended = await compared(lab, imageOf('tiny-amd64', 'hil.word'), ['word', 'broken'], 1)
    assert.deepEqual(tried(ended), ['broken: fail', 'word: pass'])
    assert.deepEqual(cells(ended), [
      'nuc-1 broken: fail, test',
      'nuc-1 word: fail, product',
      'nuc-2 broken: fail',
      'nuc-2 word: fail',
    ])
    assert.deepEqual(
      of(ended.events, 'booted').filter(({ board }) => board === 'nuc-1').length,
      1,
      'other boots are not told as the image’s',
    )
    const run = of(ended.events, 'run-started')[0]!.run
    assert.match(
      readFileSync(join(lab.reportDir, run, 'report.html'), 'utf8'),
      /<dt>Whose<\/dt><dd>product: the golden image passes it/,
    )
    const explained = await lab.start(['explain', 'word', '--report-dir', lab.reportDir]).ended
    assert.match(
      explained.stdout,
      /whose, as compared on nuc-1: product, the golden image passes it on this board, the image fails it before and after/,
    )
  },
)

test(
  'what every image does on one board only is the board’s: an error, and not the product’s exit',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    const ended = await compared(lab, imageOf('tiny-amd64', 'loglevel=5'), ['memory'], 3)
    assert.deepEqual(tried(ended), ['memory: fail'])
    assert.deepEqual(cells(ended), ['nuc-1 memory: error, board', 'nuc-2 memory: pass'])
  },
)
