import { connect } from 'node:net'

/** Tells a running QEMU something that no driver of ours can. */
export async function qmp(socketPath: string, command: string): Promise<void> {
  const socket = connect(socketPath)
  socket.on('data', text => {
    if (String(text).includes('"QMP"'))
      socket.write(`{"execute":"qmp_capabilities"}{"execute":"${command}","id":"done"}\n`)
    if (String(text).includes('"done"')) socket.end()
  })
  await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject))
}
