/** A device that a guest was given, as host and guest see it. */
export interface PassedDevice {
  /** `0000:00:14.3` */
  readonly address: string
  /** `vendor:device` as sysfs of the host says, without `0x`. */
  readonly id: string
  /** The host's driver of it; empty: none. */
  readonly driver: string
}

/** PCI addresses in a VM's `pci-devices`, whatever separates them. */
export function addressesIn(text: string): string[] {
  return [...text.matchAll(/\b[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b/gi)].map(([address]) =>
    address.toLowerCase(),
  )
}

/** What the host says of its devices, one a line: `address 0xVENDOR 0xDEVICE driver-path`. */
export function devicesIn(text: string): PassedDevice[] {
  return text.split('\n').flatMap(line => {
    const [address, vendor, device, driver = ''] = line.trim().split(/\s+/)
    if (!address || !vendor || !device) return []
    return [{ address, id: `${hex(vendor)}:${hex(device)}`, driver: driver.split('/').at(-1)! }]
  })
}

/** What is wrong with how devices were passed: nothing, or a complaint each. `insideLspci`: `lspci -n` of the guest. */
export function passthroughComplaints(devices: readonly PassedDevice[], insideLspci: string): string[] {
  const inside = new Set([...insideLspci.matchAll(/\b([0-9a-f]{4}:[0-9a-f]{4})\b/gi)].map(([id]) => id.toLowerCase()))
  return devices.flatMap(({ address, id, driver }) => [
    ...(driver === 'vfio-pci' ? [] : [`${address} has the driver '${driver}' on the host, not vfio-pci`]),
    ...(inside.has(id) ? [] : [`${address} (${id}) is not there in the guest`]),
  ])
}

/** What is wrong with a platform device given away. `driver`: where its sysfs link leads; `dmesg`: the host's lines on vfio-platform. */
export function platformComplaints(name: string, driver: string, dmesg: string): string[] {
  const errors = dmesg.split('\n').filter(line => line.includes('vfio-platform') && /\b(?:error|failed)\b/i.test(line))
  const found = driver.trim().split('/').at(-1)!
  return [
    ...(found === 'vfio-platform' ? [] : [`${name} has the driver '${found}' on the host, not vfio-platform`]),
    ...errors.map(line => `the kernel says: ${line.trim()}`),
  ]
}

function hex(text: string): string {
  return text.replace(/^0x/, '').toLowerCase()
}
