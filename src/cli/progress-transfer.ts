import type { Clock } from '../base/time.ts'
import type { DownloadProgress } from '../image/download.ts'
import { shownUrl } from '../image/http.ts'
import { Rate } from './rate.ts'

/** Shows how bytes get from one place to another, for a person or a log on standard error. */
export interface Transfer extends Disposable {
  /** A step of one kind of work; another `what` begins another line. */
  readonly show: (what: string, doneBytes: number, totalBytes: number | undefined) => void
  readonly download: (report: DownloadProgress) => void
  readonly note: (text: string) => void
}

const REDRAW_MS = 200
const PLAIN_EVERY_MS = 10_000
const CLEAR_LINE = '\r\u001b[K'

/** `live`: one line, redrawn · `plain`: a line when work begins, every ten seconds and when it ends. */
export function openTransfer(
  how: 'live' | 'plain',
  clock: Clock,
  write: (text: string) => void = text => void process.stderr.write(text),
): Transfer {
  const rates = new Map<string, Rate>()
  const everyMs = how === 'live' ? REDRAW_MS : PLAIN_EVERY_MS
  const toldMs = new Map<string, number>()
  const ended = new Set<string>()
  let drawn = false
  const clear = (): void => {
    if (drawn) write(CLEAR_LINE)
    drawn = false
  }
  const show: Transfer['show'] = (what, doneBytes, totalBytes) => {
    const rate = rates.get(what) ?? new Rate(clock)
    rates.set(what, rate)
    const now = clock.ticksMs()
    const due = now - (toldMs.get(what) ?? Number.NEGATIVE_INFINITY) >= everyMs
    const ends = doneBytes === totalBytes && !ended.has(what)
    if (!due && !ends) return
    if (ends) ended.add(what)
    rate.add(doneBytes)
    toldMs.set(what, now)
    const line = `${what}  ${rate.line(doneBytes, totalBytes)}`
    drawn = how === 'live'
    write(drawn ? `\r${line.slice(0, (process.stderr.columns || 100) - 1)}\u001b[K` : `${line}\n`)
  }
  return {
    show,
    download: ({ url, doneBytes, totalBytes }) => show(`fetching ${shownUrl(url)}`, doneBytes, totalBytes),
    note: text => {
      clear()
      write(`${text}\n`)
    },
    [Symbol.dispose]: clear,
  }
}
