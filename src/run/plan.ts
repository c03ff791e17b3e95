import { Fault } from '../base/fault.ts'
import { complain } from '../base/schema.ts'
import type { Bench, Board } from '../bench/load.ts'
import { whyNotOn, type Feature } from '../model/feature.ts'
import type { Variant } from '../model/image.ts'
import { soundestFirst } from './soundest-first.ts'

/** What somebody asked for. */
export interface PlanRequest {
  /** Board types, board names, or `all`. */
  readonly devices: readonly string[]
  /** Feature ids; empty: every feature that applies. */
  readonly features: readonly string[]
  /** Image paths by variant; a variant not named here is the bench's own. */
  readonly images: { readonly [V in Variant]?: string }
  readonly flash: boolean
}

/** One board to be run, with what is to be put on it and found out about it. */
export interface PlannedRun {
  readonly board: Board
  /** Every feature of its phases. */
  readonly features: readonly Feature[]
  /** One after the other: some features need the debug image and then the release image of the same build. */
  readonly phases: readonly Phase[]
}

export interface Phase {
  readonly variant: Variant
  /** Null: what is on the board already. */
  readonly imagePath: string | null
  readonly features: readonly Feature[]
}

export interface Plan {
  readonly runs: readonly PlannedRun[]
  readonly left: readonly { what: string; why: string }[]
}

/** Turns a request into runs, before anything is touched. Errors: `configuration/…`, every complaint at once. */
export async function plan(
  bench: Bench,
  features: readonly Feature[],
  request: PlanRequest,
  signal: AbortSignal,
): Promise<Plan> {
  const wanted = wantedFeatures(features, request.features)
  const left: { what: string; why: string }[] = []
  const runs: PlannedRun[] = []
  for (const board of chooseBoards(await soundestFirst(bench, signal), request.devices)) {
    const missing = await missingFor(board)
    if (missing) {
      if (!request.devices.includes('all'))
        throw new Fault('configuration/missing-tool', {
          expected: `this host to be able to run ${board.name}`,
          seen: missing,
        })
      left.push({ what: board.name, why: missing })
      continue
    }
    const whyNot = (feature: Feature): string | undefined => whyNotOn(feature, board.type, board.traits)
    const applicable = wanted.filter(feature => whyNot(feature) === undefined)
    // Whoever named a feature is told why it is not tested; of all features most do not apply to most boards.
    for (const feature of request.features.length > 0 ? wanted : []) {
      const why = whyNot(feature)
      if (why !== undefined) left.push({ what: `${feature.id} on ${board.name}`, why })
    }
    const phases = variantsOf(request.images)
      .map(variant => ({ variant, features: applicable.filter(feature => feature.variants.includes(variant)) }))
      .filter(phase => phase.features.length > 0)
    if (phases.length === 0) {
      left.push({ what: board.name, why: 'none of the chosen features has a suite that applies to it' })
      continue
    }
    runs.push({
      board,
      features: applicable.filter(feature => phases.some(phase => phase.features.includes(feature))),
      phases: phases.map(phase => ({
        ...phase,
        imagePath: request.flash && !board.type.alwaysOn ? imageFor(board, phase.variant, request) : null,
      })),
    })
  }
  if (runs.length === 0)
    throw new Fault('configuration/no-test-selected', {
      expected: 'at least one test to run',
      seen: 'none',
      evidence: left.map(({ what, why }) => `${what}: ${why}`),
    })
  return { runs, left }
}

/** The variants to be run: debug unless only a release image was named, release only where one was. */
function variantsOf(images: PlanRequest['images']): Variant[] {
  if (images.release === undefined) return ['debug']
  return images.debug === undefined ? ['release'] : ['debug', 'release']
}

function wantedFeatures(features: readonly Feature[], ids: readonly string[]): readonly Feature[] {
  const unknown = ids.filter(id => !features.some(feature => feature.id === id))
  if (unknown.length > 0)
    throw new Fault('configuration/unknown-feature', {
      expected: 'features of suites/features.yaml',
      seen: unknown.join(', '),
      evidence: features.map(
        ({ id, title, suite }) => `${id} (${title})${suite === undefined ? ' — no suite yet' : ''}`,
      ),
    })
  return ids.length === 0 ? features : features.filter(feature => ids.includes(feature.id))
}

/** The boards a request names: `all` and a type give the first board of each type, a name that board. */
export function chooseBoards(bench: Bench, devices: readonly string[]): Board[] {
  const types = [...new Set(bench.boards.map(board => board.type.name))]
  const names = devices.flatMap(device => (device === 'all' ? types : [device]))
  const chosen = new Set<Board>()
  const unknown: string[] = []
  for (const name of names) {
    const board =
      bench.boards.find(board => board.name === name) ?? bench.boards.find(board => board.type.name === name)
    if (board) chosen.add(board)
    else unknown.push(name)
  }
  if (unknown.length > 0)
    throw new Fault('configuration/unknown-board', {
      expected: `boards or board types of bench ${bench.name}`,
      seen: unknown.join(', '),
      evidence: bench.boards.map(board => `${board.name} (${board.type.name}: ${board.type.title})`),
    })
  return [...chosen]
}

/** What this host lacks for a board, in words; undefined when it has everything. */
export async function missingFor(board: Board): Promise<string | undefined> {
  const wired = Object.values(board.wired).flatMap(wired => [wired, wired?.over])
  const answers = wired.map(async layer => layer?.driver.missing?.(layer.options as never))
  const missing = (await Promise.all(answers)).filter(answer => answer !== undefined)
  return missing.length > 0 ? missing.join('; ') : undefined
}

function imageFor(board: Board, variant: Variant, request: PlanRequest): string {
  const path = request.images[variant] ?? board.spec.images[variant]
  const complaints = [
    ...(path === undefined ? [`no ${variant} image: name one with --image, in the bench file, or use --no-flash`] : []),
    ...(board.wired.media && board.wired.flasher ? [] : ['no media and flasher wired: wire both, or use --no-flash']),
  ]
  if (path !== undefined && complaints.length === 0) return path
  throw complain(
    'configuration/image',
    `image for ${board.name}`,
    complaints.map(message => ({ where: board.name, message })),
  )
}
