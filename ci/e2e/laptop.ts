import type { Feature } from '../../src/model/feature.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { readYaml } from '../../src/base/schema.ts'
import { ghafBoard, SUITES } from './ghaf.ts'
import { Lab, type BoardYaml } from './lab.ts'

/** The rows that a twin executes and can be told to break, one by one: `hil.break=<row>`. */
export const BREAKABLE = [
  ...['minimal-host', 'netvm', 'idsvm', 'guivm', 'appvm', 'adminvm', 'inter-vm-ip', 'inter-vm-shared-memory'],
  ...['sw-update', 'chromium', 'element', 'gala', 'virtualization-control'],
] as const
export type Breakable = (typeof BREAKABLE)[number]

/** Tables of the status page whose rows say what the image's architecture does. */
const SECTIONS: readonly string[] = ['Target Architecture', 'Applications and VM Control']

/** A twin with all the guests that a laptop has, with an ids-vm and with shared memory; `broken` on purpose. */
export function laptop(lab: Lab, broken: readonly Breakable[]): BoardYaml {
  const faults = broken.length > 0 ? ` hil.break=${broken.join()}` : ''
  return ghafBoard(lab, `ghaf.vms=laptop,ids-vm ghaf.shm=on${faults}`, {
    type: 'x1',
    traits: ['idsvm', 'shared-memory'],
    // Not OVMF, which would only take time.
    power: lab.power({ memoryMiB: 768 }),
    limitsMs: { boot: 120_000, ssh: 90_000 },
  })
}

/** Rows of the page, by id. */
export function rows(): Map<string, Feature> {
  const { features } = readYaml(`${SUITES}/features.yaml`, FeatureFile, 'configuration/bench-file').data
  return new Map(features.map(feature => [feature.id, feature]))
}

/** What `hil run` is to do: every row of those tables that has a suite, what they require, and one look at each. */
export function architectureRun(): string[] {
  const all = [...rows().values()]
  const chosen = all.filter(({ section, suite }) => SECTIONS.includes(section) && suite !== undefined)
  return [...new Set(['debug-ssh', ...chosen.map(({ id }) => id)])]
    .flatMap(id => ['--feature', id])
    .concat('--no-confirm')
}

/**
 * Where a run's cells say something else than the truth. A broken row must fail, and what requires it may be blocked by it;
 * everything else passes, or is skipped where a twin cannot tell.
 */
export function confusions(cells: Readonly<Record<string, string>>, broken: readonly Breakable[]): string[] {
  const all = rows()
  const rootsOf = (id: string): string[] => (all.get(id)?.requires ?? []).flatMap(root => [root, ...rootsOf(root)])
  return Object.entries(cells)
    .filter(([id, cell]) => {
      if ((broken as readonly string[]).includes(id)) return cell !== 'fail'
      const blocked = broken.filter(root => rootsOf(id).includes(root)).map(root => `miss, blocked by ${root}`)
      return !['pass', 'skip', ...blocked].includes(cell)
    })
    .map(([id, cell]) => `${id}: ${cell}`)
    .concat(broken.filter(id => cells[id] === undefined).map(id => `${id}: not run`))
}
