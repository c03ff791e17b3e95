/** Each change of a file that was tried, as Stryker's report has it (https://github.com/stryker-mutator/mutation-testing-elements). */
export interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

/** How many changes of some files a test noticed, of how many that run. */
export interface Score {
  readonly noticed: number
  readonly tried: number
  readonly percent: number
}

/** A change whose tests never end was noticed as well as one at which they fail. */
const NOTICED = ['Killed', 'Timeout']
const UNNOTICED = ['Survived', 'NoCoverage']

/** The score of each group of rules, by the folder of a file or what its name begins with (`fold-cells.ts`: fold); the rest is `other`. */
export function scores(report: Report, groups: readonly string[]): Record<string, Score> {
  const groupOf = (file: string): string =>
    groups.find(group => new RegExp(`/${group}(/|[-.][^/]*$)`).test(file)) ?? 'other'
  const files = Map.groupBy(Object.entries(report.files), ([file]) => groupOf(file))
  return Object.fromEntries(
    [...files].map(([group, files]) => {
      const statuses = files.flatMap(([, { mutants }]) => mutants.map(({ status }) => status))
      const noticed = statuses.filter(status => NOTICED.includes(status)).length
      const tried = noticed + statuses.filter(status => UNNOTICED.includes(status)).length
      return [group, { noticed, tried, percent: tried === 0 ? 0 : Math.floor((1000 * noticed) / tried) / 10 }]
    }),
  )
}
