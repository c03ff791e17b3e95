import { asFault, Fault } from './fault.ts'

/** Whether the disk, or what its owner may have of it, has no room for more. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** The fault of a file of ours that could not be written. */
export function diskFault(cause: unknown): Fault {
  if (isFull(cause))
    return new Fault('infrastructure/disk-full', {
      expected: 'room for what this run writes',
      seen: 'a full disk',
      cause,
    })
  return asFault(cause, 'infrastructure/disk-full')
}
