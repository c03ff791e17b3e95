import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import type { Image } from '../model/image.ts'
import { LiveBoard } from './live-board.ts'
import { loadBench } from './load.ts'

const RELAYS = fileURLToPath(new URL('../drivers/media/recovery/stand-in.sh', import.meta.url))
const image = { path: '/images/ghaf.img.zst', sizeBytes: 100, rawSizeBytes: 1000 } as Image

test('a board whose flash somebody ended, and did not wait for, is given back with its medium in it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-medium-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const relay = (words: string): string => `${RELAYS} ${folder} ${words}`
  const begun = join(folder, 'begun')
  const board = {
    type: 'orin',
    power: { driver: 'command', on: 'true', off: 'true', status: 'echo off' },
    media: {
      driver: 'recovery',
      enter: [relay('recovery on'), relay('reset on'), relay('reset off'), relay('recovery off')],
      leave: ['sleep 0.5', relay('recovery off'), relay('power off'), `touch ${folder}/left`],
      sysRoot: folder,
    },
    flasher: { driver: 'program', command: `touch ${begun}; exec sleep 60` },
  }
  const path = join(folder, 'bench.yaml')
  writeFileSync(path, JSON.stringify({ name: `medium-test-${process.pid}`, boards: { a: board } }))
  const [unit] = (await loadBench(path)).boards
  const notes: string[] = []
  const nothing = (): void => undefined
  const live = await LiveBoard.open(unit!, {
    ...{ clock: systemClock, log: silentLog, signal: AbortSignal.timeout(30_000), recordingPath: join(folder, 'log') },
    listener: { trusted: nothing, note: text => notes.push(text), fault: nothing, broken: nothing },
  })
  const stop = new AbortController()
  const flashing = live.flash(image, nothing, stop.signal)
  flashing.catch(nothing)
  while (!existsSync(begun)) await systemClock.sleep(10, AbortSignal.timeout(20_000))
  stop.abort()
  await live[Symbol.asyncDispose]()
  assert.ok(existsSync(join(folder, 'left')), notes.join('\n'))
  await assert.rejects(flashing)
})
