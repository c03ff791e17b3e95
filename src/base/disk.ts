import { asFault, Fault } from './fault.ts'

/** The fault of a file of ours that could not be written. */
export function diskFault(cause: unknown): Fault {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('infrastructure/disk-full', {
      expected: 'room for what this run writes',
      seen: 'a full disk',
      cause,
    })
  return asFault(cause, 'infrastructure/disk-full')
}
