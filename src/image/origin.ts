import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import type { ImageOrigin, Provenance } from '../model/image.ts'
import type { TrustedLine } from '../model/trust.ts'
import { narSha256 } from './nix-archive.ts'
import { plainRepository, readAttestations, type Attestation, type Subject } from './provenance.ts'
import { MAX_ED25519_BYTES, type FileDigest } from './file-digest.ts'
import { isEd25519, type TrustedKey } from './trust.ts'

/** A file whose origin is asked for. */
export interface Claimed {
  readonly path: string
  readonly file: FileDigest
  readonly signed: boolean
  /** The Nix build result it lies in, where that is known. */
  readonly resultRoot: string | undefined
}

/** Where provenance may stand: beside the image, or as a build lays it out that signs its results. */
function provenancePaths({ path, resultRoot }: Claimed): string[] {
  const folder = dirname(path)
  return [
    `${path}.provenance.json`,
    `${path}.intoto.jsonl`,
    join(folder, 'provenance.json'),
    ...[folder, ...(resultRoot === undefined ? [] : [resultRoot])].map(of =>
      join(of, '../attestations/provenance.json'),
    ),
  ]
}

/**
 * Finds out where an image comes from, as far as signatures of trusted keys prove it.
 *
 * Errors: `configuration/image-signature` when signature or provenance contradict the image: signed by nobody trusted, or
 * about something else.
 */
export async function originOf(
  claimed: Claimed,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<ImageOrigin> {
  const { path, file, signed } = claimed
  if (signed && keys.length > 0 && !file.signer)
    throw new Fault('configuration/image-signature', {
      expected: `${shortPath(path)} to be what ${basename(path)}.sig signs, by one of ${keys.length} trusted keys`,
      seen: 'no trusted key that made this signature over this file',
      next: `do not use this image until somebody knows why; if another key signs it, trust that one; nothing was written`,
      evidence: [
        ...keys.map(({ fingerprint }) => `trusted: ${fingerprint}`),
        ...(keys.some(({ key }) => isEd25519(key)) ? [ED25519_LIMIT] : []),
      ],
    })
  const signature = !signed ? 'none' : file.signer ? 'good' : 'unchecked'
  const resultRoot = claimed.resultRoot ?? copyOfResult(await realpath(path))
  const found = await provenanceOf({ ...claimed, ...(resultRoot !== undefined && { resultRoot }) }, keys, signal)
  const line = found ? lineOf(found) : { line: null, why: 'nothing says where it comes from' }
  return {
    signature,
    ...(file.signer && { signedBy: file.signer.fingerprint }),
    ...(found && { provenance: found.provenance }),
    line: line.line,
    why: `${SIGNATURE_TEXT[signature]}; ${line.why}`,
  }
}

const ED25519_LIMIT = `Ed25519 over a file of more than ${MAX_ED25519_BYTES >> 20} MiB can only be checked over its 32-byte SHA-256`

const SIGNATURE_TEXT = {
  none: 'not signed',
  unchecked: 'signed, with no trusted key to check it by',
  good: 'signed by a trusted key',
} as const

interface Found {
  readonly provenance: Provenance
  readonly signer: TrustedKey | undefined
  readonly signed: boolean
}

async function provenanceOf(
  claimed: Claimed,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<Found | undefined> {
  for (const path of provenancePaths(claimed)) {
    const bytes = await optional(path)
    if (!bytes) continue
    const attestations = readAttestations(path, bytes, await optional(`${path}.sig`), keys)
    if (attestations.length === 0) continue
    mustBeSignedRight(path, attestations, keys)
    const bindings = await Promise.all(attestations.map(async a => ({ a, bound: await bindingOf(a, claimed, signal) })))
    const best =
      bindings.find(({ a, bound }) => bound !== 'not' && a.signer) ??
      bindings.find(({ bound }) => bound !== 'not') ??
      bindings[0]!
    if (best.bound === 'not') mustNotContradict(path, attestations, claimed)
    const { signer, signed, says } = best.a
    return {
      provenance: { ...says, bound: best.bound, ...(signer && { signedBy: signer.fingerprint }) },
      signer,
      signed,
    }
  }
  return undefined
}

/** Where keys are trusted for provenance, a signature that none of them made is a wrong one. */
function mustBeSignedRight(path: string, attestations: readonly Attestation[], keys: readonly TrustedKey[]): void {
  const trusted = keys.filter(({ lines }) => lines.length > 0)
  if (trusted.length === 0 || !attestations.every(({ signed, signer }) => signed && !signer)) return
  throw new Fault('configuration/image-signature', {
    expected: `${shortPath(path)} to be signed by one of ${trusted.length} keys trusted for provenance`,
    seen: 'a signature none of them made over this text',
    evidence: trusted.map(({ fingerprint }) => `trusted: ${fingerprint}`),
  })
}

/** A statement about files that are not this one: somebody swapped the image or the statement. */
function mustNotContradict(path: string, attestations: readonly Attestation[], { path: image, file }: Claimed): void {
  const subjects = attestations.flatMap(a => a.subjects)
  if (subjects.some(isNixOutput)) return
  throw new Fault('configuration/image-signature', {
    expected: `${shortPath(path)} to be about ${shortPath(image)}, SHA-256 ${file.sha256}`,
    seen: 'a statement about other files',
    next: 'fetch image and provenance of the same build; nothing was written',
    evidence: subjects.slice(0, 10).map(({ name, digest }) => `${name ?? '?'}: sha256 ${digest['sha256'] ?? 'none'}`),
  })
}

function isNixOutput({ name, uri }: Subject): boolean {
  return [name, uri].some(place => place?.startsWith('/nix/store/') ?? false)
}

/** Nix names a build result by the digest of the whole folder: where that is at hand, it ties the image to it too. */
async function bindingOf(
  { subjects }: Attestation,
  { path, file, resultRoot }: Claimed,
  signal: AbortSignal,
): Promise<Provenance['bound']> {
  if (subjects.some(({ digest }) => digest['sha256'] === file.sha256)) return 'file'
  const outputs = subjects.filter(isNixOutput)
  const root = outputs.length > 0 ? (storePathOf(await realpath(path)) ?? resultRoot) : undefined
  if (root === undefined) return 'not'
  const nar = await narSha256(await realpath(root), signal)
  if (outputs.some(({ digest }) => digest['sha256'] === nar)) return 'nix-output'
  if (!outputs.some(({ uri }) => uri === root)) return 'not'
  throw new Fault('configuration/image-signature', {
    expected: `${root} to have the digest its provenance names`,
    seen: `SHA-256 ${nar} of its Nix archive`,
    next: 'the store path was changed after it was built: nix-store --verify-path; nothing was written',
  })
}

/** A CI that publishes its results copies each as a whole into a folder of this name. */
function copyOfResult(path: string): string | undefined {
  return /^(.*\/unsigned-output)\//.exec(path)?.[1]
}

function storePathOf(path: string): string | undefined {
  return /^\/nix\/store\/[^/]+/.exec(path)?.[0]
}

function lineOf({ provenance, signer, signed }: Found): { line: string | null; why: string } {
  const says = `provenance names ${provenance.repository ?? 'no repository'}, ${provenance.ref ?? provenance.job ?? 'no ref'}`
  if (!signer)
    return { line: null, why: `${says}: a claim, ${signed ? 'its signature was not checked' : 'not signed'}` }
  if (provenance.bound === 'not')
    return { line: null, why: `${says}, and is signed, but its subject is a Nix build result that is not at hand` }
  const match = signer.lines.find(line => matches(line, provenance))
  if (match) return { line: match.line, why: `signed provenance proves line ${match.line}` }
  return { line: null, why: `${says}, and is signed, but that is none of the lines its key may vouch for` }
}

function matches(line: TrustedLine, { repository, builder, ref, job }: Provenance): boolean {
  return (
    repository !== undefined &&
    plainRepository(repository) === plainRepository(line.repository) &&
    (line.builders?.includes(builder) ?? true) &&
    (line.ref === undefined || line.ref === ref) &&
    (line.job === undefined || line.job === job)
  )
}

async function optional(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined)
}
