import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { shortPath } from '../../base/paths.ts'
import { exitCodeOf } from '../../model/verdict.ts'
import { gateJson } from '../../report/release/gate-json.ts'
import { gateText } from '../../report/release/gate-text.ts'
import { releaseMarkdown } from '../../report/release/markdown.ts'
import { releasePage } from '../../report/release/page.ts'
import { summarySentence } from '../../report/release/words.ts'
import { ROOT } from '../../run/catalog.ts'
import { askedReport, type ReleaseOptions } from '../release/question.ts'

export interface ReportOptions extends ReleaseOptions {
  out?: string
  json?: boolean
}

/** `hil release report`: a release's status as Markdown and as one HTML file. The same input and time give the same bytes. */
export function report(options: ReportOptions, nowMs: number): void {
  const asked = askedReport(options, nowMs)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(asked, null, 2)}\n`)
    return
  }
  const folder = options.out ?? `${ROOT}reports/releases/${folderName(options.to)}`
  const files = { 'status.md': releaseMarkdown(asked), 'status.html': releasePage(asked) }
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  } catch (cause) {
    throw new Fault('configuration/usage', {
      expected: `a folder ${folder} to write to`,
      seen: (cause as Error).message,
      cause,
    })
  }
  process.stdout.write(`${summarySentence(asked)}\n`)
  for (const text of [...asked.doubts, ...asked.missing]) process.stdout.write(`note: ${text}\n`)
  for (const name of Object.keys(files)) process.stdout.write(`${shortPath(join(folder, name))}\n`)
}

export interface GateOptions extends ReleaseOptions {
  json?: boolean
}

/** `hil release gate`: exits 0 when nothing stands in the way of a release; 1 when the product is broken, 5 when tests did not say. */
export function gate(options: GateOptions, nowMs: number): void {
  const asked = askedReport(options, nowMs)
  const { gate } = asked
  if (options.json) process.stdout.write(`${JSON.stringify(gateJson(asked), null, 2)}\n`)
  else process.stdout.write(gateText(asked))
  process.exitCode = exitCodeOf(gate.open.map(({ kind }) => (kind === 'broken' ? 'product' : 'test')))
}

/** A line may be named like a branch. */
function folderName(line: string): string {
  return line.replaceAll(/[^A-Za-z0-9._-]+/g, '-')
}
