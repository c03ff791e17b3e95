/** What systemd says of a unit. */
export interface UnitState {
  readonly active: string
  readonly sub: string
  /** When it became active; 0: never. Another number means that it was started anew. */
  readonly activeSinceUs: number
}

/** The properties that `unitStatesOf` reads. */
export const UNIT_PROPERTIES = '--property=Id,ActiveState,SubState,ActiveEnterTimestampMonotonic'

/** `systemctl show UNIT… ${UNIT_PROPERTIES}`: unit → state. */
export function unitStatesOf(text: string): Map<string, UnitState> {
  const blocks = text.split(/\n\s*\n/).map(block => new Map(block.split('\n').map(pair)))
  return new Map(
    blocks.flatMap(block => {
      const id = block.get('Id')
      if (!id) return []
      const [active = '', sub = ''] = [block.get('ActiveState'), block.get('SubState')]
      return [[id, { active, sub, activeSinceUs: Number(block.get('ActiveEnterTimestampMonotonic') ?? 0) }]]
    }),
  )
}

function pair(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trim()]
}
