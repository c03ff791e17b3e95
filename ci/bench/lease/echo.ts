import { fdatasync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'

// What any lease book in a process of its own costs at least: whatever comes over a unix socket is answered with a number once a
// line is in the host's memory, for room that the file has, and goes to the disk 5 ms later with what came meanwhile. Told where to
// listen and where to write.

const [socketPath, file] = process.argv.slice(2)
const ROOM_BYTES = 1 << 20
/** About what taking a board and giving it back are to the lease book. */
const line = Buffer.alloc(300, 'x')
const GATHER_MS = 5
const fd = openSync(file!, 'w')
writeSync(fd, Buffer.alloc(ROOM_BYTES))
let count = 0
let synced = 0
let isSyncing = false

function sync(): void {
  if (isSyncing || synced === count) return
  isSyncing = true
  setTimeout(() => {
    synced = count
    fdatasync(fd, error => {
      if (error) throw error
      isSyncing = false
      sync()
    })
  }, GATHER_MS)
}

const server = createServer(socket => {
  socket.on('data', () => {
    const number = ++count
    const at = (number * line.length) % (ROOM_BYTES - line.length)
    writeSync(fd, line, 0, line.length, at)
    socket.write(String(number))
    sync()
  })
  socket.on('error', () => undefined)
})
server.listen(socketPath, () => process.send!('ready'))
