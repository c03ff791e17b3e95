import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Evidence } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { evidenceNamed, loadFeatures, ROOT } from '../run/catalog.ts'
import { RunStore } from '../store/run-store.ts'

/** What the logs of runs say, opened for one verb. */
export interface History extends Disposable {
  readonly store: RunStore
  readonly features: readonly Feature[]
  readonly runsFolder: string
}

/** Where run folders are. Errors: `configuration/report-dir` where somebody named a folder that is none. */
export function runsFolder(reportDir: string | undefined): string {
  return reportDir === undefined ? resolve(`${ROOT}reports/runs`) : folderNamed('--report-dir', reportDir)
}

/** A folder that an option names. What is mistyped must not answer as if nothing had ever been tested. */
export function folderNamed(option: string, path: string): string {
  const wrong = (seen: string, cause?: unknown): Fault =>
    new Fault('configuration/report-dir', {
      expected: `${option} to be a folder that is there`,
      seen,
      next: 'name the folder that the runs were made in',
      cause,
    })
  try {
    if (statSync(path).isDirectory()) return resolve(path)
  } catch (cause) {
    throw wrong((cause as Error).message, cause)
  }
  throw wrong(`a file ${path}`)
}

/** The history as it is now; logs that cannot be read are named on standard error. */
export function openHistory(reportDir: string | undefined): History {
  const features = loadFeatures()
  const folder = runsFolder(reportDir)
  const store = new RunStore(folder)
  store.sync(features)
  for (const { why, path } of store.unread()) {
    const where = why.startsWith(path) ? why : `${path}: ${why}`
    process.stderr.write(`not in the history: ${where}\n`)
  }
  return { store, features, runsFolder: folder, [Symbol.dispose]: () => store[Symbol.dispose]() }
}

/** What is committed and what the runs here say, as one: of a run that both know, what is committed. */
export function allEvidence(history: History, evidencePath: string | undefined, feature?: string): Evidence[] {
  const committed = evidenceNamed(evidencePath)
  const wanted = feature === undefined ? committed : committed.filter(line => line.feature === feature)
  const all = [...history.store.evidence(feature), ...wanted]
  return [...new Map(all.map(line => [JSON.stringify([line.run, line.board, line.feature]), line])).values()]
}

/** A row of the status page by its id. Errors: `configuration/unknown-feature`. */
export function featureNamed(id: string, features: readonly Feature[]): Feature {
  const found = features.find(feature => feature.id === id)
  if (found) return found
  throw new Fault('configuration/unknown-feature', {
    expected: 'a row of the status page',
    seen: `'${id}'`,
    evidence: features.map(feature => feature.id),
  })
}

/** Whether evidence is of a board or a board type somebody named; of any when nobody did. */
export function isOf(device: string | undefined): (evidence: Pick<Evidence, 'board' | 'type'>) => boolean {
  return ({ board, type }) => device === undefined || [board, type].includes(device)
}
