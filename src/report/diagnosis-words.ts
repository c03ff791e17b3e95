import type { Diagnosis } from '../model/cell.ts'

/** How a diagnosis ended, as people say it. */
export const DIAGNOSIS_WORDS: Record<Diagnosis['is'], string> = {
  product: 'the image does not boot',
  'flaky-boot': 'the image boots now and then',
  'board-changed-by-image': 'the image changed the board',
  bench: 'the board or the bench',
  unconfirmed: 'not confirmed: it stays as it was judged, with less confidence',
}

/** `it again: product/no-login · the golden image: boots (firmware 1.2) · it again: product/no-login`. */
export function diagnosisSteps({ steps }: Diagnosis): string {
  return steps
    .map(({ of, fault, firmware }) => {
      const what = of === 'golden' ? 'the golden image' : 'it again'
      if (fault) return `${what}: ${fault.code}`
      return `${what}: boots${firmware === undefined ? '' : ` (firmware ${firmware})`}`
    })
    .join(' · ')
}

/** A diagnosis as one sentence, with the boots that led to it. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const steps = diagnosisSteps(diagnosis)
  return `${DIAGNOSIS_WORDS[diagnosis.is]}: ${diagnosis.why}${steps === '' ? '' : ` [${steps}]`}`
}
