import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { tempDir } from '../../test-kit.ts'
import { faultyDisk, noFaultyDisk } from './test-kit-disk.ts'
import { CONTENT, flash, imageOf, MIB, zst } from './test-kit-image.ts'

const SIZE_BYTES = 16 * MIB
const OLD = Buffer.alloc(SIZE_BYTES, 0xee)

type Step = 'flush' | { readonly offset: number; readonly bytes: Buffer }

/** Flashes a disk full of old data, and gives back what the disk was told, in order. */
async function stepsOf(mode: 'full' | 'delta'): Promise<Step[]> {
  using dir = tempDir()
  const now = Buffer.from(OLD)
  const steps: Step[] = []
  const disk = {
    sizeBytes: SIZE_BYTES,
    read: (offset: number, into: Buffer) => void now.copy(into, 0, offset, offset + into.length),
    write: (offset: number, bytes: Buffer) => {
      bytes.copy(now, offset)
      steps.push({ offset, bytes: Buffer.from(bytes) })
    },
    flush: () => void steps.push('flush'),
  }
  await using device = await faultyDisk(dir.path, disk)
  await flash(imageOf(dir.path, zst(CONTENT), 'zst'), device.medium, { mode })
  return steps
}

/** What a disk holds that lost its power: all that it was told to keep, and of the rest what `keeps` says. */
function after(steps: readonly Step[], keeps: (step: number) => boolean): Buffer {
  const kept = steps.lastIndexOf('flush')
  const disk = Buffer.from(OLD)
  for (const [n, step] of steps.entries())
    if (step !== 'flush' && (n < kept || keeps(n))) step.bytes.copy(disk, step.offset)
  return disk
}

const isZero = (bytes: Buffer): boolean => bytes.equals(Buffer.alloc(bytes.length))
const bodyOf = (bytes: Buffer): Buffer => bytes.subarray(MIB, CONTENT.length)

/** A disk with a start is one that was not begun with, or one that holds all of the image behind it. */
function isSafe(disk: Buffer): boolean {
  return isZero(disk.subarray(0, MIB)) || bodyOf(disk).equals(bodyOf(OLD)) || bodyOf(disk).equals(bodyOf(CONTENT))
}

for (const mode of ['full', 'delta'] as const)
  test(
    `a disk that loses its power, and what it was not yet told to keep, boots nothing that is not whole (${mode})`,
    { skip: noFaultyDisk },
    async () => {
      const steps = await stepsOf(mode)
      assert.ok(
        after(steps, () => false)
          .subarray(0, CONTENT.length)
          .equals(CONTENT),
        'a proven flash is kept',
      )
      const everywhere = fc.tuple(fc.nat(steps.length), fc.integer({ min: 1, max: 7 }), fc.nat(6))
      const holds = ([length, every, first]: [number, number, number]): boolean =>
        isSafe(after(steps.slice(0, length), n => n % every === first % every))
      fc.assert(fc.property(everywhere, holds), { numRuns: 150 })
      for (const length of steps.flatMap((step, n) => (step === 'flush' ? [n, n + 1] : [])))
        for (const keeps of [() => true, () => false, (n: number) => n === length - 1])
          assert.ok(isSafe(after(steps.slice(0, length), keeps)), `after ${length} of ${steps.length} steps`)
      // The same disk, had it never been told to keep anything: else nothing of this could fail.
      const forgetful = steps.filter(step => step !== 'flush')
      assert.throws(() =>
        fc.assert(
          fc.property(
            fc.tuple(fc.nat(forgetful.length), fc.integer({ min: 2, max: 7 }), fc.nat(6)),
            ([length, every, first]) => isSafe(after(forgetful.slice(0, length), n => n % every === first % every)),
          ),
          { numRuns: 500 },
        ),
      )
    },
  )
