/**
 * The checksum that POSIX `cksum` prints: CRC-32 of the bytes and then of their count.
 *
 * Source: POSIX.1-2017, utility `cksum`, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/cksum.html
 */
export function cksum(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) crc = step(crc, byte)
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) crc = step(crc, length & 0xff)
  return ~crc >>> 0
}

const POLYNOMIAL = 0x04c11db7

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  return crc >>> 0
})

function step(crc: number, byte: number): number {
  return ((crc << 8) ^ TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0
}
