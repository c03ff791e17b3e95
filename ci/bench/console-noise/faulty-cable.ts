import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../../src/base/log.ts'
import { endProgram } from '../../../src/base/test-kit.ts'
import { systemClock } from '../../../src/base/time.ts'
import type { Board } from '../../../src/bench/load.ts'
import { FaultyLine, type Rates } from '../../../src/bench/serial-shell/test-kit.ts'
import serial from '../../../src/drivers/console/serial.ts'
import { eventually } from '../../e2e/processes.ts'
import { never } from '../lib/raw-power.ts'

/** Where the end of the cable that hil opens stands in a lab's folder. */
export function cablePath(folder: string): string {
  return join(folder, 'ttyFAULTY')
}

/** A cable between a board's tty and the one that hil opens, which damages bytes both ways while it is told to. */
export interface FaultyCable extends AsyncDisposable {
  damaging: boolean
  /** Bytes damaged so far. */
  readonly hits: number
}

/** Plugs the cable in, behind a board whose own tty is there already. */
export async function plugFaultyCable(
  folder: string,
  board: Board,
  boardTty: string,
  rates: Rates,
  seed: number,
): Promise<FaultyCable> {
  const path = cablePath(folder)
  const [there, back] = [new FaultyLine(rates, seed), new FaultyLine(rates, seed + 1)]
  const front = spawn('socat', ['-', `PTY,link=${path},raw,echo=0`], { stdio: ['pipe', 'pipe', 'ignore'] })
  await eventually(path, () => existsSync(path))
  const through = (line: FaultyLine, bytes: Uint8Array): Uint8Array => (cable.damaging ? line.pass(bytes) : bytes)
  const driver = await serial.open(serial.options.parse({ path: boardTty }), {
    board: board.name,
    type: board.type,
    stateDir: board.stateDir,
    clock: systemClock,
    log: silentLog,
  })
  const sink = {
    data: (bytes: Uint8Array) => void front.stdin.write(through(back, bytes)),
    lost: console.error,
    back: () => {},
    robbed: console.error,
  }
  const line = await driver.open(sink, never())
  front.stdout.on('data', (bytes: Buffer) => void line.write(through(there, bytes)))
  const cable: FaultyCable = {
    damaging: false,
    get hits() {
      return there.hits + back.hits
    },
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await endProgram(front)
    },
  }
  return cable
}
