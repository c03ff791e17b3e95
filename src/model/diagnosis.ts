import { classOf, type FaultRecord } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Reruns } from './cell.ts'
import { isDeath } from './judge.ts'

/** Whom a diagnosis finds at fault for a board that did not boot its image; `unconfirmed`: nobody could find out. */
export type DiagnosisResult = 'product' | 'flaky-boot' | 'board-changed-by-image' | 'bench' | 'unconfirmed'

/** One more boot, after the one that failed. */
export interface BootTry {
  readonly of: 'image' | 'golden'
  /** Absent: it booted. */
  readonly fault?: FaultRecord
  /** What the board then said its firmware is. */
  readonly firmware?: string
}

/** What is known of a board that did not boot. */
export interface BootDoubt {
  readonly first: FaultRecord
  /** In their order. */
  readonly tries: readonly BootTry[]
  /** Null: none is set for the board. */
  readonly golden: GoldenRecord | null
  /** The firmware that the board named at its last boot before this image. */
  readonly firmwareBefore?: string
}

/** What is known of the golden image on this board. */
export interface GoldenRecord {
  /** It is the very image under test. */
  readonly isImage: boolean
  /** When it last booted on this board, before all this; null: nobody ever saw that. */
  readonly bootedAt: string | null
  /** What else it was seen to boot on: another board, or a board in the run that it comes from; null: nothing. */
  readonly bootedOn: string | null
  /** When the board last met an infrastructure fault; null: never. */
  readonly troubleAt: string | null
}

/** What to do next: boot something, or believe. */
export type Decision =
  | { readonly next: 'image' | 'golden' }
  | { readonly is: DiagnosisResult; readonly why: string; readonly reruns?: Reruns }

/** Ways of not booting that may be the image's, the board's or the bench's. */
const DOUBTFUL: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'product/no-boot',
  'product/no-login',
  'product/no-shell',
  'product/panic',
  'product/shutdown',
  'product/hang',
  'product/ssh-closed',
  'infrastructure/console-silent',
  'infrastructure/boot-medium',
  'infrastructure/firmware',
  'infrastructure/ssh-unreachable',
])

/** Whether a fault of a boot leaves open whose it is. A cable that is out or a relay that fails does not. */
export function isDoubtful({ code }: Pick<FaultRecord, 'code'>): boolean {
  return DOUBTFUL.has(code)
}

/**
 * The next step of a diagnosis, or its end: the image again after a power cycle, then the golden image, then the image.
 *
 * Whatever the bench itself does wrong meanwhile ends it: only the death of a kernel then still stands as it was judged.
 */
export function diagnose(doubt: BootDoubt): Decision {
  const { first, tries, golden } = doubt
  const [again, other, last] = tries
  if (!golden) return unconfirmed('there is no golden image for this board to compare it with')
  const broken = tries.find(({ fault }) => fault && !isDoubtful(fault))
  if (broken) return interrupted(deathIn(first, tries), broken)
  if (!again) return isDeath(first.code) ? byDeath(golden) : { next: 'image' }
  if (!again.fault) return flaky({ ran: 1, agreed: 0 })
  if (!other) return golden.isImage ? byItself(golden) : { next: 'golden' }
  if (other.fault) return goldenFails(golden)
  if (firmwareChanged(doubt, other))
    return {
      is: 'board-changed-by-image',
      why: `the golden image boots, but the firmware is now ${other.firmware}; before this image it was ${doubt.firmwareBefore}`,
    }
  if (!last) return { next: 'image' }
  if (!last.fault) return flaky({ ran: 2, agreed: 1 })
  const same = sameFirmware(doubt, other)
  const firmware = same === undefined ? '; the firmware could not be compared' : ` with the same firmware ${same}`
  return {
    is: 'product',
    why: `it failed three times, the golden image booted in between${firmware}`,
    reruns: { ran: 2, agreed: 2 },
  }
}

/** A kernel that says it died needs no second look on a board that has shown since its last trouble that it is sound. */
function byDeath(golden: GoldenRecord): Decision {
  const { bootedAt, troubleAt, isImage } = golden
  const isSound = !isImage && bootedAt !== null && (troubleAt === null || Date.parse(bootedAt) > Date.parse(troubleAt))
  if (!isSound) return { next: 'image' }
  const since = troubleAt === null ? '' : `, since its last infrastructure fault at ${troubleAt}`
  return { is: 'product', why: `its kernel died, and the golden image booted on this board at ${bootedAt}${since}` }
}

function byItself({ bootedAt }: GoldenRecord): Decision {
  if (bootedAt === null) return unconfirmed('it is the golden image itself, which nobody has seen boot on this board')
  return { is: 'bench', why: `it is the golden image itself, which booted on this board at ${bootedAt}` }
}

/** What nobody ever saw boot is no measure: it may be of another machine, or as broken as the image. */
function goldenFails({ bootedAt, bootedOn }: GoldenRecord): Decision {
  const what = 'the golden image does not boot either'
  if (bootedAt !== null)
    return { is: 'board-changed-by-image', why: `${what}, although it booted on this board at ${bootedAt}` }
  if (bootedOn !== null) return { is: 'bench', why: `${what}, which booted on ${bootedOn}` }
  return unconfirmed(`${what}, and nobody has ever seen it boot`)
}

function interrupted(death: FaultRecord | undefined, { of, fault }: BootTry): Decision {
  const what = `${of === 'golden' ? 'the golden image' : 'it'} could not be tried: ${fault!.code}, saw ${fault!.seen}`
  const isBench = classOf(fault!.code) === 'infrastructure' && death === undefined
  return isBench ? { is: 'bench', why: what } : unconfirmed(what)
}

function flaky(reruns: Reruns): Decision {
  return {
    is: 'flaky-boot',
    why: `it booted in the end, ${reruns.agreed + 1} of ${reruns.ran + 1} times it did not`,
    reruns,
  }
}

function unconfirmed(why: string): Decision {
  return { is: 'unconfirmed', why }
}

function firmwareChanged({ firmwareBefore }: BootDoubt, { firmware }: BootTry): boolean {
  return firmwareBefore !== undefined && firmware !== undefined && firmware !== firmwareBefore
}

function sameFirmware({ firmwareBefore }: BootDoubt, { firmware }: BootTry): string | undefined {
  return firmware !== undefined && firmware === firmwareBefore ? firmware : undefined
}

/** Whether all that was seen of an image's boots was the product's by itself. */
export function failsByItself(first: FaultRecord, tries: readonly BootTry[]): boolean {
  return ofImage(first, tries).every(isProduct)
}

/** The first failure of an image's boots that was the product's by itself; undefined: all of them may be the bench's. */
export function productFaultIn(first: FaultRecord, tries: readonly BootTry[]): FaultRecord | undefined {
  return ofImage(first, tries).find(isProduct)
}

/** The first boot of an image in which a kernel died: that stands, whatever else could not be found out. */
export function deathIn(first: FaultRecord, tries: readonly BootTry[]): FaultRecord | undefined {
  return ofImage(first, tries).find(({ code }) => isDeath(code))
}

function ofImage(first: FaultRecord, tries: readonly BootTry[]): FaultRecord[] {
  return [first, ...tries.filter(({ of }) => of === 'image').flatMap(({ fault }) => fault ?? [])]
}

function isProduct({ code }: FaultRecord): boolean {
  return classOf(code) === 'product'
}
