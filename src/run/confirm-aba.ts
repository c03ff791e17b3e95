import type { Lease } from '../agent/agent.ts'
import { pending } from '../agent/agent.ts'
import { asFault } from '../base/fault.ts'
import { count } from '../base/text.ts'
import { AGAIN_AFTER_GOLDEN } from '../model/attribution.ts'
import type { RunEvent, TestResult } from '../model/event.ts'
import { fold } from '../model/fold.ts'
import type { GoldenImage } from '../model/golden.ts'
import type { Image } from '../model/image.ts'
import type { TestName } from '../model/rerun.ts'
import { ofBoard } from './confirm.ts'
import { quietly } from './diagnose.ts'
import { Execution, type ExecuteOptions } from './execute.ts'
import { provision, type ProvisionMeans } from './provision.ts'

export interface CompareOptions {
  readonly golden: GoldenImage | undefined
  /** What the tests ran with. */
  readonly execute: ExecuteOptions
  readonly tests: readonly TestResult[]
  readonly events: () => readonly RunEvent[]
  readonly means: ProvisionMeans
  /** Has the board while the golden image is on it. */
  readonly comparing: Set<string>
}

/**
 * Runs what failed with the golden image, and once more with the image, each from a flash and a boot: A/B/A.
 *
 * What goes wrong with it is noted and ends it: the first results stand. Errors: the signal's reason.
 */
export async function compareWithGolden(lease: Lease, image: Image | null, options: CompareOptions): Promise<void> {
  const { golden, execute, tests, events, means, comparing } = options
  const { board, features, variant } = execute
  const { cells } = fold(ofBoard(events(), board), features)
  const bad = new Set(cells.filter(({ verdict }) => verdict === 'fail').map(({ feature }) => feature))
  const failed = tests.filter(({ feature, verdict }) => verdict === 'fail' && bad.has(feature))
  if (failed.length === 0) return
  const note = (text: string): void => means.emit({ type: 'note', board, text })
  const why = whyNot(golden, image, variant)
  if (why !== undefined || !golden || !image) return note(`nothing is compared with the golden image: ${why}`)
  const rows = features.filter(({ id }) => failed.some(({ feature }) => feature === id))
  note(
    `tries ${count(failed.length, 'test')} of ${rows.map(({ id }) => id).join(', ')} with the golden image, then with the image again`,
  )
  const again = { ...execute, features: rows }
  const on = async (what: Image, tested: ExecuteOptions): Promise<void> => {
    lease.ready = pending()
    await provision(lease, what, variant, quietly(means))
    lease.ready.resolve()
    await using execution = new Execution(tested)
    await execution.finish(means.signal)
  }
  comparing.add(board)
  try {
    await on(golden.image, {
      ...again,
      again: { tests: failed, rerun: 1, name: `${variant}-golden` },
      emit: event => means.emit(event.type === 'test' ? { ...event, type: 'compared' } : event),
    })
  } catch (error) {
    means.signal.throwIfAborted()
    for (const name of failed) means.emit({ type: 'compared', board, result: missed(name, asFault(error).seen) })
  } finally {
    comparing.delete(board)
  }
  try {
    await on(image, { ...again, again: { tests: failed, rerun: AGAIN_AFTER_GOLDEN } })
  } catch (error) {
    means.signal.throwIfAborted()
    note(`the image could not be tried again after the golden one: ${asFault(error).message.split('\n')[0]}`)
  }
}

function whyNot(golden: GoldenImage | undefined, image: Image | null, variant: string): string | undefined {
  if (!golden) return 'none is set for this board'
  if (!image) return 'nothing may be flashed'
  if (golden.image.sha256 === image.sha256) return 'it is the image under test'
  return golden.image.variant === variant ? undefined : `it is a ${golden.image.variant} image`
}

function missed({ feature, title }: TestName, reason: string): TestResult {
  return { feature, title, verdict: 'miss', durationMs: 0, attempt: 0, reason }
}
