import type { Lease } from '../agent/agent.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Reruns } from '../model/cell.ts'
import {
  deathIn,
  diagnose,
  failsByItself,
  isDoubtful,
  productFaultIn,
  type BootTry,
  type Decision,
  type GoldenRecord,
} from '../model/diagnosis.ts'
import type { GoldenImage } from '../model/golden.ts'
import type { Image, Variant } from '../model/image.ts'
import { bootedBeside, bootRecord, lastFirmware, type BootRecord } from './boot-record.ts'
import { bootAndProve, provision, type ProvisionMeans } from './provision.ts'

export interface DiagnoseOptions {
  readonly golden: GoldenImage | undefined
  /** Told of an image that did not boot and then did: it is up now, and that it failed stands. */
  readonly failed: (fault: Fault, reruns: Reruns) => void
}

/**
 * Provisions a board, and finds out whose fault it is where the image does not boot: the image again after a power cycle,
 * then the golden image, then the image; each step is an event.
 *
 * `options`: undefined where nobody wants that. Resolves with the image up. Errors: those of provisioning;
 * `infrastructure/board-changed-by-image`, `infrastructure/board-suspect`.
 */
export async function provisionDiagnosed(
  lease: Lease,
  image: Image | null,
  variant: Variant,
  means: ProvisionMeans,
  options: DiagnoseOptions | undefined,
): Promise<void> {
  // Before anything of this image: the golden image may be it.
  const record = bootRecord(lease.board.stateDir)
  try {
    await provision(lease, image, variant, means)
  } catch (error) {
    const first = asFault(error)
    if (!options || means.signal.aborted || lease.board.type.alwaysOn || !isDoubtful(first)) throw error
    await diagnoseFrom(first, record, lease, image, variant, means, options)
  }
}

/**
 * The same from a boot on that failed already. `record`: what the board had booted before it.
 *
 * Errors: as for `provisionDiagnosed`; where nobody can tell, the first fault.
 */
export async function diagnoseFrom(
  first: Fault,
  record: BootRecord,
  lease: Lease,
  image: Image | null,
  variant: Variant,
  means: ProvisionMeans,
  options: DiagnoseOptions,
): Promise<void> {
  // Whoever looks again gives a board all the time there is.
  const { budgets: _learned, ...patient } = means
  const golden = image && options.golden
  const known: GoldenRecord | null = golden
    ? {
        isImage: golden.image.sha256 === image.sha256,
        bootedAt: record.boots[golden.image.sha256]?.at ?? null,
        bootedOn: bootedBeside(lease.board.stateDir, golden.image.sha256) ?? fromRun(golden),
        troubleAt: record.troubleAt,
      }
    : null
  const firmwareBefore = lastFirmware(record)
  const tries: BootTry[] = []
  for (;;) {
    const doubt = {
      first: first.record(),
      tries,
      golden: known,
      ...(firmwareBefore !== undefined && { firmwareBefore }),
    }
    const decision = diagnose(doubt)
    if ('is' in decision) return conclude(lease, first, tries, decision, means, options)
    const boots = async (quiet: ProvisionMeans): Promise<void> => {
      if (decision.next === 'golden') return provision(lease, golden!.image, golden!.image.variant, quiet)
      if (tries.length > 0) return provision(lease, image, variant, patient)
      await lease.live.powerOff(means.signal)
      await bootAndProve(lease, variant, patient)
    }
    tries.push(await tryBoot(lease, decision.next, boots, patient))
  }
}

/** One that was promoted was good on a board then. */
function fromRun({ run }: GoldenImage): string | null {
  return run === undefined ? null : `a board in run ${run}`
}

async function tryBoot(
  lease: Lease,
  of: BootTry['of'],
  boots: (quiet: ProvisionMeans) => Promise<void>,
  means: ProvisionMeans,
): Promise<BootTry> {
  const { clock, emit, signal } = means
  const board = lease.board.name
  const startedMs = clock.ticksMs()
  emit({ type: 'diagnosis-step', board, of, state: 'begin' })
  let fault: Fault | undefined
  try {
    await boots(quietly(means))
  } catch (error) {
    fault = asFault(error)
    // Nobody's finding about the board.
    if (signal.aborted || !['product', 'infrastructure', 'configuration'].includes(fault.class)) throw error
  }
  const firmware = fault ? undefined : lease.facts.boot?.firmware
  const found = { ...(fault && { fault: fault.record() }), ...(firmware !== undefined && { firmware }) }
  emit({ type: 'diagnosis-step', board, of, state: 'end', ...found, durationMs: clock.ticksMs() - startedMs })
  return { of, ...found }
}

/** The same means, of a boot that is not the image's under test. */
export function quietly(means: ProvisionMeans): ProvisionMeans {
  return { ...means, emit: event => void (QUIET.has(event.type) || means.emit(event)) }
}

/** What is not told of the golden image: the log's stages, flash and boot are those of the image under test. */
const QUIET: ReadonlySet<string> = new Set(['stage', 'flashed', 'booted', 'source'])

type Conclusion = Extract<Decision, { is: unknown }>

function conclude(
  { board }: Lease,
  first: Fault,
  tries: readonly BootTry[],
  { is, why, reruns }: Conclusion,
  { emit }: ProvisionMeans,
  options: DiagnoseOptions,
): void {
  const wantsQuarantine = is === 'board-changed-by-image' || is === 'bench'
  emit({ type: 'diagnosis', board: board.name, is, why, wantsQuarantine, ...(reruns && { reruns }) })
  const byItself = failsByItself(first.record(), tries)
  const seen = `${first.code}, ${first.seen}`
  switch (is) {
    case 'flaky-boot': {
      // What a boot of it did by itself stands, whatever the other boots were.
      const product = productFaultIn(first.record(), tries)
      if (product) options.failed(Fault.from(product), reruns!)
      return
    }
    case 'unconfirmed': {
      const death = deathIn(first.record(), tries)
      throw death && first.class !== 'product' ? Fault.from(death) : first
    }
    case 'product':
      if (byItself) throw first
      throw new Fault('product/no-boot', {
        expected: first.expected,
        seen: `${seen}: ${why}`,
        evidence: first.evidence,
      })
    case 'board-changed-by-image':
      throw new Fault('infrastructure/board-changed-by-image', {
        expected: `${board.name} to boot its golden image as before`,
        seen: why,
        evidence: [`the image: ${seen}`, ...tries.flatMap(told)],
      })
    case 'bench': {
      const broken = tries.find(({ fault }) => fault && !isDoubtful(fault))?.fault
      if (broken) throw Fault.from(broken)
      throw new Fault('infrastructure/board-suspect', {
        expected: `${board.name} to boot a golden image`,
        seen: why,
        evidence: [`the image: ${seen}`, ...tries.flatMap(told)],
      })
    }
  }
}

/** One boot, as a line of evidence. */
function told({ of, fault, firmware }: BootTry): string {
  const what = of === 'golden' ? 'the golden image' : 'the image'
  if (fault) return `${what}: ${fault.code}, ${fault.seen}`
  return `${what}: boots${firmware === undefined ? '' : `, firmware ${firmware}`}`
}
