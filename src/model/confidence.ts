import type { Evidence, Reruns } from './cell.ts'

/** How many times a finding is looked at again at most. */
export const MAX_RERUNS = 2

/** A fail that repeated in a re-run, or a pass that repeated in both. */
export function isConfirmed({ verdict, reruns }: Pick<Evidence, 'verdict' | 'reruns'>): boolean {
  if (!reruns) return false
  return verdict === 'fail' ? reruns.agreed > 0 : reruns.agreed >= MAX_RERUNS
}

/** A fail that nobody saw twice: it may be the test, the moment, or a product that fails sometimes. */
export function isSuspect(finding: Pick<Evidence, 'verdict' | 'reruns'>): boolean {
  return finding.verdict === 'fail' && !isConfirmed(finding)
}

/** `failed 1 of 3 times`; of a fail nobody re-ran: `failed once`. */
export function failRate({ ran, agreed }: Reruns = { ran: 0, agreed: 0 }): string {
  return ran === 0 ? 'failed once' : `failed ${agreed + 1} of ${ran + 1} times`
}
