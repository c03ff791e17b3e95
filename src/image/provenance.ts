import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import type { Provenance } from '../model/image.ts'
import { signerOf, type TrustedKey } from './trust.ts'

/**
 * A statement about artifacts, and who signed it.
 *
 * Sources: in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md), SLSA provenance
 * v1 (https://slsa.dev/spec/v1.0/provenance), DSSE (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md).
 */
export interface Attestation {
  readonly subjects: readonly Subject[]
  /** What it says; all of it a claim while `signer` is undefined. */
  readonly says: Omit<Provenance, 'bound' | 'signedBy'>
  readonly signed: boolean
  readonly signer: TrustedKey | undefined
}

export type Subject = z.infer<typeof Subject>
const Subject = z.looseObject({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string()).default({}),
})

const Statement = z.looseObject({
  _type: z.string().startsWith('https://in-toto.io/Statement/'),
  subject: z.array(Subject).min(1),
  predicateType: z.string(),
  predicate: z.unknown(),
})

const Envelope = z.looseObject({
  payloadType: z.literal('application/vnd.in-toto+json'),
  payload: z.string(),
  signatures: z.array(z.looseObject({ sig: z.string() })),
})

const SLSA_V1 = 'https://slsa.dev/provenance/v1'

const text = z.string().optional().catch(undefined)
/** A repository and a ref, wherever a build type keeps them. */
const Origin = z.looseObject({ repository: text, ref: text, path: text }).optional().catch(undefined)

/** What builders may say of a source beside its digest; Nix calls the number of commits that lead to it `revCount`. */
const Annotations = z
  .looseObject({ revCount: z.int().min(0).optional().catch(undefined) })
  .optional()
  .catch(undefined)

const Predicate = z.looseObject({
  buildDefinition: z.looseObject({
    externalParameters: z.looseObject({ target: Origin, source: Origin, workflow: Origin, job: text }).optional(),
    resolvedDependencies: z
      .array(
        z.looseObject({
          uri: text,
          digest: z.record(z.string(), z.string()).optional().catch(undefined),
          annotations: Annotations,
        }),
      )
      .optional()
      .catch(undefined),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({ id: z.string() }),
    metadata: z.looseObject({ finishedOn: text }).optional().catch(undefined),
  }),
})

/**
 * Reads the SLSA provenance in a file: a bare statement (signed by a file beside it, or not), a DSSE envelope, a bundle
 * around one, or several of them, one a line. Statements about other things than provenance are left out.
 *
 * Errors: `configuration/image` for what is none of these.
 */
export function readAttestations(
  path: string,
  bytes: Buffer,
  detached: Buffer | undefined,
  keys: readonly TrustedKey[],
): Attestation[] {
  try {
    return documentsIn(bytes.toString('utf8')).flatMap(json => attestation(json, bytes, detached, keys) ?? [])
  } catch (cause) {
    throw new Fault('configuration/image', {
      expected: `SLSA provenance v1 in ${shortPath(path)}: an in-toto statement or a DSSE envelope`,
      seen: (cause as Error).message.split('\n').slice(0, 6).join(' '),
      next: 'correct or remove that file; nothing was written',
      cause,
    })
  }
}

/** One document, or one a line. */
function documentsIn(text: string): unknown[] {
  try {
    return [JSON.parse(text)]
  } catch (error) {
    const lines = text.split('\n').filter(line => line.trim() !== '')
    if (lines.length < 2) throw error
    return lines.map(line => JSON.parse(line) as unknown)
  }
}

function attestation(
  json: unknown,
  bytes: Buffer,
  detached: Buffer | undefined,
  keys: readonly TrustedKey[],
): Attestation | undefined {
  const inner = (json as { dsseEnvelope?: unknown } | null)?.dsseEnvelope ?? json
  const isEnvelope = typeof inner === 'object' && inner !== null && 'payload' in inner
  const envelope = isEnvelope ? Envelope.parse(inner) : undefined
  const payload = envelope && Buffer.from(envelope.payload, 'base64')
  const statement = Statement.parse(payload ? JSON.parse(payload.toString('utf8')) : inner)
  if (statement.predicateType !== SLSA_V1) return undefined
  const signatures = envelope
    ? envelope.signatures.map(({ sig }) => Buffer.from(sig, 'base64'))
    : detached
      ? [detached]
      : []
  const signedBytes = payload ? preAuthEncoding(envelope.payloadType, payload) : bytes
  const signer = signatures.map(signature => signerOf(signedBytes, signature, keys)).find(found => found !== undefined)
  return { subjects: statement.subject, says: claims(statement.predicate), signed: signatures.length > 0, signer }
}

/** What DSSE signs: type and payload, each with its length, so that neither can be taken for the other. */
function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

function claims(json: unknown): Attestation['says'] {
  const { buildDefinition, runDetails } = Predicate.parse(json)
  const parameters = buildDefinition.externalParameters
  // What was built, before what built it: a workflow may live in a repository of its own.
  const origin = [parameters?.target, parameters?.source, parameters?.workflow].find(found => found?.repository)
  const repository = origin?.repository
  const source = buildDefinition.resolvedDependencies?.find(
    ({ uri, digest }) =>
      (digest?.['gitCommit'] ?? digest?.['sha1']) !== undefined &&
      (repository === undefined || repositoryOf(uri ?? '') === plainRepository(repository)),
  )
  const named = origin?.ref !== undefined && COMMIT.test(origin.ref)
  const sourceCommit = source?.digest?.['gitCommit'] ?? source?.digest?.['sha1']
  const commit = named ? origin.ref : sourceCommit
  const job = parameters?.job ?? parameters?.workflow?.path
  const position = sourceCommit === commit ? source?.annotations?.revCount : undefined
  const finishedAt = runDetails.metadata?.finishedOn
  return {
    builder: runDetails.builder.id,
    ...((repository ?? source?.uri) !== undefined && { repository: repository ?? repositoryOf(source!.uri!) }),
    ...(commit !== undefined && { commit }),
    ...(position !== undefined && { position }),
    ...(origin?.ref !== undefined && !named && { ref: origin.ref }),
    ...(job !== undefined && { job }),
    ...(finishedAt !== undefined && { finishedAt }),
  }
}

/** A repository's URL without what differs between ways of writing it: `git+`, `.git`, a last slash. */
export function plainRepository(url: string): string {
  return url
    .replace(/^git\+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
}

/** What a dependency was fetched from: its URI names the ref behind the repository. */
function repositoryOf(uri: string): string {
  return plainRepository(uri.replace(/@(?:refs\/.+|[\w.-]+)$/, ''))
}
