import type { Blocker } from './gate.ts'

/** Blockers of one feature that say the same of several board types. */
export interface JointBlocker extends Blocker {
  /** Every one of its types is in the way; absent: any one of them would do. */
  readonly each?: true
}

/** Blockers as people read them: what is the same on several board types in one line. */
export function blockersTogether(blockers: readonly Blocker[]): JointBlocker[] {
  const groups = Map.groupBy(blockers, ({ feature, kind, why, types, word }) =>
    types.length === 1 ? [feature.id, kind, why].join('\n') : [feature.id, kind, word, 'any'].join('\n'),
  )
  return [...groups.values()].map(group => {
    const { evidence, ...first } = group[0]!
    if (group.length === 1) return group[0]!
    return { ...first, types: group.flatMap(({ types }) => types), each: true, ...(evidence && { evidence }) }
  })
}

/** `Orin, imx8mp`: each of them; `nuc or Lenovo X1`: one is enough. */
export function sayWhere({ types, word, each }: JointBlocker, title: (type: string) => string): string {
  return types.length > 0 ? types.map(title).join(each ? ', ' : ' or ') : word
}
