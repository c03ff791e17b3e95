import type { Complaint } from '../base/schema.ts'
import { lineOf, type BoardSpec } from '../model/bench-file.ts'

/** Two boards on one cable, disk or port would overwrite each other: every value that must be unique, seen twice. */
export function wiredTwice(
  boards: readonly { readonly name: string; readonly spec: BoardSpec }[],
  at: (board: string, control: string) => string,
): Complaint[] {
  const seen = new Map<string, string>()
  const complaints: Complaint[] = []
  for (const { name, spec } of boards) {
    const unique: [string, unknown][] = [
      ['console', spec.console && lineOf(spec.console)],
      ['media', spec.media?.path ?? spec.media?.device],
      ['media', spec.media?.serial],
      ['shell', spec.shell && `${spec.shell.host}:${spec.shell.port}`],
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
  return complaints
}
