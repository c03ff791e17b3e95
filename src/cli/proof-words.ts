import { humanSize } from '../base/text.ts'
import type { FlashProof } from '../model/event.ts'

/** How a flash was proven. A flash program writes and proves nothing itself. */
export function proofWords({ readBackBytes, sampledBytes = 0 }: FlashProof): string {
  if (readBackBytes === 0) return 'not read back'
  return sampledBytes === 0 ? 'read back equal' : `read back equal, ${humanSize(sampledBytes)} of zeros in samples`
}
