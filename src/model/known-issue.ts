import { z } from 'zod'
import type { Feature } from './feature.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** A failure somebody has taken on: until it expires it is ❌ in its scope and no reason for a run to exit with 1. */
export const KnownIssue = z
  .strictObject({
    /** Where it is worked on: an issue's URL or number. */
    ticket: z.string().min(1),
    owner: z.string().min(1),
    /** Its row in `suites/features.yaml`. */
    feature: z.string().min(1),
    /** The board types it shows on, twins included. */
    types: z.array(z.string()).min(1),
    /** The lines it is known on, such as `main`; absent: all. */
    lines: z.array(z.string().min(1)).min(1).optional(),
    /** The first day it holds, UTC. */
    opened: z.iso.date(),
    /** The last day it holds, UTC: somebody looks again, or it fails runs again. */
    expires: z.iso.date(),
  })
  .refine(({ opened, expires }) => opened <= expires, { path: ['expires'], message: 'it expires before it is opened' })
export type KnownIssue = z.infer<typeof KnownIssue>

/** `reports/known-issues.yaml`. */
export const KnownIssueFile = z.strictObject({ issues: z.array(KnownIssue) })

/** What an issue must be about to hold. Null: an image of no proven line, which may come from any. */
export interface IssueScope {
  readonly feature: string
  readonly type: string
  readonly line: string | null
}

/** Whether a time is in the life of an issue. */
export function isOpen({ opened, expires }: KnownIssue, atMs: number): boolean {
  return Date.parse(opened) <= atMs && atMs < Date.parse(expires) + DAY_MS
}

/** The open issue a failure is; of several the one that holds longest. */
export function openIssue(issues: readonly KnownIssue[], scope: IssueScope, atMs: number): KnownIssue | undefined {
  return issues
    .filter(issue => issue.feature === scope.feature && issue.types.includes(scope.type))
    .filter(({ lines }) => lines === undefined || scope.line === null || lines.includes(scope.line))
    .filter(issue => isOpen(issue, atMs))
    .toSorted((a, b) => (a.expires < b.expires ? 1 : a.expires > b.expires ? -1 : a.ticket < b.ticket ? -1 : 1))[0]
}

/** What a file of issues gets wrong about the rows and board types there are, as paths into it. */
export function misplaced(
  issues: readonly KnownIssue[],
  features: readonly Feature[],
  types: readonly string[],
): { path: PropertyKey[]; message: string }[] {
  return issues.flatMap(({ feature, types: on }, index) => [
    ...(features.some(({ id }) => id === feature)
      ? []
      : [{ path: ['issues', index, 'feature'], message: `no feature is called '${feature}'` }]),
    ...on.flatMap((type, at) =>
      types.includes(type)
        ? []
        : [{ path: ['issues', index, 'types', at], message: `no board type is called '${type}'` }],
    ),
  ])
}
