import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Who may import whom. A folder is allowed whole; a file by its path. `ARCHITECTURE.md` says why; a need for an
 * arrow that is not here is a need to talk about the design first.
 */
const LAW: Record<string, readonly string[]> = {
  'src/base': [],
  'src/model': ['src/base'],
  'src/image': ['src/base', 'src/model'],
  'src/controls': ['src/base', 'src/model'],
  'src/boot': ['src/base', 'src/model', 'src/controls'],
  'src/drivers': ['src/base', 'src/model', 'src/image', 'src/controls', 'src/sim/lab'],
  'src/bench': ['src/base', 'src/model', 'src/controls', 'src/boot'],
  'src/agent': ['src/base', 'src/model', 'src/controls', 'src/bench'],
  'src/report': ['src/base', 'src/model'],
  'src/store': ['src/base', 'src/model'],
  // A run hosts an agent, so it reads the bench file and names a lock's holder; it never touches a board itself.
  'src/run': [
    'src/base',
    'src/model',
    'src/image',
    'src/agent',
    'src/report',
    'src/bench/load.ts',
    'src/bench/lock.ts',
    // How the ladder is walked; what is done on a rung is handed in.
    'src/bench/climb.ts',
    // Files that were written; not the board.
    'src/bench/golden.ts',
    'src/bench/recording/index-line.ts',
    'src/bench/recording/segment-files.ts',
  ],
  // Simulated boards and equipment: what the drivers called `sim` drive.
  'src/sim/lab': ['src/base', 'src/model', 'src/controls'],
  // It runs all of the program, in a world that it makes.
  'src/sim': [
    'src/base',
    'src/model',
    'src/agent',
    'src/run',
    'src/sim/lab',
    'src/bench/load.ts',
    'src/bench/lock.ts',
    'src/bench/recording/append-file.ts',
    'src/bench/recording/index-line.ts',
  ],
  'src/cli': [
    'src/base',
    'src/model',
    'src/image',
    'src/agent',
    'src/report',
    'src/run',
    'src/sim',
    'src/store',
    'src/bench/load.ts',
    'src/bench/lock.ts',
    // Files that were written, for reading and for tidying away; not the board.
    'src/bench/golden.ts',
    'src/bench/recording/reader.ts',
    'src/bench/recording/old-segments.ts',
  ],
  fixtures: ['src/base', 'src/model', 'src/controls/console.ts', 'src/agent/client.ts', 'src/agent/router.ts'],
  suites: ['fixtures'],
  // What board types share is beside them: in their folder every file is a type.
  'devices/boards': ['src/model', 'devices/guests.ts'],
  'devices/guests.ts': [],
}

/** The one home of each third-party package: to replace the package is to replace that. zod is the language of all schemas. */
const HOMES: Record<string, readonly string[]> = {
  '@eslint-community/regexpp': ['src/bench/expect'],
  '@observablehq/plot': ['src/report/release/chart.ts'],
  '@playwright/test': ['fixtures', 'suites/playwright.config.ts'],
  '@trpc/client': ['src/agent'],
  '@trpc/server': ['src/agent', 'fixtures/session.ts'],
  commander: ['src/cli'],
  'fast-check': ['**.test.ts'],
  'junit-report-builder': ['src/report/junit.ts'],
  linkedom: ['src/report/release/chart.ts'],
  'lit-html': ['src/report/browser', 'src/report/html-assets.ts'],
  'log-update': ['src/cli/progress.ts'],
  'mdast-util-from-markdown': ['src/report/page-edit/tables.ts'],
  'mdast-util-gfm-table': ['src/report/page-edit/tables.ts'],
  'mdast-util-to-string': ['src/report/page-edit/tables.ts'],
  'micromark-extension-gfm-table': ['src/report/page-edit/tables.ts'],
  'p-retry': ['src/base/retry.ts'],
  pino: ['src/base/log.ts'],
  serialport: ['src/drivers/console'],
  ssh2: ['src/drivers/shell'],
  ws: ['src/agent'],
  yaml: ['src/base/schema.ts'],
  zod: ['src', 'devices'],
}

const MAX_LINES = 400

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter(path => existsSync(join(ROOT, path)))

const product = files.filter(path => !path.startsWith('ci/'))

test('imports run one way', () => {
  const broken = product.flatMap(path => {
    const room = roomOf(path)
    if (!room || isTest(path)) return []
    return importsOf(path)
      .filter(target => target.startsWith('.'))
      .map(target => relative(ROOT, join(ROOT, dirname(path), target)))
      .filter(target => roomOf(target) !== room && !within(target, LAW[room]!))
      .map(target => `${path} imports ${target}: ${room} may import ${LAW[room]!.join(', ') || 'nothing of ours'}`)
  })
  assert.deepEqual(broken, [])
})

test('drivers do not know one another', () => {
  const broken = files
    .filter(path => path.startsWith('src/drivers/') && !isTest(path))
    .flatMap(path =>
      importsOf(path)
        .filter(target => target.startsWith('.'))
        .map(target => relative(ROOT, join(ROOT, dirname(path), target)))
        .filter(target => target.startsWith('src/drivers/') && ![kindOf(path), sharedBy(path)].includes(kindOf(target)))
        .map(target => `${path} imports ${target}`),
    )
  assert.deepEqual(broken, [])
})

test('every package stays in its home', () => {
  const broken = product.flatMap(path =>
    importsOf(path)
      .filter(target => !target.startsWith('.') && !target.startsWith('node:'))
      .map(target =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter(name => !(HOMES[name] ?? []).some(home => (home === '**.test.ts' ? isTest(path) : within(path, [home]))))
      .map(
        name =>
          `${path} imports ${name}, whose home is ${HOMES[name]?.join(', ') ?? 'not in HOMES of src/tidy.test.ts'}`,
      ),
  )
  assert.deepEqual(broken, [])
})

test('files stay small enough to hold in mind', () => {
  const long = files
    .map(path => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
  assert.deepEqual(long, [])
})

test('every room of the tree has its law, and every law its room', () => {
  const rooms = new Set(product.flatMap(path => roomOf(path) ?? []))
  assert.deepEqual([...rooms].sort(), Object.keys(LAW).sort())
  const homeless = product.filter(path => !roomOf(path) && path !== 'src/tidy.test.ts')
  assert.deepEqual(homeless, [])
})

/** The folder of the law a file is in. */
function roomOf(path: string): string | undefined {
  return Object.keys(LAW).find(room => within(path, [room]))
}

/** `src/drivers/console/serial/port.ts` → `console/serial`. */
function kindOf(path: string): string {
  const [, , control = '', name = ''] = path.split('/')
  return `${control}/${name.replace(/\.ts$/, '')}`
}

/** What the drivers of one control have in common. */
function sharedBy(path: string): string {
  return `${path.split('/')[2]}/shared`
}

function within(path: string, places: readonly string[]): boolean {
  return places.some(place => path === place || path.startsWith(`${place}/`))
}

function isTest(path: string): boolean {
  return /\.test\.ts$|test-kit|fold-sample|lock-holder/.test(path)
}

/** Static and dynamic imports and re-exports. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return [...text.matchAll(/(?:^|\n)(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g)].map(
    match => (match[1] ?? match[2])!,
  )
}
