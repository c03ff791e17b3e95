import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import type { Piece } from './slow-reader.ts'

/** What is searched for: once, at the very end. */
export const RARE = 'RARE-MATCH-4711 '

/** Writes what looks like a boot log, `bytes` long, always the same; it ends with what is searched for. */
export function writeText(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  let state = 1
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  const words =
    'usb net eth0 mmc0 systemd Started Reached target registered driver virtio RARE- irq version link up'.split(' ')
  for (let written = 0, n = 0; written < bytes;) {
    let part = ''
    while (part.length < 1 << 16 && written + part.length < bytes) {
      part += `[${(n++ / 250).toFixed(6).padStart(12)}]`
      for (let word = random(14); word >= 0; word--) part += ` ${words[random(words.length)]}`
      part += '\r\n'
    }
    part = part.slice(0, bytes - written)
    written += part.length
    if (written === bytes) part = part.slice(0, -RARE.length) + RARE
    writeSync(file, part)
  }
  closeSync(file)
}

/** SHA-256 of a file, or of files one behind the other. */
export function sha256Of(...paths: readonly string[]): string {
  const hash = createHash('sha256')
  const part = Buffer.allocUnsafe(1 << 20)
  for (const path of paths) {
    const file = openSync(path, 'r')
    for (let got = 1; (got = readSync(file, part)) > 0;) hash.update(part.subarray(0, got))
    closeSync(file)
  }
  return hash.digest('hex')
}

/** Proves that pieces are what a file said, over and over again, in order, with every omission told. Errors: they are not. */
export function assertSaid(path: string, pieces: readonly Piece[]): void {
  const text = readFileSync(path)
  let end = 0
  for (const { from, to, skippedBytes, sha256 } of pieces) {
    if (from !== end + skippedBytes)
      throw new Error(`a watcher at ${end} was told that ${skippedBytes} bytes of ${from} were left out`)
    const hash = createHash('sha256')
    for (let at = from; at < to;) {
      const begin = at % text.length
      const part = text.subarray(begin, begin + to - at)
      hash.update(part)
      at += part.length
    }
    if (hash.digest('hex') !== sha256) throw new Error(`a watcher did not see what was said from ${from} to ${to}`)
    end = to
  }
  if (end === 0) throw new Error('a watcher saw nothing')
}
