import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { recordingFolder, segmentsIn } from '../../../src/bench/recording/segment-files.ts'
import type { Lab } from '../lib/lab.ts'
import { readProc } from '../lib/lab.ts'
import type { Took } from './recorder.ts'

/** A process that records all boards of a lab. */
export interface Recorder extends AsyncDisposable {
  readonly pid: number
  /** Ends it; resolves with what it took. */
  end(): Promise<Took>
}

/** Starts it, with the boards' state in a folder; it records when this resolves. */
export async function startRecorder(lab: Lab, stateDir: string): Promise<Recorder> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'recorder.ts'), lab.benchFile], {
    env: { ...process.env, HIL_STATE_DIR: stateDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (out.startsWith('ready\n')) ready.resolve()
  })
  child.once('close', code => {
    ready.reject(new Error(`the recorder ended with ${code}`))
    ended.resolve()
  })
  await ready.promise
  return {
    pid: child.pid!,
    end: async () => {
      child.stdin.end()
      await ended.promise
      return JSON.parse(out.slice('ready\n'.length)) as Took
    },
    [Symbol.asyncDispose]: async () => {
      if (readProc(child.pid!, 'cmdline') !== '') child.kill('SIGKILL')
      await ended.promise
    },
  }
}

/** The files that hold a board's recording, oldest first. */
export function filesOf(stateDir: string, lab: Lab, board: string): string[] {
  const folder = recordingFolder(join(stateDir, lab.name, board))
  return segmentsIn(folder).map(({ dataPath }) => dataPath)
}
