import { holderOf, describeHolder } from '../../bench/lock.ts'
import { loadBench } from '../../bench/load.ts'
import { missingFor } from '../../run/plan.ts'
import { lastFlash, unflashedSince } from '../../run/last-flash.ts'
import { table } from '../table.ts'

/** `hil boards`: what there is, who holds it, what is on it, what this host lacks for it. */
export async function boards(options: { bench: string; json?: boolean }): Promise<void> {
  const bench = await loadBench(options.bench)
  const rows = await Promise.all(
    bench.boards.map(async board => {
      const [holder, missing] = await Promise.all([holderOf(board.bench, board.name), missingFor(board)])
      const image = lastFlash(board.stateDir)?.image ?? null
      return {
        board: board.name,
        type: board.type.name,
        title: board.type.title,
        twin: board.spec.twin,
        state: holder ? 'held' : missing === undefined ? 'free' : 'unusable',
        holder: holder ?? null,
        missing: missing ?? null,
        unflashedSince: unflashedSince(board.stateDir),
        image: image && { name: image.name ?? null, sha256: image.sha256, version: image.version ?? null },
        note: board.spec.note ?? null,
      }
    }),
  )
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ bench: bench.name, boards: rows }, null, 2)}\n`)
    return
  }
  const lines = rows.map(row => [
    row.board,
    row.twin ? `${row.type} (twin)` : row.type,
    row.state,
    row.unflashedSince === null ? (row.image?.name ?? '—') : 'none: its last flash did not end',
    row.holder ? describeHolder(row.holder) : (row.missing ?? row.note ?? row.title),
  ])
  process.stdout.write(table(['BOARD', 'TYPE', 'STATE', 'LAST IMAGE', ''], lines))
}
