/** A pair of places that a system is installed to, and started from. */
export interface Slot {
  readonly used: boolean
  readonly active: boolean
  /** What is installed there: `26.05.20261101 (hash=…)`. */
  readonly version: string | undefined
}

/** What `ota-update image status` says of the slots. Source: tiiuae/ghaf-givc, crates/ota-update. */
export function slotsOf(text: string): Slot[] {
  return text
    .split(/^- slot: /m)
    .slice(1)
    .map(group => ({
      used: group.startsWith('used'),
      active: /^ +active: true$/m.test(group),
      version: /^ +version: (.+?)\r?$/m.exec(group)?.[1],
    }))
}

/** What is wrong with the slots of a board that runs: nothing, or a complaint each. */
export function slotComplaints(slots: readonly Slot[]): string[] {
  const active = slots.filter(slot => slot.active)
  return [
    ...(slots.length < 2 ? [`${slots.length} slots: an update would have to overwrite what runs`] : []),
    ...(active.length === 1 ? [] : [`${active.length} slots are active, not one`]),
    ...active.filter(slot => !slot.used).map(() => 'the active slot is empty'),
    ...active.filter(slot => slot.version === undefined).map(() => 'the active slot has no version'),
  ]
}
