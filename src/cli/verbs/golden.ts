import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { answered } from '../../agent/client.ts'
import { agentOf } from '../../agent/host.ts'
import { Fault } from '../../base/fault.ts'
import { linesOfFile } from '../../base/lines.ts'
import { shortPath } from '../../base/paths.ts'
import { systemClock } from '../../base/time.ts'
import { goldenFolder, goldenImages, keepGolden } from '../../bench/golden.ts'
import { loadBench, type Bench } from '../../bench/load.ts'
import { dropImages, keepImage } from '../../image/keep.ts'
import { NameLock } from '../../image/name-lock.ts'
import { obtainImage } from '../../image/obtain.ts'
import { fold, parseEvents } from '../../model/fold.ts'
import { byReason, goldenOf, promotable, type GoldenImage } from '../../model/golden.ts'
import type { Image } from '../../model/image.ts'
import { humanTime, short } from '../../report/words.ts'
import { bootRecord } from '../../run/boot-record.ts'
import { imageMeans, misfit } from '../../run/images.ts'
import { agentFor } from '../agent-for.ts'
import { openHistory, type History } from '../history.ts'
import { imagesOf, keysNamed } from '../images.ts'
import { openTransfer } from '../progress-transfer.ts'
import { table } from '../table.ts'

interface GoldenOptions {
  readonly bench: string
  readonly json?: boolean
}

/** `hil golden set`: names an image as known to be good for a board or a board type, and keeps a copy of it. */
export async function set(
  of: string,
  options: GoldenOptions & { image: string[]; trustKey: string[] },
  signal: AbortSignal,
): Promise<void> {
  const bench = await loadBench(options.bench)
  mustName(bench, of)
  const named = imagesOf(options.image)
  const variant = named.debug === undefined ? 'release' : 'debug'
  const reference = named[variant]
  if (reference === undefined || Object.keys(named).length > 1)
    throw new Fault('configuration/usage', {
      expected: 'one --image',
      seen: options.image.length === 0 ? 'none' : `--image ${options.image.join(' --image ')}`,
    })
  using transfer = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const trust = [...bench.trust, ...keysNamed(options.trustKey)]
  const { download: progress, note } = transfer
  const means = imageMeans(trust, { clock: systemClock, signal, progress, note })
  const { image } = await obtainImage(reference, variant, means)
  transfer[Symbol.dispose]()
  await keep(bench, { of, image }, options, signal)
  tellUnseen(bench, image, await benchDirOf(bench, options, signal))
}

/** An image that booted on none of the boards it is to judge may be of another machine: that is told before it judges. */
function tellUnseen(bench: Bench, { sha256 }: Image, benchDir: string): void {
  const goldens = goldenImages(benchDir)
  const judged = bench.boards.filter(board => goldenOf(goldens, board)?.image.sha256 === sha256).map(({ name }) => name)
  if (judged.length === 0 || judged.some(name => bootRecord(join(benchDir, name)).boots[sha256])) return
  process.stderr.write(
    `hil: no boot of it on ${judged.join(' or ')} is on record; this tries it: hil health ${judged[0]}\n`,
  )
}

/** `hil golden promote`: makes what a run found to be good on `main` the golden image, or says why not. */
export async function promote(
  run: string | undefined,
  options: GoldenOptions & { device?: string; reportDir?: string },
  signal: AbortSignal,
): Promise<void> {
  const bench = await loadBench(options.bench)
  if (options.device !== undefined) mustName(bench, options.device)
  using history = openHistory(options.reportDir)
  const runs = run === undefined ? history.store.runs({ limit: MAX_LOOKED_AT }).map(({ run }) => run) : [run]
  const refused: { run: string; why: string }[] = []
  for (const name of runs) {
    const found = goodOf(name, bench, history, options.device)
    if (found.goldens.length === 0) {
      refused.push(...found.refused.map(why => ({ run: name, why })))
      continue
    }
    for (const { of, image } of found.goldens) await keep(bench, { of, image, run: name }, options, signal)
    return
  }
  throw new Fault('configuration/golden', {
    expected: run === undefined ? `a good run of main on bench ${bench.name}` : `run ${run} to be a good one of main`,
    seen: refused.length === 0 ? 'no run of it' : 'one that is not',
    evidence: byReason(refused),
  })
}

const MAX_LOOKED_AT = 50

/** `hil golden list`. */
export async function list(options: GoldenOptions, signal: AbortSignal): Promise<void> {
  const bench = await loadBench(options.bench)
  const goldens = goldenImages(await benchDirOf(bench, options, signal)).map(golden => ({
    ...golden,
    isThere: existsSync(golden.image.path),
  }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(goldens, null, 2)}\n`)
    return
  }
  if (goldens.length === 0) {
    process.stderr.write(`bench ${bench.name} has no golden image: hil golden set, or hil golden promote\n`)
    return
  }
  const lines = goldens.map(({ of, image, since, run, isThere }) => [
    of,
    image.name ?? '—',
    short(image.sha256),
    short(image.commit),
    humanTime(since),
    run ?? 'by hand',
    isThere ? '' : 'its files are gone: set it again',
  ])
  process.stdout.write(table(['OF', 'IMAGE', 'DIGEST', 'COMMIT', 'SINCE', 'FROM', ''], lines))
}

/** What may become golden of a run, by board type, or by the board somebody named; and why the rest may not. */
function goodOf(name: string, bench: Bench, history: History, device: string | undefined) {
  const path = join(history.runsFolder, name, 'run.jsonl')
  if (!existsSync(path))
    throw new Fault('configuration/run-log', {
      expected: `a run ${name} in ${shortPath(history.runsFolder)}`,
      seen: 'none',
    })
  const events = parseEvents(linesOfFile(path), path)
  const matrix = fold(events, history.features)
  const refused: string[] = []
  const goldens = new Map<string, { of: string; image: Image }>()
  if (matrix.bench !== bench.name) refused.push(`it ran on bench ${matrix.bench}, not ${bench.name}`)
  for (const { board, type } of matrix.bench === bench.name ? matrix.boards : []) {
    if (device !== undefined && ![board, type].includes(device)) continue
    const of = device === board ? board : type
    const found = promotable(matrix, events, board)
    if ('refused' in found) refused.push(...found.refused.map(why => `${board}: ${why}`))
    else if ((goldens.get(of)?.image ?? found.image).sha256 !== found.image.sha256)
      refused.push(`${board}: boards of type ${type} ran different images: name a board with --device`)
    else goldens.set(of, { of, image: found.image })
  }
  if (device !== undefined && goldens.size + refused.length === 0) refused.push(`it did not run on ${device}`)
  // One board that is not good makes none of the run so.
  return { refused, goldens: refused.length > 0 ? [] : [...goldens.values()] }
}

async function keep(
  bench: Bench,
  { of, image, run }: Pick<GoldenImage, 'of' | 'image' | 'run'>,
  options: GoldenOptions,
  signal: AbortSignal,
): Promise<void> {
  mustName(bench, of)
  for (const board of bench.boards.filter(({ name, type }) => [name, type.name].includes(of))) {
    const unfit = misfit(board, image)
    if (unfit) throw unfit
  }
  const benchDir = await benchDirOf(bench, options, signal)
  await using _alone = await NameLock.take(`golden/${bench.name}`, signal)
  const folder = goldenFolder(benchDir)
  const kept = await keepImage(image, folder, signal)
  const since = new Date(systemClock.nowMs()).toISOString()
  keepGolden(benchDir, { of, image: kept, since, ...(run !== undefined && { run }) })
  const named = new Set(goldenImages(benchDir).map(({ image }) => image.sha256))
  await dropImages(folder, named, systemClock.nowMs())
  if (options.json) process.stdout.write(`${JSON.stringify({ of, since, image: kept, run: run ?? null })}\n`)
  else
    process.stdout.write(
      `golden image of ${of}: ${kept.name ?? 'image'} ${short(kept.sha256)}, kept in ${shortPath(folder)}\n`,
    )
}

/** Where the state of a bench's boards is: its agent may have another folder than this user. */
async function benchDirOf(bench: Bench, options: GoldenOptions, signal: AbortSignal): Promise<string> {
  const here = dirname(bench.boards[0]!.stateDir)
  if ((await agentOf(bench.name, systemClock, signal)) === undefined) return here
  using client = await agentFor(options, signal)
  const { boards } = await answered(client.api.leaseBook.query())
  const there = boards.find(({ stateDir }) => stateDir !== null)?.stateDir
  return there == null ? here : dirname(there)
}

/** A twin does not boot what its hardware does: of a type that a bench has both of, each board has its own. */
function mustName(bench: Bench, of: string): void {
  const boards = bench.boards.filter(({ name, type }) => [name, type.name].includes(of))
  const isMixed = new Set(boards.map(({ spec }) => spec.twin)).size > 1
  if (boards.length > 0 && !isMixed) return
  throw new Fault('configuration/unknown-board', {
    expected: `a board or a board type of bench ${bench.name}`,
    seen: isMixed ? `${of}, of which there are boards and twins: name each board` : of,
    evidence: bench.boards.map(({ name, type }) => `${name} (${type.name})`),
  })
}
