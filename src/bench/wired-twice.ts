import type { Complaint } from '../base/schema.ts'
import { lineOf, type BoardSpec, type Wiring } from '../model/bench-file.ts'

/**
 * Two boards on one cable, disk or port would overwrite each other: every value that must be unique, seen twice; and
 * boards in recovery mode that only their USB port could tell apart, without one.
 */
export function wiredTwice(
  boards: readonly { readonly name: string; readonly spec: BoardSpec }[],
  at: (board: string, control: string) => string,
): Complaint[] {
  const seen = new Map<string, string>()
  const complaints: Complaint[] = []
  const recovered = boards.filter(({ spec }) => spec.media?.driver === RECOVERY)
  for (const { name, spec } of boards) {
    const unique: [string, unknown][] = [
      ['console', spec.console && lineOf(spec.console)],
      ['media', spec.media?.path ?? spec.media?.device],
      ['media', spec.media?.serial],
      ['media', spec.media?.driver === RECOVERY && usbPort(spec.media)],
      ['shell', spec.shell?.host && `${spec.shell.host}:${spec.shell.port}`],
    ]
    for (const [control, value] of unique) {
      if (typeof value !== 'string') continue
      const other = seen.get(`${control} ${value}`)
      if (other)
        complaints.push({
          where: at(name, control),
          message: `${name}.${control}: ${value} is wired to ${other} already`,
        })
      seen.set(`${control} ${value}`, name)
    }
  }
  if (recovered.length < 2) return complaints
  for (const { name, spec } of recovered)
    if (spec.media?.port === undefined)
      complaints.push({
        where: at(name, 'media'),
        message: `${name}.media.port: each of several boards in recovery mode needs its USB port, such as 1-2.3`,
      })
  return complaints
}

/** The driver whose medium is the board itself; two such boards look alike on USB. */
const RECOVERY = 'recovery'

function usbPort({ port }: Wiring): string | undefined {
  return typeof port === 'string' ? `USB port ${port}` : undefined
}
