import { z } from 'zod'
import type { Lease } from '../agent/agent.ts'
import { Fault } from '../base/fault.ts'
import type { Builds } from '../model/bench-file.ts'
import type { Image } from '../model/image.ts'

/** Fetching a repository, which a builder may see for the first time. */
const FETCH_LIMIT_MS = 600_000

/**
 * What a builder builds from, as the image that its evidence is of: named by the digest of the sources.
 *
 * Errors: `infrastructure/builder` where Nix cannot tell.
 */
export async function sourceOf({ live, board }: Lease, builds: Builds, signal: AbortSignal): Promise<Image> {
  const argv = ['nix', '--extra-experimental-features', 'nix-command flakes', 'flake', 'metadata', '--json']
  const limits = { limitMs: FETCH_LIMIT_MS, signal }
  const { exitCode, stdout, stderr } = await live.run({ by: 'ssh' }, [...argv, builds.flake], limits)
  const said = stdout.toString()
  try {
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}`)
    return imageOfSource(said, builds)
  } catch (cause) {
    throw new Fault('infrastructure/builder', {
      expected: `nix on ${board.name} to find the flake ${builds.flake}`,
      seen: (cause as Error).message.split('\n')[0] ?? '',
      evidence: stderr.toString().trim().split('\n').slice(-5),
      cause,
    })
  }
}

/** `nix flake metadata --json`, of Nix 2.8 and later. */
const Metadata = z.looseObject({
  url: z.string(),
  revision: z.string().optional(),
  original: z.looseObject({ type: z.string(), rev: z.string().optional() }),
  locked: z.looseObject({ narHash: z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/) }),
})

/** Reads what Nix says of a flake. Errors: a plain one for what it does not say. */
export function imageOfSource(json: string, { flake, line }: Pick<Builds, 'flake' | 'line'>): Image {
  const { url, revision, original, locked } = Metadata.parse(JSON.parse(json))
  // A commit may be of any branch, and a folder may hold anything.
  const branch = revision !== undefined && original.rev === undefined && FORGES.has(original.type)
  const proven = line !== undefined && branch ? line : null
  return {
    path: flake,
    source: url,
    variant: 'debug',
    format: 'raw',
    sha256: Buffer.from(locked.narHash.slice('sha256-'.length), 'base64').toString('hex'),
    sizeBytes: 0,
    name: flake,
    ...(revision !== undefined && { commit: revision }),
    origin: {
      signature: 'none',
      line: proven,
      why:
        proven === null
          ? `sources named by ${flake}, which is no branch of a line that the bench file names`
          : `sources fetched by the builder from ${flake}, its branch of line ${proven}`,
    },
  }
}

const FORGES: ReadonlySet<string> = new Set(['github', 'gitlab', 'sourcehut', 'git'])
