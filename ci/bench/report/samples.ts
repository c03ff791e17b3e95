import { closeSync, openSync, writeSync } from 'node:fs'
import type { Evidence } from '../../../src/model/cell.ts'
import { formatEvidence } from '../../../src/model/evidence.ts'
import type { NewEvent, TestResult } from '../../../src/model/event.ts'
import type { Feature } from '../../../src/model/feature.ts'
import type { Image } from '../../../src/model/image.ts'
import { loadFeatures } from '../../../src/run/catalog.ts'

const TYPES = ['orin', 'nuc', 'x1', 'imx8mp']
const START_MS = Date.UTC(2026, 5, 1)
const BATCH = 10_000

/** Lines of evidence as years of runs would leave them if none were ever dropped: every row, 40 boards, twins, 8 % fails. */
export function writeEvidence(path: string, lines: number): void {
  const features = loadFeatures()
  inBatches(path, lines, (from, to) => {
    const batch = Array.from({ length: to - from }, (_, k) => evidenceLine(from + k, features))
    return formatEvidence(batch)
  })
}

function evidenceLine(n: number, features: readonly Feature[]): Evidence {
  const board = Math.floor(n / features.length) % 40
  const build = Math.floor(n / (features.length * 40))
  const type = TYPES[board % TYPES.length]!
  const fails = hash(n) % 100 < 8
  return {
    feature: features[n % features.length]!.id,
    type,
    board: `${type}-${board}`,
    twin: board % 5 === 0,
    verdict: fails ? 'fail' : 'pass',
    at: new Date(START_MS + build * 3_600_000 + board * 60_000).toISOString(),
    run: `20260601-${String(build).padStart(6, '0')}-${hex(build, 4)}`,
    imageSha256: hex(build * 4 + (board % 4), 64),
    commit: hex(build, 40),
    line: n % 10 === 0 ? null : 'main',
    variant: 'debug',
    slice: { from: n * 700, to: n * 700 + 5000 },
    ...(fails && {
      why: 'answers ping from the host: product/no-guest: no route to host, 60 times; the unit is active',
    }),
  }
}

/** The log of a run with so many tests: every row on 40 boards, 3 % fails with their console lines, 1 % errors, 2 % skips. */
export function writeRunLog(path: string, tests: number): void {
  const features = loadFeatures()
  const boards = Array.from({ length: 40 }, (_, n) => `${TYPES[n % TYPES.length]!}-${n}`)
  let atMs = START_MS
  const line = (event: NewEvent): string => {
    atMs += 20
    return `${JSON.stringify({ at: new Date(atMs).toISOString(), ...event })}\n`
  }
  const begin = [
    line(started(boards, features)),
    ...boards.flatMap(board => [
      line({ type: 'stage', board, stage: 'flash', state: 'begin' }),
      line({ type: 'stage', board, stage: 'flash', state: 'end' }),
      line({ type: 'stage', board, stage: 'test', state: 'begin' }),
    ]),
  ]
  inBatches(path, tests, (from, to) => {
    const batch = Array.from({ length: to - from }, (_, k) => {
      const n = from + k
      // As boards work side by side: one test of each after the other, rows in order.
      const board = boards[n % boards.length]!
      const turn = Math.floor(n / boards.length)
      const perFeature = Math.max(1, Math.ceil(tests / boards.length / features.length))
      const feature = features[Math.floor(turn / perFeature) % features.length]!.id
      return line({ type: 'test', board, result: testResult(n, feature) })
    })
    const end = to === tests ? [line({ type: 'run-ended', exitCode: 1, durationMs: atMs - START_MS })] : []
    return [...(from === 0 ? begin : []), ...batch, ...end].join('')
  })
}

function started(boards: readonly string[], features: readonly Feature[]): NewEvent {
  return {
    type: 'run-started',
    run: '20260601-000000-0000',
    version: '0.1.0',
    command: ['hil', 'run', '--device', 'all'],
    bench: 'large',
    boards: boards.map((board, n) => ({
      board,
      type: board.slice(0, board.indexOf('-')),
      twin: n % 5 === 0,
      image: IMAGE,
      features: features.map(({ id }) => id),
    })),
    left: [],
  }
}

const IMAGE: Image = {
  path: 'images/ghaf.raw.zst',
  variant: 'debug',
  format: 'zst',
  sha256: '9f2c4b1e'.repeat(8),
  sizeBytes: 1_812_331_520,
  commit: '6b1f0c2d9a7e4835bb20cf1d44e0a9d3c7f81e65',
}

function testResult(n: number, feature: string): TestResult {
  const chance = hash(n) % 100
  const common = { feature, title: `check ${n} of what is promised holds`, durationMs: hash(n) % 5000, attempt: 0 }
  const slice = { from: n * 700, to: n * 700 + 5000 }
  if (chance < 3) return { ...common, verdict: 'fail', blame: 'product', slice, fault: FAULT, consoleLines: LINES }
  if (chance < 4) return { ...common, verdict: 'error', blame: 'infrastructure', slice, fault: LOST }
  if (chance < 6) return { ...common, verdict: 'skip', reason: 'this image has no such guest' }
  return { ...common, verdict: 'pass', slice }
}

const FAULT = {
  code: 'product/no-guest',
  expected: 'net-vm to answer on 192.168.100.1 within 60 s of microvm@net-vm.service being active',
  seen: 'no route to host, 60 times; the unit is active since 84 s',
  next: 'the guest VM does not answer; see its unit on the host',
  evidence: ['● microvm@net-vm.service - MicroVM net-vm', '     Active: active (running) since 08:01:12 UTC; 84s ago'],
} as const

const LOST = {
  code: 'infrastructure/ssh-lost',
  expected: 'the connection to stay',
  seen: 'it was reset',
  next: 'check network and power of the board',
  evidence: [],
} as const

const LINES = Array.from(
  { length: 20 },
  (_, n) => `[   8${n}.220113] vfio-pci 0000:00:14.3: enabling device <${n}> & more`,
)

/** Scattered and the same each time. Source: the finaliser of MurmurHash3. */
function hash(n: number): number {
  let h = n + 1
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function hex(n: number, digits: number): string {
  return hash(n).toString(16).padStart(8, '0').repeat(8).slice(0, digits)
}

function inBatches(path: string, count: number, text: (from: number, to: number) => string): void {
  const fd = openSync(path, 'w')
  try {
    for (let from = 0; from < count; from += BATCH) writeSync(fd, text(from, Math.min(count, from + BATCH)))
  } finally {
    closeSync(fd)
  }
}
