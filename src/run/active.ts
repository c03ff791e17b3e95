import { NameLock } from '../image/name-lock.ts'

/** Marks a run as going on, until disposed or its process ends: nobody may tidy its folder away. Undefined: another process has the mark. */
export async function holdRun(run: string): Promise<NameLock | undefined> {
  return NameLock.tryTake(`run/${run}`)
}

/** Whether a process of this host works on a run now. */
export async function isActive(run: string): Promise<boolean> {
  const lock = await holdRun(run)
  await lock?.[Symbol.asyncDispose]()
  return lock === undefined
}
