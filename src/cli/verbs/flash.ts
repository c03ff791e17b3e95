import { humanDuration, humanSize } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { inspectImage } from '../../run/image-file.ts'
import { flashImage } from '../../run/provision.ts'
import { Fault } from '../../base/fault.ts'
import { boardOf, leaseFor } from '../board-of.ts'
import { imagesOf } from '../images.ts'

/** `hil flash`: an image onto a board's medium, proven; the board is left off. */
export async function flash(
  name: string,
  options: { bench: string; image: string[] },
  signal: AbortSignal,
): Promise<void> {
  const board = await boardOf(options.bench, name)
  const named = imagesOf(options.image)
  const variant = named.release !== undefined && named.debug === undefined ? 'release' : 'debug'
  const path = named[variant] ?? board.spec.images[variant]
  if (path === undefined)
    throw new Fault('configuration/image', {
      expected: `an image for ${board.name}`,
      seen: 'none in the bench file',
      next: 'name one with --image',
    })
  const image = await inspectImage(path, variant, signal)
  await using lease = await leaseFor(board, signal)
  const tty = process.stderr.isTTY
  const startedMs = systemClock.ticksMs()
  const proof = await flashImage(lease, image, {
    clock: systemClock,
    signal,
    emit: event => {
      if (event.type !== 'progress' || !tty) return
      const rate = event.done / (systemClock.ticksMs() - startedMs + 1)
      const left = event.unit === 'B' && rate > 0 ? `, ~${humanDuration((event.total - event.done) / rate)} left` : ''
      process.stderr.write(
        `\r${event.unit === 'B' ? 'writing' : 'reading back'} ${humanSize(event.done)} of ${humanSize(event.total)}${left}\u001b[K`,
      )
    },
  })
  if (tty) process.stderr.write('\r\u001b[K')
  process.stdout.write(
    `${board.name}: ${humanSize(proof.writtenBytes)} written to ${proof.target} and read back equal in ${humanDuration(proof.durationMs)}\n` +
      `image  sha256 ${image.sha256}\nmedium sha256 ${proof.readBackSha256}\n`,
  )
}
