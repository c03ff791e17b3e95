import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import ssh2, { type ServerChannel } from 'ssh2'

/** The server's, and a key that opens it. */
export const HOST_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

/** An SSH server of this process that runs real commands: what the virtual boards' servers never do, it can be made to do. */
export async function sshServer(t: TestContext, password = 'ghaf') {
  let port = 0
  const sockets = new Set<Socket>()
  const started = Promise.withResolvers<void>()
  const seen = { connections: 0, mostChannels: 0, channels: 0 }
  const server = new ssh2.Server({ hostKeys: [HOST_KEY.privateKey] }, client => {
    seen.connections++
    client.on('error', () => {})
    client.on('authentication', auth => {
      if (auth.method === 'publickey' || (auth.method === 'password' && auth.password === password)) auth.accept()
      else auth.reject(['password', 'publickey'])
    })
    client.on('tcpip', (accept, reject, info) => (info.destPort === port ? jump(accept()) : reject()))
    client.on('session', accept => {
      accept().on('exec', (acceptExec, _reject, info) => {
        seen.mostChannels = Math.max(seen.mostChannels, ++seen.channels)
        const channel = acceptExec()
        const kill = execute(info.command, channel, () => seen.channels--)
        t.after(kill)
        started.resolve()
      })
    })
  })
  function jump(channel: ServerChannel): void {
    // The guest behind the jump is this server once more.
    server.injectSocket(channel as unknown as Socket)
  }
  const listener = createServer(socket => {
    sockets.add(socket)
    server.injectSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  port = (listener.address() as AddressInfo).port
  const cut = (): void => sockets.forEach(socket => socket.destroy())
  t.after(() => {
    cut()
    listener.close()
  })
  return Object.assign(seen, { port, cut, started: started.promise })
}

function execute(command: string, channel: ServerChannel, ended: () => void): () => void {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { detached: true })
  channel.pipe(child.stdin)
  child.stdin.on('error', () => {})
  child.stdout.on('data', (data: Buffer) => channel.write(data))
  child.stderr.on('data', (data: Buffer) => channel.stderr.write(data))
  child.on('close', (code, signal) => {
    ended()
    if (signal) channel.exit(signal.replace('SIG', ''))
    else channel.exit(code ?? 1)
    channel.end()
  })
  // All that it started as well: it leads a group, as under a real server.
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
  }
  channel.once('close', kill)
  channel.on('signal', kill)
  return kill
}
