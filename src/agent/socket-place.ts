import { lstatSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { Fault } from '../base/fault.ts'

/**
 * Makes a place free for a unix socket: what a process that was killed left there is removed, and nothing else is. Errors:
 * `configuration/usage` for anything that is no socket, and for one on which somebody answers.
 */
export async function freePlace(path: string): Promise<void> {
  const stat = lookAt(path)
  if (!stat) return
  const next = 'name a place of its own for this socket with --socket'
  if (!stat.isSocket())
    throw new Fault('configuration/usage', {
      expected: `${path} to be free for a socket`,
      seen: stat.isDirectory() ? 'it is a folder' : 'it is a file of another kind',
      next,
    })
  const refused = await refusedBy(path)
  // One that is only too busy, or that lets us not in, is somebody's.
  if (refused !== 'ECONNREFUSED' && refused !== 'ENOENT')
    throw new Fault('configuration/usage', {
      expected: `nobody to answer on ${path}`,
      seen: refused === undefined ? 'another process does' : `it is in use (${refused})`,
      next,
    })
  rmSync(path, { force: true })
}

function lookAt(path: string): ReturnType<typeof lstatSync> | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (cause) {
    throw new Fault('configuration/usage', { expected: `a place for a socket`, seen: (cause as Error).message, cause })
  }
}

/** Why nobody could be connected to; undefined: somebody could. */
async function refusedBy(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = createConnection(path)
  socket.on('connect', () => resolve(undefined))
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
