import type { EventOf, RunEvent, TestResult } from '../../src/model/event.ts'
import { fold } from '../../src/model/fold.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { readYaml } from '../../src/base/schema.ts'
import { ROOT, type Ended } from './hil.ts'

/** A run's tests: `feature: title` → result. */
export function resultsOf({ events }: Ended): Map<string, TestResult> {
  return new Map(of(events, 'test').map(({ result }) => [`${result.feature}: ${result.title}`, result]))
}

/** Faults outside tests, as `code` in the order they happened. */
export function faultsOf({ events }: Ended): string[] {
  return of(events, 'fault').map(({ fault }) => fault.code)
}

/** Every fault of a run with all it says, of tests too. */
export function faultRecords({ events }: Ended): EventOf<'fault'>['fault'][] {
  return events.flatMap(event =>
    event.type === 'fault' ? [event.fault] : event.type === 'test' && event.result.fault ? [event.result.fault] : [],
  )
}

export function notesOf({ events }: Ended): string[] {
  return of(events, 'note').map(({ text }) => text)
}

/** The run's matrix: `feature` → verdict, with the feature that blocked it behind. */
export function cellsOf({ events }: Ended, suites = `${ROOT}ci/e2e/suites`): Record<string, string> {
  const { features } = readYaml(`${suites}/features.yaml`, FeatureFile, 'configuration/bench-file').data
  return Object.fromEntries(
    fold(events, features).cells.map(({ feature, verdict, blockedBy }) => [
      feature,
      blockedBy === undefined ? verdict : `${verdict}, blocked by ${blockedBy}`,
    ]),
  )
}

export function of<T extends RunEvent['type']>(events: readonly RunEvent[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}
