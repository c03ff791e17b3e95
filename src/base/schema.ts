import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument, type Document, type Node } from 'yaml'
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

/** Reads a YAML file against a schema. Errors: one fault that names every complaint with file:line. */
export function readYaml<T>(file: string, schema: z.ZodType<T>, code: FaultCode): SourceFile<T> {
  const { data, at } = readPlainYaml(file, code)
  const result = schema.safeParse(data)
  if (!result.success) throw complain(code, shortPath(file), complaintsOf(result.error, at))
  return { path: file, data: result.data, at }
}

/** Reads a YAML file whose form is yet to be checked. Errors: a file that cannot be read or is no YAML. */
export function readPlainYaml(file: string, code: FaultCode): SourceFile<unknown> {
  const path = shortPath(file)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Fault(code, { expected: `a readable file ${path}`, seen: (cause as Error).message, cause })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (keys: readonly PropertyKey[]): string => `${path}:${lineOf(document, lines, keys)}`
  const broken = document.errors.map(e => ({ where: `${path}:${lines.linePos(e.pos[0]).line}`, message: e.message }))
  if (broken.length > 0) throw complain(code, path, broken)
  return { path: file, data: document.toJS() as unknown, at }
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
