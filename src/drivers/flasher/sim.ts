import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Flasher, FlashJob } from '../../controls/flasher.ts'
import type { DriverContext } from '../../controls/driver.ts'
import type { FlashProof } from '../../model/event.ts'
import { labNamed } from '../../sim/lab/lab.ts'

const PIECES = 4
const PIECE_MS = 700

const Options = z.strictObject({
  /** The simulated lab that the board is in. */
  lab: z.string().default('sim'),
})
type Options = z.infer<typeof Options>

/** Writes a simulated image to a simulated medium, in its own time, and reads it back. Errors: as of a real medium. */
export default defineDriver<Flasher, Options>({
  models: ['simulated boards'],
  options: Options,
  open: async ({ lab }, context) => ({ flash: async job => await flash(lab, job, context) }),
})

async function flash(lab: string, job: FlashJob, context: DriverContext): Promise<FlashProof> {
  const { image, mode = 'full', dryRun, signal } = job
  const { clock, board: name } = context
  const board = labNamed(lab, context.stateDir).board(name)
  const { medium } = board
  const startMs = clock.ticksMs()
  const bytes = readFileSync(image.path)
  const size = Math.ceil(bytes.length / PIECES)
  const proof = { target: medium.path, mode, imageBytes: bytes.length, writtenBytes: 0, readBackBytes: 0 }
  if (dryRun) return { ...proof, dryRun: true, durationMs: 0 }
  job.begins?.()
  medium.marker = undefined
  const end = mode === 'verify' ? 0 : bytes.length
  for (let at = 0; at < end; at += size) {
    await clock.sleep(board.takesMs(PIECE_MS), signal)
    board.acted(clock, 'writes its medium')
    try {
      medium.write(bytes.subarray(at, at + size), at)
    } catch (cause) {
      board.met('bad-sector')
      const seen = (cause as Error).message
      throw new Fault('infrastructure/flash-write', { expected: `to write ${medium.path}`, seen, cause })
    }
    job.progress({ phase: 'write', doneBytes: Math.min(at + size, bytes.length), totalBytes: bytes.length })
  }
  await clock.sleep(board.takesMs(PIECE_MS), signal)
  const different = medium.read(0, bytes.length).findIndex((byte, at) => byte !== bytes[at])
  if (different >= 0) {
    board.met('lying-medium')
    throw new Fault('infrastructure/flash-verify', {
      expected: `${medium.path} to hold what was written`,
      seen: `another byte at ${different}`,
    })
  }
  const writtenBytes = mode === 'verify' ? 0 : bytes.length
  return { ...proof, writtenBytes, readBackBytes: bytes.length, durationMs: clock.ticksMs() - startMs }
}
