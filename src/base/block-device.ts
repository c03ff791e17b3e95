import { readFile } from 'node:fs/promises'

/**
 * The size of a block device in bytes, which `stat` does not know; 0 where there is no medium in it, or it is gone.
 *
 * `rdev`: as `stat` gives it. The kernel packs 12 bits of major above the 8 low bits of minor, its other bits above both.
 */
export async function blockDeviceBytes(rdev: number): Promise<number> {
  const number = `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`
  const sectors = await readFile(`/sys/dev/block/${number}/size`, 'utf8').catch(() => '0')
  return Number(sectors) * SECTOR_BYTES
}

/** What /sys counts in, whatever the sectors of the device are. */
const SECTOR_BYTES = 512
