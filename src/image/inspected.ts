import { stat } from 'node:fs/promises'
import type { Image } from '../model/image.ts'

/** Digests of files that were inspected, by what the files were then. */
const inspected = new Map<string, string>()

/** What a file is at this instant: its change time moves with every write to it. Undefined: there is none. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
}

/** Remembers that a file was inspected, unless it is another than when that began. */
export async function rememberInspected({ path, sha256 }: Image, identityBefore: string | undefined): Promise<void> {
  if (identityBefore !== undefined && identityBefore === (await fileIdentity(path)))
    inspected.set(identityBefore, sha256)
}

/** Whether an image was inspected by this process and its file is the same since: reading all of it again tells nothing new. */
export async function wasInspected({ path, sha256 }: Image): Promise<boolean> {
  const identity = await fileIdentity(path)
  return identity !== undefined && inspected.get(identity) === sha256
}
