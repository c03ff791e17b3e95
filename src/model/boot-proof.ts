import { Fault } from '../base/fault.ts'
import { humanSize } from '../base/text.ts'
import type { BoardType } from './board-type.ts'
import type { Image } from './image.ts'
import type { DiskProof, FlashedMedium, Running } from './running.ts'

/** Whether a board runs from the medium that was flashed. `unsure`: nothing speaks against it, and nothing proves it. */
export type DiskVerdict =
  | { readonly is: 'right'; readonly by: DiskProof }
  | { readonly is: 'unsure'; readonly why: string }
  | { readonly is: 'wrong'; readonly fault: Fault }

type RootFacts = Pick<BoardType, 'rootDevice' | 'insideDevice'>

/**
 * Whether the stamps should be read before a verdict is believed: an older disk inside the board may be just as large as
 * the medium that was flashed.
 */
export function needsStamps(disk: DiskVerdict): boolean {
  return disk.is === 'unsure' || isBySize(disk)
}

function isBySize(disk: DiskVerdict): boolean {
  return disk.is === 'right' && disk.by === 'size'
}

/**
 * Tells from what a board says of its disks whether it runs from the one that was flashed.
 *
 * A disk that is not is the bench's fault, never the image's: a cable, a boot order, an older system inside the board.
 * Errors, in the verdict: `infrastructure/wrong-disk`, naming both disks.
 */
export function judgeDisk(flashed: FlashedMedium, type: RootFacts, running: Running): DiskVerdict {
  const { root, disks, marker } = running
  if (!root || root.disks.length === 0)
    return { is: 'unsure', why: 'its root file system lies in memory or on something that names no disk' }
  const on = disks.filter(disk => root.disks.includes(disk.name))
  const wrong = (why: string): DiskVerdict => ({ is: 'wrong', fault: wrongDisk(flashed, running, why) })

  if (flashed.stamped && on.some(disk => disk.stamp === flashed.id)) return { is: 'right', by: 'stamp' }
  const stampedElsewhere = disks.find(disk => flashed.stamped && disk.stamp === flashed.id)
  if (stampedElsewhere) return wrong(`the stamp of this flash is on ${stampedElsewhere.name}`)
  const older = on.find(disk => typeof disk.stamp === 'string')
  if (older) return wrong('that disk carries the stamp of an earlier flash')
  // Written by an earlier run into the running system itself: this is not its first boot.
  if (marker !== undefined && marker !== flashed.id)
    return wrong('the running system carries the marker of an earlier flash')

  if (flashed.serial !== undefined && on.some(disk => disk.serial === flashed.serial))
    return { is: 'right', by: 'serial' }
  const serialElsewhere = disks.find(disk => flashed.serial !== undefined && disk.serial === flashed.serial)
  if (serialElsewhere) return wrong(`the medium with serial number ${flashed.serial} is ${serialElsewhere.name}`)

  const allowed = flashed.boots === 'inside' ? type.insideDevice : type.rootDevice
  const names = [root.device, ...root.disks].map(name => `/dev/${name}`)
  if (allowed && !names.some(name => allowed.test(name))) return wrong(`it may only be ${allowed.source}`)
  if (flashed.boots === 'inside')
    return allowed ? { is: 'right', by: 'place' } : { is: 'unsure', why: 'its type names no disk inside the board' }

  const { sizeBytes } = flashed
  if (sizeBytes === undefined) return { is: 'unsure', why: 'the size of the flashed medium is not known' }
  if (!on.some(disk => disk.sizeBytes === sizeBytes))
    return wrong(`the flashed medium has ${sizeBytes} bytes, and that disk has not`)
  if (flashed.stamped && on.some(disk => disk.stamp === null))
    return { is: 'unsure', why: `${diskOf(running)} has the size of the flashed medium, but not its stamp` }
  const alike = disks.filter(disk => disk.sizeBytes === sizeBytes && !on.includes(disk))
  if (alike.length === 0) return { is: 'right', by: 'size' }
  return {
    is: 'unsure',
    why: `${alike.map(disk => disk.name).join(' and ')} has the same size, and no stamp could be read`,
  }
}

/**
 * The fault of a board that runs another version than the image's; undefined when they agree or one of them is unknown.
 * Only a disk that is proven to be the flashed one makes it the image's fault; that its size is right is not enough.
 */
export function judgeVersion(image: Image, running: Running, disk: DiskVerdict): Fault | undefined {
  const version = image.version !== undefined && running.version !== undefined && image.version !== running.version
  const commit = image.commit !== undefined && running.commit !== undefined && !sameCommit(image.commit, running.commit)
  if (!version && !commit) return undefined
  const report = {
    expected: version ? `version ${image.version}` : `commit ${image.commit}`,
    seen: `${version ? running.version : running.commit} running from ${diskOf(running)}`,
    evidence: describe(running),
  }
  if (disk.is === 'right' && !isBySize(disk)) return new Fault('product/wrong-version', report)
  const next =
    'whether that is the flashed disk could not be told: look at what other disks the board could have booted'
  return new Fault('infrastructure/wrong-disk', { ...report, next })
}

/** The disk the system runs from, for people. */
export function diskOf({ root }: Running): string {
  return root && root.disks.length > 0 ? root.disks.join(' and ') : 'memory'
}

/** `743ae50` and `743ae50c…-dirty` are one commit: whoever shortens one or marks it means the same source. */
function sameCommit(image: string, running: string): boolean {
  const clean = running.replace(/-dirty$/, '')
  const length = Math.min(image.length, clean.length)
  return length >= 7 && image.slice(0, length) === clean.slice(0, length)
}

function wrongDisk(flashed: FlashedMedium, running: Running, why: string): Fault {
  const where =
    flashed.boots === 'inside' ? 'the disk inside the board that was written' : 'the medium that was flashed'
  return new Fault('infrastructure/wrong-disk', {
    expected: `the board to run from ${where}`,
    seen: `a system running from ${diskOf(running)}${versionOf(running)}: ${why}`,
    evidence: describe(running),
  })
}

function versionOf({ version }: Running): string {
  return version === undefined ? '' : ` (version ${version})`
}

/** Every disk of the board in a line. */
function describe({ disks, root }: Running): string[] {
  return disks.map(({ name, sizeBytes, serial, stamp }) =>
    [
      `${name}: ${humanSize(sizeBytes)}, ${sizeBytes} bytes`,
      ...(serial === undefined ? [] : [`serial ${serial}`]),
      ...(stamp === undefined ? [] : [stamp === null ? 'no stamp' : `stamp ${stamp}`]),
      ...(root?.disks.includes(name) ? ['the system runs from it'] : []),
    ].join(', '),
  )
}
