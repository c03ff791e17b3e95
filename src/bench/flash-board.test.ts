import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import orin from '../../devices/boards/orin.ts'
import { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import type { Media } from '../controls/media.ts'
import program from '../drivers/flasher/program.ts'
import file from '../drivers/media/file.ts'
import recovery from '../drivers/media/recovery.ts'
import type { Image } from '../model/image.ts'
import { flashBoard } from './flash-board.ts'

const script = (name: string): string => fileURLToPath(new URL(`../drivers/${name}`, import.meta.url))
const RELAYS = script('media/recovery/stand-in.sh')
const FLASH = script('flasher/program/stand-in.sh')
const image = { path: '/images/ghaf.img.zst', sizeBytes: 100, rawSizeBytes: 1000 } as Image

/** A board that is flashed whole in recovery mode, its relays and its flash program played by scripts. */
async function board(how: string) {
  const folder = mkdtempSync(join(tmpdir(), 'hil-flash-board-'))
  const context = { board: 'orin-1', type: orin, stateDir: folder, log: silentLog, clock: systemClock }
  const relay = (words: string): string => `${RELAYS} ${folder} ${words}`
  const media = await recovery.open(
    recovery.options.parse({
      enter: [relay('recovery on'), relay('reset on'), relay('reset off'), relay('recovery off')],
      leave: [relay('recovery off'), relay('power off')],
      sysRoot: folder,
    }),
    context,
  )
  const command = `STAND_IN_DIR=${folder} exec ${FLASH} ${how}`
  const flasher = await program.open(program.options.parse({ command }), context)
  const notes: string[] = []
  const logPath = join(folder, 'flash.log')
  const flash = (signal = AbortSignal.timeout(60_000), over: Media = media, handBackLimitMs = 60_000) =>
    flashBoard(
      { media: over, flasher, powerOff: async () => {}, note: text => void notes.push(text), handBackLimitMs },
      { image, logPath, signal, progress: () => {} },
    )
  const steps = (): string[] => readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n')
  return {
    folder,
    flash,
    media,
    notes,
    steps,
    onUsb: () => existsSync(join(folder, 'bus/usb/devices/1-2.3')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

test('a board is taken into recovery mode, flashed and let go; where it must start from is known', async () => {
  using orin1 = await board('good')
  const proof = await orin1.flash()
  assert.deepEqual([proof.medium?.boots, proof.medium?.stamped], ['inside', false])
  assert.equal(orin1.onUsb(), false)
  assert.deepEqual(orin1.notes, [])
})

test('a recovery mode that was missed is entered again', async () => {
  using orin1 = await board('once')
  await orin1.flash()
  assert.equal(orin1.notes.length, 1)
  assert.match(orin1.notes[0]!, /tried again, 2 of 3: .*timeout in USB write/)
  assert.equal(orin1.steps().filter(step => step === 'reset off').length, 2)
  assert.match(readFileSync(join(orin1.folder, 'flash.log'), 'utf8'), /timeout in USB write[^]*Flash complete/)
})

test('what the board itself refuses is not tried again, and it is let go all the same', async () => {
  using orin1 = await board('refused')
  await assert.rejects(orin1.flash(), (fault: Fault) => fault.code === 'infrastructure/flash-program')
  assert.equal(orin1.steps().filter(step => step === 'reset off').length, 1)
  assert.equal(orin1.onUsb(), false)
})

test('after the third time it is given up', async () => {
  using orin1 = await board('timeout')
  await assert.rejects(orin1.flash(), (fault: Fault) => fault.code === 'infrastructure/recovery')
  assert.equal(orin1.notes.length, 2)
  assert.equal(orin1.steps().filter(step => step === 'reset off').length, 3)
})

test('an interrupt ends it at once, and the board is let go', async () => {
  using orin1 = await board('hangs')
  const abort = new AbortController()
  const flashing = orin1.flash(abort.signal)
  flashing.catch(() => {})
  while (!existsSync(join(orin1.folder, 'child'))) await systemClock.sleep(10, AbortSignal.timeout(20_000))
  abort.abort(new Error('enough'))
  await assert.rejects(flashing, /enough/)
  assert.equal(orin1.onUsb(), false)
  assert.deepEqual(orin1.notes, [])
})

test('a medium that is not handed back hides nothing of what went wrong before', async () => {
  using orin1 = await board('refused')
  const toBoard = (): Promise<void> =>
    Promise.reject(new Fault('infrastructure/media', { expected: 'it to go', seen: 'it stays' }))
  const stays: Media = { toHost: signal => orin1.media.toHost(signal), toBoard }
  await assert.rejects(orin1.flash(undefined, stays), (fault: Fault) => fault.code === 'infrastructure/flash-program')
  assert.deepEqual(orin1.notes, ['the boot medium was not handed back: it stays'])
})

test('a medium that is handed back without end is a fault of the bench', async () => {
  using orin1 = await board('good')
  let times = 0
  const endless = (signal: AbortSignal): Promise<void> => {
    times++
    return systemClock.sleep(60_000, signal)
  }
  const stays: Media = { toHost: signal => orin1.media.toHost(signal), toBoard: endless }
  const isTold = (fault: Fault): boolean => fault.code === 'infrastructure/media' && fault.seen === 'no end of it'
  await assert.rejects(orin1.flash(undefined, stays, 20), isTold)
  assert.equal(times, 2)
})

test('handing back is tried twice, without flashing again', async () => {
  using orin1 = await board('good')
  let times = 0
  const toBoard = async (signal: AbortSignal): Promise<void> => {
    if (++times === 1) throw new Fault('infrastructure/media', { expected: 'it to go', seen: 'it stays' })
    await orin1.media.toBoard(signal)
  }
  await orin1.flash(undefined, { toHost: signal => orin1.media.toHost(signal), toBoard })
  assert.equal(times, 2)
  assert.equal(orin1.steps().filter(step => step === 'reset off').length, 1)
})

test('a medium of this host is stamped behind the image', async () => {
  using orin1 = await board('good')
  const path = join(orin1.folder, 'disk.img')
  writeFileSync(path, '')
  const medium = await file.open(file.options.parse({ path, sizeMiB: 1 }), {
    board: 'b',
    type: orin,
    stateDir: orin1.folder,
    log: silentLog,
    clock: systemClock,
  })
  const proof = await orin1.flash(undefined, medium)
  assert.equal(proof.medium?.boots, 'medium')
  assert.ok(readFileSync(path).includes(`hil-flash ${proof.medium?.id}`))
})
