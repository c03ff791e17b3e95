/** What is known of the origin of an image; see `ImageOrigin`. */
export interface Origin {
  readonly line: string | null
  readonly why: string
  readonly provenance?: {
    readonly signedBy?: string
    readonly bound: 'file' | 'nix-output' | 'not'
    readonly builder: string
    readonly repository?: string
    readonly commit?: string
    readonly ref?: string
    readonly job?: string
    readonly finishedAt?: string
  }
}

const MAIN = 'refs/heads/main'

/** Why an image says nothing of the builds of main: it does not claim to be one. Undefined: it does. */
export function notOfMain(origin: Origin | undefined): string | undefined {
  const { provenance, line, why } = origin ?? {}
  if (!provenance) return 'nothing beside the image says who built it (provenance)'
  if (provenance.signedBy === undefined) return 'its provenance is signed by nobody whom this bench trusts'
  if (provenance.bound === 'not') return `its provenance cannot be tied to this file: ${why}`
  if (line === 'main' || provenance.ref === MAIN) return undefined
  return `it is no build of main: ${provenance.ref ?? why}`
}

/** What is wrong with an image that claims to be built by CI from main; empty when it proves it. */
export function ciFlaws({ line, why, provenance }: Origin): string[] {
  if (!provenance) return ['there is no provenance']
  const { signedBy, bound, builder, repository, commit, ref, finishedAt } = provenance
  const flaws: string[] = []
  if (signedBy === undefined) flaws.push('no trusted key signed its provenance')
  if (bound === 'not') flaws.push('its provenance is about something else')
  if (line !== 'main') flaws.push(`it is not proven to come from main: ${why}`)
  if (ref !== undefined && ref !== MAIN) flaws.push(`it was built from ${ref}`)
  if (!/^https?:\/\/[^/]+/.test(builder)) flaws.push(`its builder names no service: ${JSON.stringify(builder)}`)
  if (!repository) flaws.push('it names no repository')
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit ?? '')) flaws.push(`it names no commit: ${commit ?? 'none'}`)
  if (finishedAt !== undefined && Number.isNaN(Date.parse(finishedAt))) flaws.push(`it ended at no time: ${finishedAt}`)
  return flaws
}

/** The commit that `nixos-version` ends in, as far as it names one: `26.05.20261101.743ae50 (Name)` → `743ae50`. */
export function commitIn(version: string): string | undefined {
  return /^\d\d\.\d\d\.\d{8}\.([0-9a-f]{7,40})(?:-dirty)?(?: |$)/.exec(version)?.[1]
}
