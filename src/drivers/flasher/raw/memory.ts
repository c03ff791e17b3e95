/** The little of WebAssembly that is used here; Node's own types leave it to the browser's. */
interface WebAssemblyHost {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number; maximum: number; shared: boolean }) => {
      readonly buffer: ArrayBufferLike
    }
  }
}

const WASM_PAGE_BYTES = 65_536

/** Memory that begins at a page, as direct reads and writes want it, and that threads can share. Size: a multiple of 64 KiB. */
export function sharedMemory(sizeBytes: number): SharedArrayBuffer {
  const { WebAssembly } = globalThis as unknown as WebAssemblyHost
  const pages = sizeBytes / WASM_PAGE_BYTES
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer as SharedArrayBuffer
}

/** Such memory for one thread. */
export function alignedBuffer(sizeBytes: number): Buffer {
  return Buffer.from(sharedMemory(sizeBytes))
}
