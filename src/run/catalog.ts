import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linesOfFile } from '../base/lines.ts'
import { shortPath } from '../base/paths.ts'
import { complain, readYaml } from '../base/schema.ts'
import type { Evidence } from '../model/cell.ts'
import { parseEvidence } from '../model/evidence.ts'
import { FeatureFile, type Feature } from '../model/feature.ts'
import { KnownIssueFile, misplaced, type KnownIssue } from '../model/known-issue.ts'
import { LabelFile, typesIn, type Labels } from '../model/labels.ts'

/** The checkout this program runs from. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The evidence kept for good, and the page made of it: the only reports that are committed. */
export const EVIDENCE = `${ROOT}reports/evidence.jsonl`
export const STATUS_PAGE = `${ROOT}reports/status.md`
export const STATUS_JSON = `${ROOT}reports/status.json`

/** What failures somebody has taken on, in this project's rows. */
const KNOWN_ISSUES = `${ROOT}reports/known-issues.yaml`

/** Where features and their suites are: `HIL_SUITES_DIR` names another folder than this project's own. */
export const SUITES: string = resolve(process.env.HIL_SUITES_DIR ?? `${ROOT}suites`)

/** The rows of the status page. Errors: `configuration/bench-file` with every complaint at file:line. */
export function loadFeatures(): readonly Feature[] {
  const path = `${SUITES}/features.yaml`
  const { data, at } = readYaml(path, FeatureFile, 'configuration/bench-file')
  const types = typesIn(loadLabels())
  const complaints = data.features.flatMap(({ notApplicable }, index) =>
    Object.keys(notApplicable)
      .filter(type => !types.includes(type))
      .map(type => ({
        where: at(['features', index, 'notApplicable', type]),
        message: `notApplicable: no board type is called '${type}'`,
      })),
  )
  if (complaints.length > 0) throw complain('configuration/bench-file', shortPath(path), complaints)
  return data.features
}

/**
 * The known issues of a file, checked against rows and board types.
 *
 * Limits: without a file named, this project's own, which may be missing, and none for the rows of another folder. Errors:
 * `configuration/known-issues` with every complaint at file:line.
 */
export function loadKnownIssues(path: string | undefined, features: readonly Feature[]): readonly KnownIssue[] {
  const usual = resolve(`${ROOT}suites`) === SUITES && existsSync(KNOWN_ISSUES) ? KNOWN_ISSUES : undefined
  const file = path ?? usual
  if (file === undefined) return []
  const { data, at } = readYaml(file, KnownIssueFile, 'configuration/known-issues')
  const complaints = misplaced(data.issues, features, typesIn(loadLabels())).map(({ path, message }) => ({
    where: at(path),
    message: `${path.join('.')}: ${message}`,
  }))
  if (complaints.length > 0) throw complain('configuration/known-issues', shortPath(file), complaints)
  return data.issues
}

/** What the page's device words mean. */
export function loadLabels(): Labels {
  return readYaml(`${ROOT}devices/labels.yaml`, LabelFile, 'configuration/bench-file').data.labels
}

/** The evidence of a file that somebody named, which has to be there; the evidence kept where nobody did. */
export function evidenceNamed(path: string | undefined): Evidence[] {
  return path === undefined ? loadEvidence(EVIDENCE) : parseEvidence(linesOfFile(path), path)
}

/** The evidence kept so far; none yet is no error. */
export function loadEvidence(path: string): Evidence[] {
  return existsSync(path) ? parseEvidence(linesOfFile(path), path) : []
}
