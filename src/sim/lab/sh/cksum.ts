const POLYNOMIAL = 0x04c11db7
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  return crc >>> 0
})

/** The CRC that POSIX `cksum` prints: over the bytes, and over their number. */
export function cksum(bytes: Uint8Array): number {
  let crc = 0
  const take = (byte: number): void => void (crc = (crc << 8) ^ TABLE[((crc >>> 24) ^ byte) & 255]!)
  for (const byte of bytes) take(byte)
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) take(length & 255)
  return ~crc >>> 0
}
