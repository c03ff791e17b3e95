import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Memory } from './memory.ts'

/** Longer than the block it is kept in, so that pieces lie across the edges of blocks. */
const MOST_BYTES = 600_000

const piece = fc.record({ bytes: fc.nat(MOST_BYTES), inPlace: fc.boolean() })

test('bytes that were put in place and bytes that were copied are kept alike, wherever the blocks end', () => {
  fc.assert(
    fc.property(fc.nat(MOST_BYTES), fc.array(piece, { minLength: 1, maxLength: 8 }), (begin, pieces) => {
      const memory = new Memory(begin)
      const said: Buffer[] = []
      for (const [n, { bytes, inPlace }] of pieces.entries()) {
        const room = inPlace ? memory.room() : undefined
        const chunk = room ? room.subarray(0, bytes) : Buffer.allocUnsafe(bytes)
        chunk.fill(`${n} says this. `)
        memory.append(chunk)
        said.push(Buffer.from(chunk))
      }
      const all = Buffer.concat(said)
      assert.equal(memory.end, begin + all.length)
      assert.ok(memory.copy(begin, memory.end).equals(all))
      const middle = Math.floor(all.length / 2)
      assert.ok(memory.copy(begin + middle, memory.end).equals(all.subarray(middle)))
    }),
    { numRuns: 60 },
  )
})

test('what was put in place is not copied', () => {
  const memory = new Memory(7)
  const room = memory.room()
  room.write('said in place')
  memory.append(room.subarray(0, 13))
  assert.equal(memory.views(7, 20)[0]!.buffer, room.buffer)
  assert.equal(memory.copy(7, 20).toString(), 'said in place')
})

test('a room that was given and not used is given again, and loses nothing', () => {
  const memory = new Memory(0)
  memory.room().fill('never said')
  memory.append(Buffer.from('said'))
  assert.equal(memory.copy(0, memory.end).toString(), 'said')
  assert.equal(memory.room().byteOffset, 4)
})
