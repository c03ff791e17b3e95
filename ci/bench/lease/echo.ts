import { constants, openSync, write, writeSync } from 'node:fs'
import { createServer } from 'node:net'

// What any lease book in a process of its own costs at least: whatever comes over a unix socket is answered with a number once a
// write is on the disk, into room that the file has. Told where to listen and where to write.

const [socketPath, file] = process.argv.slice(2)
const ROOM_BYTES = 1 << 20
/** About what taking a board and giving it back are to the lease book. */
const line = Buffer.alloc(300, 'x')
const fd = openSync(file!, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC)
writeSync(fd, Buffer.alloc(ROOM_BYTES))
let count = 0

const server = createServer(socket => {
  socket.on('data', () => {
    const number = ++count
    const at = (number * line.length) % (ROOM_BYTES - line.length)
    write(fd, line, 0, line.length, at, error => (error ? socket.destroy(error) : socket.write(String(number))))
  })
  socket.on('error', () => undefined)
})
server.listen(socketPath, () => process.send!('ready'))
