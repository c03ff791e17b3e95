import { readYaml } from '../../base/schema.ts'
import type { Evidence } from '../../model/cell.ts'
import { Feature, FeatureFile } from '../../model/feature.ts'
import type { Image } from '../../model/image.ts'
import type { KnownIssue } from '../../model/known-issue.ts'
import { LabelFile } from '../../model/labels.ts'
import type { BootFact, FlashFact, RunFacts } from '../../model/run-facts.ts'
import { releaseReport, type ReleaseQuestion, type ReleaseReport, type ReleaseSources } from './release.ts'

export const LABELS = readYaml('devices/labels.yaml', LabelFile, 'configuration/usage').data.labels
export const ROWS = readYaml('suites/features.yaml', FeatureFile, 'configuration/usage').data.features
export const QUESTION = { to: 'v26.08', from: 'v26.07', asOf: '2026-09-02T12:00:00Z' }

/** A row for tests of one rule. */
export function row(devices: string[], more: object = {}): Feature {
  const common = { id: 'f', title: 'f', section: 'Development', maturity: 'integrated', suite: 's.spec.ts' }
  return Feature.parse({ ...common, devices, ...more })
}

/** A finding of hardware about a build, a fail that two re-runs confirmed; `age` in days before `QUESTION.asOf`. */
export function found(
  line: string,
  verdict: Evidence['verdict'],
  age: number,
  more: Partial<Evidence> & { build?: string } = {},
): Evidence {
  const { build = line, ...rest } = more
  const type = rest.type ?? 'orin'
  return {
    feature: 'f',
    type,
    board: `${type}-1`,
    twin: false,
    verdict,
    at: new Date(Date.parse(QUESTION.asOf) - age * 86_400_000).toISOString(),
    run: `${line}-${age}-${type}`,
    imageSha256: hex(`${build} ${IMAGES[type]}`, 64),
    commit: hex(build, 40),
    line,
    variant: 'debug',
    ...(verdict === 'fail' && {
      reruns: { ran: 2, agreed: 2 },
      why: 'is running: product/no-guest: no route to host, 60 times',
    }),
    ...rest,
  }
}

/** A report about some evidence on one row. */
export function reportOf(
  feature: Feature,
  evidence: Evidence[],
  question: Partial<ReleaseQuestion> = {},
  more: Partial<ReleaseSources> = {},
): ReleaseReport {
  const sources = { features: [feature], labels: LABELS, evidence, issues: [], runs: [], untold: [], ...more }
  return releaseReport(sources, { ...QUESTION, ...question })
}

/** One that is open and one that expired. */
const ISSUES: KnownIssue[] = [
  {
    ticket: 'https://tickets.example/GHAF-231',
    owner: 'Grace Example',
    feature: 'rootfs-flashing',
    types: ['imx8mp'],
    lines: ['v26.08'],
    opened: '2026-08-20',
    expires: '2026-10-15',
  },
  {
    ticket: 'GHAF-198',
    owner: 'Ada Example',
    feature: 'netvm',
    types: ['nuc'],
    opened: '2026-07-21',
    expires: '2026-08-25',
  },
]

/** Everything a report can show: two releases of which the second fixes, breaks and forgets things. */
export function sampleSources(): ReleaseSources {
  const evidence = [...before(), ...now()]
  return { features: ROWS, labels: LABELS, evidence, issues: ISSUES, runs: runsOf(evidence), untold: [] }
}

/** One image for each architecture, as Ghaf builds them: the laptop and the NUC share one. */
const IMAGES: Record<string, string> = { orin: 'orin', imx8mp: 'imx8mp', nuc: 'x86', x1: 'x86' }
const BOOTS: Record<string, string> = {
  orin: 'aarch64-image-orin',
  imx8mp: 'aarch64-image-imx8mp',
  nuc: 'x86-image',
  x1: 'x86-image',
}

function before(): Evidence[] {
  return ['orin', 'nuc', 'x1', 'imx8mp'].flatMap(type => {
    const pass = (feature: string, age: number): Evidence => found('v26.07', 'pass', age, { feature, type })
    const guest = {
      feature: 'netvm',
      type,
      why: 'answers ping from the host: product/no-guest: no route to host, 60 times',
    }
    return [61, 56, 51, 46, 43].flatMap(age => [
      pass(BOOTS[type]!, age),
      pass('rootfs-flashing', age),
      pass('debug-ssh', age),
      ...(type === 'x1' ? [] : [pass('debug-serial', age)]),
      ...(type === 'nuc' ? [found('v26.07', 'fail', age, guest)] : type === 'imx8mp' ? [] : [pass('netvm', age)]),
      ...(age === 43 && type === 'orin' ? [pass('quick-target-update', age), pass('vmd-control', age)] : []),
    ])
  })
}

function now(): Evidence[] {
  const builds = [
    { build: 'v26.08 rc', age: 18 },
    { build: 'v26.08 rc', age: 15 },
    { build: 'v26.08', age: 8 },
    { build: 'v26.08', age: 6 },
    { build: 'v26.08', age: 4 },
  ]
  return builds.flatMap(({ build, age }) =>
    ['orin', 'nuc', 'x1'].flatMap(type => {
      const pass = (feature: string, more: Partial<Evidence> = {}): Evidence =>
        found('v26.08', 'pass', age, { feature, type, build, ...more })
      const silent = {
        why: 'answers on its console: product/no-login: no login prompt within 120 s after the kernel began',
      }
      const serial = { feature: 'debug-serial', type, build, ...silent }
      return [
        pass(BOOTS[type]!),
        ...(type === 'nuc' && age < 15 ? [] : [pass('rootfs-flashing')]),
        pass('debug-ssh'),
        ...(type === 'x1'
          ? []
          : [type === 'orin' && age < 15 ? found('v26.08', 'fail', age, serial) : pass('debug-serial')]),
        ...(type === 'orin' && age === 18 ? [] : [pass('netvm')]),
        ...(type === 'x1' && age === 4
          ? [pass('lenovo-x1-image'), pass('guivm', { twin: true, board: 'x1-twin' })]
          : []),
      ]
    }),
  )
}

const FIRMWARE: Record<string, string> = { nuc: 'ANADL357.0026.2023.0130', x1: 'N3XET59W (1.34)' }
const BOOT_S: Record<string, number> = { orin: 61, nuc: 33, x1: 41, imx8mp: 54 }

function runsOf(evidence: readonly Evidence[]): RunFacts[] {
  return [...Map.groupBy(evidence, ({ run }) => run)].map(([run, group], index) => {
    const { board, type, twin, at, imageSha256, commit, line, variant } = group[0]!
    const image: Image = {
      path: `images/${type}.img.zst`,
      variant: variant as Image['variant'],
      format: 'zst',
      sha256: imageSha256,
      sizeBytes: 1_812_331_520,
      name: `ghaf-${IMAGES[type]}-debug`,
      version: `${line?.slice(1)}.20260829.${commit?.slice(0, 7)}`,
      ...(commit !== null && { commit }),
      origin: { signature: 'good', line, why: `signed provenance proves line ${line}` },
    }
    const fact = { run, at, board, type, twin, image }
    const slower = line === 'v26.08' && type === 'orin' ? 1.2 : 1
    const wobble = 1 + ((index * 7) % 11) / 80
    const durationMs = (BOOT_S[type] ?? 30) * 1000 * slower * wobble
    const firmware = FIRMWARE[type]
    const boot: BootFact = { ...fact, durationMs, version: image.version!, ...(firmware !== undefined && { firmware }) }
    const flash: FlashFact = { ...fact, durationMs: 74_000 * wobble, mode: 'full', imageBytes: 8_589_934_592 }
    return { run, bench: 'tampere-2', boots: [boot], flashes: [flash] }
  })
}

/** Digits that only look like a digest's, the same for the same text. */
function hex(text: string, digits: number): string {
  let state = 2_166_136_261
  let out = ''
  for (let n = 0; out.length < digits; n++) {
    for (const character of `${text}${n}`) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619) >>> 0
    out += state.toString(16).padStart(8, '0')
  }
  return out.slice(0, digits)
}
