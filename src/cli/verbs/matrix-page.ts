import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { count } from '../../base/text.ts'
import type { Evidence } from '../../model/cell.ts'
import { statusesOf, type StatusOptions } from '../../model/status.ts'
import { editPage, type PageEdit } from '../../report/page-edit.ts'
import { loadFeatures, loadLabels } from '../../run/catalog.ts'
import { newest } from '../../run/reports.ts'

export interface MatrixPageOptions {
  readonly page: string
  readonly evidence: readonly Evidence[]
  readonly asOf: string | undefined
  readonly status: StatusOptions
  readonly write: boolean
  readonly check: boolean
  readonly color: boolean
}

const NEVER = '1970-01-01T00:00:00.000Z'

/** `hil matrix --page`: the statuses of somebody's page, from the evidence kept. Errors: `configuration/page` for `--check`. */
export function matrixPage({ page: path, evidence, asOf, status, write, check, color }: MatrixPageOptions): void {
  const at = asOf ?? newest(evidence, status.issues ?? [], NEVER)
  const labels = loadLabels()
  const features = loadFeatures()
  const statuses = new Map(
    statusesOf(features, evidence, labels, at, status).map(({ status }, index) => [features[index]!, status]),
  )
  const edit = editPage(readPage(path), features, feature => statuses.get(feature)!)
  process.stdout.write(differences(path, edit, color))
  process.stderr.write(remarks(path, edit))
  if (write && edit.changes.length > 0) {
    writeFileSync(`${path}.new`, edit.page)
    renameSync(`${path}.new`, path)
  }
  const changed = count(edit.changes.length, 'status cell')
  process.stderr.write(`${path}: ${write ? `${changed} written` : `${changed} would change`}\n`)
  if (check && edit.changes.length > 0)
    throw new Fault('configuration/page', {
      expected: `${path} to say what the evidence gives`,
      seen: `${changed} that it does not`,
      evidence: edit.changes.map(
        ({ line, feature, from, to }) => `${path}:${line}: ${feature.title} ${from ?? '(none)'} → ${to}`,
      ),
    })
}

/** The changed lines as `diff -U0` has them, which `patch` takes. */
function differences(path: string, { changes }: PageEdit, color: boolean): string {
  if (changes.length === 0) return ''
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const hunks = changes.flatMap(({ line, before, after }) => [
    paint(36, `@@ -${line} +${line} @@`),
    paint(31, `-${before}`),
    paint(32, `+${after}`),
  ])
  return `${[`--- ${path}`, `+++ ${path}`, ...hunks].join('\n')}\n`
}

function remarks(path: string, { unclear, missing, untested, removed }: PageEdit): string {
  const lines = unclear.map(({ line, what }) => `${path}:${line}: left alone: ${what}`)
  for (const { line, feature } of removed)
    lines.push(`${path}:${line}: to be deleted: ${feature.id} was removed since ${feature.removed!.since}`)
  if (missing.length > 0) lines.push(`no row for: ${missing.map(({ id }) => id).join(', ')}`)
  if (untested.length > 0) lines.push(`no suite for: ${untested.map(({ id }) => id).join(', ')}`)
  return lines.map(line => `${line}\n`).join('')
}

function readPage(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('configuration/page', { expected: `a page ${path}`, seen: (cause as Error).message, cause })
  }
}
