import { isAbsolute, resolve } from 'node:path'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import { isUrl } from '../../image/http.ts'
import { obtainImage } from '../../image/obtain.ts'
import { imageMeans } from '../../run/images.ts'
import { imageReport } from '../image-report.ts'
import { keysNamed } from '../images.ts'
import { openTransfer } from '../progress-transfer.ts'

/** `hil image inspect`: all that can be known of an image without writing it anywhere. */
export async function inspect(
  reference: string,
  options: { bench: string; trustKey: string[]; json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { trust } = await loadBench(options.bench)
  using transfer = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const means = imageMeans([...trust, ...keysNamed(options.trustKey)], {
    clock: systemClock,
    signal,
    progress: transfer.download,
    note: transfer.note,
  })
  const place = isUrl(reference) || isAbsolute(reference) ? reference : resolve(reference)
  const { image, layout } = await obtainImage(place, 'debug', means)
  transfer[Symbol.dispose]()
  const { variant: _unknown, ...facts } = image
  const { block, text } = imageReport(image, layout)
  process.stdout.write(
    options.json ? `${JSON.stringify({ image: facts, layout: layout ?? null, bmap: block ?? null }, null, 2)}\n` : text,
  )
}
