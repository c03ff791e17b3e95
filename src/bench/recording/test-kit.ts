import { openSync, writeSync } from 'node:fs'
import { systemClock } from '../../base/time.ts'
import { Recording } from '../recording.ts'

// A process that records until it is killed: `test-kit.ts FOLDER WITNESS`. It says a line every millisecond, and has a
// witness for each: the same line, written to a file at once.

const [, , folder, witness] = process.argv
const recording = new Recording({ folder: folder!, epoch: 1 }, systemClock, fault => {
  throw fault
})
const seen = openSync(witness!, 'a')
let n = 0
setInterval(() => {
  const line = `${String(n++).padStart(8, '0')} ${Date.now()} ${recording.end}\n`
  recording.append(Buffer.from(line))
  writeSync(seen, line)
}, 1)
