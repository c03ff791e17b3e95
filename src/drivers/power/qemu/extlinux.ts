/** One way to boot, as a boot loader's configuration names it. Paths are on the medium. */
export interface BootEntry {
  readonly kernel: string
  readonly initrd?: string
  readonly dtb?: string
  readonly append: string
}

/**
 * The entry that an `extlinux.conf` boots when nobody touches a key; undefined where it names no kernel.
 *
 * Limits: no `INCLUDE`, no menus, and `FDTDIR` is not searched.
 * Source: https://docs.u-boot.org/en/latest/develop/distro.html
 */
export function defaultEntry(text: string): BootEntry | undefined {
  const labels = new Map<string, Map<string, string>>()
  let wanted: string | undefined
  let current = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line)
    if (!match?.[1] || match[2] === undefined) continue
    const key = match[1].toLowerCase()
    if (key === 'default') wanted ??= match[2]
    else if (key === 'label') labels.set(match[2], (current = new Map()))
    else current.set(SAME[key] ?? key, match[2])
  }
  const chosen = (wanted === undefined ? undefined : labels.get(wanted)) ?? labels.values().next().value
  const kernel = chosen?.get('linux')
  if (!chosen || kernel === undefined) return undefined
  const initrd = chosen.get('initrd')
  const dtb = chosen.get('fdt')
  return { kernel, append: chosen.get('append') ?? '', ...(initrd && { initrd }), ...(dtb && { dtb }) }
}

const SAME: Readonly<Record<string, string>> = { kernel: 'linux', devicetree: 'fdt' }
