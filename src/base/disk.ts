import { asFault, Fault } from './fault.ts'

/** Whether the disk, or what its owner may have of it, has no room for more. */
export function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** The fault of a file of ours that could not be written. */
export function diskFault(cause: unknown): Fault {
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException
  if (isFull(cause))
    return new Fault('infrastructure/disk-full', {
      expected: 'room for what is written',
      seen: `a full disk: ${message}`,
      cause,
    })
  if (code === undefined || cause instanceof Fault) return asFault(cause, 'infrastructure/disk-full')
  return new Fault('infrastructure/disk-full', {
    expected: 'to keep what is written',
    seen: message,
    next: 'check that its disk is sound and mounted to be written, and that this user may write there',
    cause,
  })
}

/** Does what writes files of ours. Errors: `infrastructure/disk-full`, which names path and reason. */
export function keptOnDisk<T>(write: () => T): T {
  try {
    return write()
  } catch (cause) {
    throw diskFault(cause)
  }
}
