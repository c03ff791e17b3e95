import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import orin from '../../devices/boards/orin.ts'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import type { DriverContext } from '../controls/driver.ts'

/** A folder of a test, gone with it. */
export interface TempDir extends Disposable {
  readonly path: string
}

export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'hil-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** What a driver is opened with, for a board whose state lies in `stateDir`. */
export function testContext(stateDir: string): DriverContext {
  return { board: 'board-1', type: orin, stateDir, log: silentLog, clock: systemClock }
}

/** A signal that ends a test's wait long before the test runner would. */
export function soon(limitMs = 20_000): AbortSignal {
  return AbortSignal.timeout(limitMs)
}

/** For `assert.rejects`: a fault with this code, and this text in it. */
export function faultWith(code: FaultCode, text = ''): (error: unknown) => boolean {
  return error => {
    if (error instanceof Fault && error.code === code && error.message.includes(text)) return true
    throw error
  }
}

/** A port on 127.0.0.1 that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Where a virtual board's image lies once it was built. */
export function imagePath(name: string): string {
  return fileURLToPath(new URL(`../../.cache/images/${name}.img.zst`, import.meta.url))
}

/** Bytes that arrive bit by bit, and waits for text among them. */
export class Received {
  text = ''
  #waiting: (() => void)[] = []

  add(chunk: Uint8Array | string): void {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async until(pattern: RegExp, signal = soon()): Promise<string> {
    while (!pattern.test(this.text)) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      this.#waiting.push(resolve)
      const late = (): void => reject(new Error(`no ${pattern} in ${JSON.stringify(this.text.slice(-500))}`))
      signal.addEventListener('abort', late, { once: true })
      await promise.finally(() => signal.removeEventListener('abort', late))
    }
    return this.text
  }
}
