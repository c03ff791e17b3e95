import { closeSync, openSync, writeSync } from 'node:fs'
import type { OpenFile } from '../../bench/recording/append-file.ts'
import type { SimProcess } from './process.ts'

/** Part of a full disk: what is written comes to nothing, or to a part of it. */
export interface Full {
  /** Whether there is no room now, for a file. */
  isFull(path: string): boolean
  /** Plants a bug: a byte of each file never gets there. */
  readonly losesBytes?: true | undefined
}

/** Files of a recording on the simulated host's disk. They are written at once: no thread of this host has a say in the order. */
export function simFiles(full: Full, process: SimProcess): OpenFile {
  return (path, how) => {
    if (full.isFull(path)) throw noSpace()
    const fd = openSync(path, how)
    const close = process.own(() => closeSync(fd))
    return {
      write: async (buffers, position) => {
        if (process.killed) return
        const bytes = Buffer.concat(buffers)
        if (full.losesBytes && path.endsWith('console.log') && bytes.length > 0) bytes[0]! ^= 0x20
        if (full.isFull(path)) {
          writeSync(fd, bytes, 0, bytes.length >> 1, position)
          throw noSpace()
        }
        for (let done = 0; done < bytes.length;)
          done += writeSync(fd, bytes, done, bytes.length - done, position + done)
      },
      close: async () => close(),
    }
  }
}

export function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
}
