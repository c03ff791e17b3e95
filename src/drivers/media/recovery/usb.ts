import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A device on USB, by its place: `1-2.3` is port 3 of the hub on port 2 of the first bus. */
export interface UsbDevice {
  readonly port: string
  /** `vendor:product`, in small hex digits. */
  readonly id: string
  readonly path: string
}

/**
 * The USB devices of this host with one of these ids. Reads sysfs itself: `lsusb` is not everywhere, and asking the
 * devices would wake what should sleep. Source: Documentation/ABI/stable/sysfs-bus-usb of Linux.
 */
export async function usbDevices(sysRoot: string, ids: readonly string[]): Promise<UsbDevice[]> {
  const folder = join(sysRoot, 'bus/usb/devices')
  const names = await readdir(folder).catch(() => [])
  const devices = await Promise.all(names.map(port => deviceAt(folder, port)))
  return devices.filter(device => device !== undefined && ids.includes(device.id)) as UsbDevice[]
}

async function deviceAt(folder: string, port: string): Promise<UsbDevice | undefined> {
  const path = join(folder, port)
  const word = async (name: string): Promise<string> => (await readFile(join(path, name), 'utf8')).trim().toLowerCase()
  try {
    return { port, path, id: `${await word('idVendor')}:${await word('idProduct')}` }
  } catch {
    // An interface, or a device that is leaving while it is looked at.
    return undefined
  }
}
