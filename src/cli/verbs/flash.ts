import { Fault } from '../../base/fault.ts'
import { humanDuration, humanSize } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import { obtainImage } from '../../image/obtain.ts'
import type { FlashProof } from '../../model/event.ts'
import type { Image } from '../../model/image.ts'
import { imageMeans, misfit, originNotes } from '../../run/images.ts'
import { chooseBoards } from '../../run/plan.ts'
import { flashImage, type FlashHow } from '../../run/provision.ts'
import { leaseFor } from '../board-of.ts'
import { imagesOf, keysNamed } from '../images.ts'
import { FLASH_WORK } from '../progress-model.ts'
import { openTransfer } from '../progress-transfer.ts'
import { proofWords } from '../proof-words.ts'

export interface FlashOptions {
  bench: string
  image: string[]
  trustKey: string[]
  delta?: boolean
  full?: boolean
  verifyOnly?: boolean
  dryRun?: boolean
  json?: boolean
}

/** `hil flash`: an image onto a board's medium, proven; the board is left off. */
export async function flash(name: string, options: FlashOptions, signal: AbortSignal): Promise<void> {
  const bench = await loadBench(options.bench)
  const board = chooseBoards(bench, [name])[0]!
  const named = imagesOf(options.image)
  const variant = named.release !== undefined && named.debug === undefined ? 'release' : 'debug'
  const reference = named[variant] ?? board.spec.images[variant]
  if (reference === undefined)
    throw new Fault('configuration/image', {
      expected: `an image for ${board.name}`,
      seen: 'none in the bench file',
      next: 'name one with --image',
    })
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
  using transfer = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const means = imageMeans([...bench.trust, ...keysNamed(options.trustKey)], {
    clock: systemClock,
    signal,
    progress: transfer.download,
    note: transfer.note,
  })
  const { image } = await obtainImage(reference, variant, means)
  const unfit = misfit(board, image)
  if (unfit) throw unfit
  for (const text of originNotes([image])) transfer.note(text)
  await using lease = await leaseFor(board, signal)
  const proof = await flashImage(
    lease,
    image,
    {
      clock: systemClock,
      signal,
      emit: event => {
        if (event.type !== 'progress') return
        const work = FLASH_WORK[event.unit] ?? event.unit
        if (options.json) say({ at: new Date(systemClock.nowMs()).toISOString(), ...event })
        else transfer.show(`${board.name}: ${work}`, event.done, event.total)
      },
    },
    howOf(options),
  )
  transfer[Symbol.dispose]()
  if (options.json) say({ type: 'flashed', board: board.name, proof, image })
  else process.stdout.write(summary(board.name, image, proof))
}

function howOf({ delta, full, verifyOnly, dryRun }: FlashOptions): FlashHow {
  const mode = verifyOnly ? 'verify' : delta ? 'delta' : full ? 'full' : undefined
  return { ...(mode && { mode }), ...(dryRun && { dryRun }) }
}

function summary(board: string, image: Image, proof: FlashProof): string {
  const size = humanSize(proof.imageBytes)
  const seconds = humanDuration(proof.durationMs)
  const written = `${humanSize(proof.writtenBytes)} of it written (${proof.mode})`
  const did = proof.dryRun
    ? `would put ${size} on ${proof.target}${proof.writtenBytes > 0 ? `, ${written}` : ` (${proof.mode})`}; nothing was written`
    : proof.mode === 'verify'
      ? `${proof.target} holds the image: ${size} compared equal in ${seconds}`
      : `${size} on ${proof.target}${proof.readBackBytes > 0 ? ' and' : ','} ${proofWords(proof)} in ${seconds}, ${written}`
  return [
    `${board}: ${did}`,
    `image  sha256 ${image.sha256}`,
    ...(proof.rawSha256 === undefined ? [] : [`medium sha256 ${proof.rawSha256}`]),
    `origin ${image.origin?.why ?? 'not looked at'}`,
    '',
  ].join('\n')
}
