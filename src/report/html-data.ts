import type { Cell, ImageFacts, RunMatrix } from '../model/cell.ts'
import type { ConsoleSlice, TestResult } from '../model/event.ts'
import type { Feature } from '../model/feature.ts'
import { Chunks } from './html-chunks.ts'
import type { RunLinks } from './html.ts'
import { visible } from './html-text.ts'
import type { PageBoard, PageCell, PageData, PageImage, PageTest, Problem } from './page-data.ts'
import { cellProblem, testProblem, tryAgain } from './problem.ts'
import { plainTitle, rowsOf } from './words.ts'

const MAX_REASON_CHARS = 2000
/** What most needs reading gets its evidence into the page first. */
const ORDER = ['fail', 'error', 'miss', 'pass', 'skip']

/** A run as its page's script gets it: the cells at once, what each test did and left in chunks. */
export interface RunData {
  readonly head: Omit<PageData, 'cells'>
  /** Made one by one as they are asked for: of a large run nobody needs all of them in memory. */
  readonly cells: Iterable<PageCell>
  readonly chunks: Chunks
}

export function pageData(matrix: RunMatrix, features: readonly Feature[], links: RunLinks): RunData {
  const rows = rowsOf(matrix)
  const titles = new Map(features.map(({ id }) => [id, plainTitle(id, features)]))
  const chunks = new Chunks(links.files)
  const context: Context = {
    matrix,
    chunks,
    rows: new Map(rows.map((id, index) => [id, index])),
    boards: new Map(matrix.boards.map(({ board }, index) => [board, index])),
    recordedFrom: new Map(matrix.boards.map(({ board, recordedFrom = 0 }) => [board, recordedFrom])),
    images: new Images(matrix.cells),
    chunkOf: chunksByNeed(matrix, chunks),
  }
  const head = {
    run: visible(matrix.run),
    features: rows.map(id => ({ id: visible(id), title: visible(titles.get(id) ?? id) })),
    boards: matrix.boards.map(board => pageBoard(board, links, chunks, Date.parse(matrix.startedAt))),
    images: context.images.list,
  }
  return { head, cells: pageCells(context), chunks }
}

function* pageCells(context: Context): Generator<PageCell> {
  for (const cell of context.matrix.cells) yield pageCell(cell, context)
}

interface Context {
  readonly matrix: RunMatrix
  readonly chunks: Chunks
  readonly rows: ReadonlyMap<string, number>
  readonly boards: ReadonlyMap<string, number>
  readonly recordedFrom: ReadonlyMap<string, number>
  readonly images: Images
  readonly chunkOf: ReadonlyMap<TestResult, number>
}

function chunksByNeed({ cells }: RunMatrix, chunks: Chunks): Map<TestResult, number> {
  const telling = cells.flatMap(({ board, tests }) =>
    tests.filter(test => chunks.mayTell(test)).map(test => ({ board, test })),
  )
  const byVerdict = Map.groupBy(telling, ({ test }) => test.verdict)
  const found = new Map<TestResult, number>()
  for (const verdict of ORDER)
    for (const { board, test } of byVerdict.get(verdict as TestResult['verdict']) ?? []) {
      const chunk = chunks.ofTest(board, test)
      if (chunk !== undefined) found.set(test, chunk)
    }
  return found
}

function pageBoard(board: RunMatrix['boards'][number], links: RunLinks, chunks: Chunks, startMs: number): PageBoard {
  const booting = board.stages.filter(({ stage }) => stage === 'boot' || stage === 'login')
  const [first] = booting
  const last = booting.at(-1)
  const boot =
    first && last && chunks.ofBoot(board.board, startMs + first.fromMs, startMs + last.fromMs + last.durationMs)
  const recording = links.consoles?.[board.board]
  return {
    name: visible(board.board),
    type: visible(board.type),
    twin: board.twin,
    flash: board.flash,
    hostKey: board.hostKey,
    ...(recording !== undefined && { recording }),
    ...(boot !== undefined && { boot }),
  }
}

function pageCell(cell: Cell, context: Context): PageCell {
  const problem = cellProblem(cell)
  const blame = cell.fault?.code.split('/')[0] ?? cell.blame
  return {
    feature: context.rows.get(cell.feature) ?? 0,
    board: context.boards.get(cell.board) ?? 0,
    image: context.images.indexOf(cell),
    verdict: cell.verdict,
    ...(blame !== undefined && { blame }),
    ...(problem && { problem: shown(problem), again: visible(tryAgain(cell, context.matrix)) }),
    ...(cell.blockedBy !== undefined && { blockedBy: visible(cell.blockedBy) }),
    ...(cell.reason !== undefined && { reason: clipped(cell.reason) }),
    tests: cell.tests.map(test => pageTest(test, context, context.recordedFrom.get(cell.board) ?? 0)),
  }
}

function pageTest(test: TestResult, context: Context, recordedFrom: number): PageTest {
  const { title, verdict, durationMs, attempt, reason, consoleLines, slice } = test
  const problem = testProblem(test)
  const chunk = context.chunkOf.get(test)
  return {
    title: visible(title),
    verdict,
    durationMs,
    ...(attempt > 0 && { attempt }),
    ...(problem && { problem: shown(problem) }),
    ...(reason !== undefined && { reason: clipped(reason) }),
    ...(consoleLines?.length && { lines: consoleLines.map(visible) }),
    ...(slice && { bytes: bytesOf(slice, recordedFrom) }),
    ...(chunk !== undefined && { chunk }),
  }
}

function bytesOf({ from, to }: ConsoleSlice, recordedFrom: number): [number, number] {
  return [from - recordedFrom, to - recordedFrom]
}

function shown({ code, whose, expected, seen, next, evidence }: Problem): Problem {
  return {
    code,
    whose,
    expected: clipped(expected),
    seen: clipped(seen),
    next: clipped(next),
    evidence: evidence.map(visible),
  }
}

function clipped(text: string): string {
  return visible(text.length > MAX_REASON_CHARS ? `${text.slice(0, MAX_REASON_CHARS)}…` : text)
}

/** The images of a run, each once. */
class Images {
  readonly list: PageImage[] = []
  readonly #indexes = new Map<string, number>()

  constructor(cells: readonly Cell[]) {
    for (const cell of cells) this.indexOf(cell)
  }

  indexOf({ imageSha256, imageName, commit, variant, line }: ImageFacts): number {
    const key = `${imageSha256}\n${variant}`
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    const text = (value: string | null): string | null => value && visible(value)
    this.list.push({ sha256: imageSha256, name: text(imageName), commit: text(commit), variant, line: text(line) })
    this.#indexes.set(key, this.list.length - 1)
    return this.list.length - 1
  }
}
