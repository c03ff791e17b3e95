/**
 * The VMs in an answer of `givc-cli query-list --as-json`: name → whether it runs. Empty where it is no such answer.
 *
 * Units of a VM are called by it, as `microvm@net-vm.service` or `net-vm`. Source: tiiuae/ghaf-givc, QueryResult.
 */
export function vmsIn(json: string): Map<string, boolean> {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch {
    return new Map()
  }
  if (!Array.isArray(list)) return new Map()
  return new Map(
    (list as { name?: unknown; status?: unknown }[]).flatMap(item => {
      const name = typeof item?.name === 'string' ? VM.exec(item.name)?.[1] : undefined
      return name === undefined ? [] : [[name, item.status === 'Running'] as const]
    }),
  )
}

/** A line `Name: value` of `givc-cli sysinfo`. */
export function field(sysinfo: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*:\\s*(.+?)\\s*$`, 'm').exec(sysinfo)?.[1]
}

const VM = /^(?:microvm@)?([a-z0-9-]+-vm)(?:\.service)?$/
