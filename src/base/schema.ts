import { readFileSync } from 'node:fs'
import { isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import { Fault } from './fault.ts'
import { shortPath } from './paths.ts'
import type { FaultCode } from './fault-codes.ts'

/** One thing wrong in a file, at a line. */
export interface Complaint {
  readonly where: string
  readonly message: string
}

/** A YAML file that was read and found valid, and a way to point at where something in it stands. */
export interface SourceFile<T> {
  readonly path: string
  readonly data: T
  /** `file:line` of the value at `path`, or of the nearest one above it. */
  at(path: readonly PropertyKey[]): string
}

/** A YAML file whose form is yet to be checked. */
export interface PlainFile extends SourceFile<unknown> {
  /** Keys that stand twice in one mapping: only the first of each is in `data`. */
  readonly twice: readonly Complaint[]
}

/** Reads a YAML file against a schema. Errors: one fault that names every complaint with file:line. */
export function readYaml<T>(file: string, schema: z.ZodType<T>, code: FaultCode): SourceFile<T> {
  const { data, at, twice } = readPlainYaml(file, code)
  const result = schema.safeParse(data)
  const complaints = [...twice, ...(result.success ? [] : complaintsOf(result.error, at))]
  if (!result.success || complaints.length > 0) throw complain(code, shortPath(file), complaints)
  return { path: file, data: result.data, at }
}

/** Reads a YAML file whose form is yet to be checked. Errors: a file that cannot be read or is no YAML. */
export function readPlainYaml(file: string, code: FaultCode): PlainFile {
  const path = shortPath(file)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Fault(code, { expected: `a readable file ${path}`, seen: (cause as Error).message, cause })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const at = (keys: readonly PropertyKey[]): string => `${path}:${lineOf(document, lines, keys)}`
  const broken = document.errors.map(e => ({ where: `${path}:${lines.linePos(e.pos[0]).line}`, message: e.message }))
  if (broken.length > 0) throw complain(code, path, broken)
  const twice = withoutTwins(document).map(({ key, start }) => ({
    where: `${path}:${lines.linePos(start).line}`,
    message: `'${key}' stands here a second time`,
  }))
  return { path: file, data: document.toJS() as unknown, at, twice }
}

/** Takes the second of two equal keys out of every mapping, and tells where they stood: the rest can still be checked. */
function withoutTwins(document: Document): { key: string; start: number }[] {
  const twins: { key: string; start: number }[] = []
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      map.items = map.items.filter(({ key }) => {
        if (!isScalar(key)) return true
        if (!seen.has(key.value)) return seen.add(key.value)
        twins.push({ key: String(key.value), start: key.range?.[0] ?? 0 })
        return false
      })
    },
  })
  return twins
}

/** The fault for a file with mistakes: all of them at once. */
export function complain(code: FaultCode, path: string, complaints: readonly Complaint[]): Fault {
  return new Fault(code, {
    expected: `a valid ${path}`,
    seen: `${complaints.length} mistake${complaints.length === 1 ? '' : 's'}`,
    evidence: complaints.map(c => `${c.where}: ${c.message}`),
  })
}

/** What a schema has to say against a file. */
export function complaintsOf(error: z.ZodError, at: (path: readonly PropertyKey[]) => string): Complaint[] {
  return error.issues.flatMap(issue => complaintsOfIssue(issue, at))
}

function complaintsOfIssue(issue: z.core.$ZodIssue, at: (path: readonly PropertyKey[]) => string): Complaint[] {
  const name = issue.path.map(String).join('.') || 'the file'
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({ where: at([...issue.path, key]), message: `${name}: unknown key '${key}'` }))
  return [{ where: at(issue.path), message: `${name}: ${issue.message}` }]
}

function lineOf(document: Document, lines: LineCounter, keys: readonly PropertyKey[]): number {
  for (let n = keys.length; n >= 0; n--) {
    const node = document.getIn(keys.slice(0, n), true) as Node | undefined
    const start = node?.range?.[0]
    if (start !== undefined) return lines.linePos(start).line
  }
  return 1
}
