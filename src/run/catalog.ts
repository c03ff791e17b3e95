import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linesOfFile } from '../base/lines.ts'
import { readYaml } from '../base/schema.ts'
import type { Evidence } from '../model/cell.ts'
import { parseEvidence } from '../model/evidence.ts'
import { FeatureFile, type Feature } from '../model/feature.ts'
import { LabelFile, type Labels } from '../model/labels.ts'

/** The checkout this program runs from. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The evidence kept for good, and the page made of it: the only reports that are committed. */
export const EVIDENCE = `${ROOT}reports/evidence.jsonl`
export const STATUS_PAGE = `${ROOT}reports/status.md`

/** Where features and their suites are: `HIL_SUITES_DIR` names another folder than this project's own. */
export const SUITES: string = resolve(process.env.HIL_SUITES_DIR ?? `${ROOT}suites`)

/** The rows of the status page. Errors: `configuration/bench-file` with every complaint at file:line. */
export function loadFeatures(): readonly Feature[] {
  return readYaml(`${SUITES}/features.yaml`, FeatureFile, 'configuration/bench-file').data.features
}

/** What the page's device words mean. */
export function loadLabels(): Labels {
  return readYaml(`${ROOT}devices/labels.yaml`, LabelFile, 'configuration/bench-file').data.labels
}

/** The evidence kept so far; none yet is no error. */
export function loadEvidence(path: string): Evidence[] {
  return existsSync(path) ? parseEvidence(linesOfFile(path), path) : []
}
