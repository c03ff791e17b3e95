import { Fault } from '../base/fault.ts'
import type { NewEvent, PlannedBoard, RunEvent, Stage, TestResult } from './event.ts'
import { Feature } from './feature.ts'
import type { Image } from './image.ts'

/** A made-up run to test folds and reports with: one board passes, one has a broken guest, one never boots, one is lost. */
export function sampleRun(): RunEvent[] {
  const boards = [boardPasses, guestBroken, neverBoots, ttyLost].flatMap(tell => {
    const log = new SampleLog()
    tell(log)
    return log.events
  })
  const first = new SampleLog().add(0, start()).events
  const told = boards.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const last = new SampleLog().add(128, { type: 'run-ended', exitCode: 1, durationMs: 128_000 }).events
  return [...first, ...told, ...last]
}

/** The rows the sample run plans. */
export function sampleFeatures(): Feature[] {
  const section = 'Development'
  const row = (id: string, title: string, more: object = {}): Feature =>
    Feature.parse({ id, title, section, devices: ['All'], maturity: 'integrated', suite: `${id}.spec.ts`, ...more })
  return [
    row('aarch64-image-orin', '`aarch64` reference image', { bootsImage: true, devices: ['Orin'] }),
    row('x86-image', '`x86` generic image', { bootsImage: true, devices: ['x86'] }),
    row('rootfs-flashing', 'root filesystem flashing', { devices: ['x86', 'imx8mp'] }),
    row('debug-ssh', 'Debug: SSH', { devices: ['Orin', 'x86'] }),
    row('debug-serial', 'Debug: Serial'),
    row('netvm', '`netvm`', { devices: ['Orin'], requires: ['debug-ssh'] }),
    row('guivm', '`guivm`', { devices: ['All', 'Lenovo X1'], requires: ['debug-ssh'], maturity: 'prototype' }),
  ]
}

export const SAMPLE_IMAGE: Image = {
  path: 'images/ghaf-image.raw.zst',
  variant: 'debug',
  format: 'zst',
  sha256: '9f2c4b1e'.repeat(8),
  sizeBytes: 1_812_331_520,
  name: 'generic-x86_64-debug',
  commit: '6b1f0c2d9a7e4835bb20cf1d44e0a9d3c7f81e65',
}

/** The release image of the same build. */
export const SAMPLE_RELEASE: Image = {
  ...SAMPLE_IMAGE,
  path: 'images/ghaf-image-release.raw.zst',
  variant: 'release',
  sha256: '51d07a3c'.repeat(8),
  name: 'generic-x86_64-release',
}

/** Events with times that go on from where the last one stopped. */
export class SampleLog {
  readonly events: RunEvent[] = []
  #atMs = Date.parse('2026-09-01T08:00:00.000Z')

  /** Adds an event `afterS` seconds after the one before. */
  add(afterS: number, event: NewEvent): this {
    this.#atMs += afterS * 1000
    this.events.push({ at: new Date(this.#atMs).toISOString(), ...event })
    return this
  }

  stage(board: string, stage: Stage, seconds: number): this {
    return this.add(1, { type: 'stage', board, stage, state: 'begin' }).add(seconds, {
      type: 'stage',
      board,
      stage,
      state: 'end',
    })
  }

  flashed(board: string, image = SAMPLE_IMAGE): this {
    const sizes = { imageBytes: 8_589_934_592, writtenBytes: 8_589_934_592, readBackBytes: 8_589_934_592 }
    return this.add(0, {
      type: 'flashed',
      board,
      image,
      proof: { target: '/dev/sda', mode: 'full', ...sizes, durationMs: 19_000 },
    })
  }

  test(board: string, feature: string, title: string, more: Partial<TestResult> = {}): this {
    const durationMs = more.durationMs ?? 1400
    return this.add(durationMs / 1000, {
      type: 'test',
      board,
      result: { feature, title, verdict: 'pass', durationMs, attempt: 0, ...more },
    })
  }

  fault(board: string | null, fault: Fault, stage?: Stage): this {
    return this.add(0, { type: 'fault', board, fault: fault.record(), blame: fault.class, ...(stage && { stage }) })
  }
}

function start(): NewEvent {
  const common = ['rootfs-flashing', 'debug-ssh', 'debug-serial', 'netvm', 'guivm']
  const board = (name: string, type: string, twin: boolean, features: string[]): PlannedBoard => ({
    board: name,
    type,
    twin,
    image: SAMPLE_IMAGE,
    features,
  })
  return {
    type: 'run-started',
    run: '20260901-0800-k3f9',
    version: '0.1.0',
    command: ['hil', 'run', '--bench', 'tampere-1'],
    bench: 'tampere-1',
    boards: [
      board('orin-1', 'orin', false, ['aarch64-image-orin', ...common]),
      board('nuc-1', 'nuc', false, ['x86-image', ...common]),
      board('nuc-2', 'nuc', true, ['x86-image', ...common]),
      board('x1-1', 'x1', false, ['x86-image', ...common]),
    ],
    left: [{ what: 'imx8mp-1', why: 'in quarantine since 2026-08-30: infrastructure/tty-gone, twice' }],
  }
}

function boardPasses(log: SampleLog): void {
  const board = 'orin-1'
  log
    .stage(board, 'lease', 0.2)
    .stage(board, 'image', 3)
    .stage(board, 'flash', 19)
    .flashed(board)
    .stage(board, 'boot', 31)
  log.add(0, {
    type: 'trusted',
    board,
    trust: { how: 'console', host: '10.0.0.7', fingerprint: 'SHA256:VkZc3oL1q9h8Yx2m' },
  })
  log.add(0, { type: 'stage', board, stage: 'test', state: 'begin' })
  log.test(board, 'aarch64-image-orin', 'boots the image that was flashed', { slice: { from: 0, to: 48_211 } })
  log.test(board, 'rootfs-flashing', 'reads back what was written')
  log
    .test(board, 'debug-ssh', 'logs in on the host')
    .test(board, 'debug-ssh', 'refuses a wrong password', { attempt: 1 })
  log.test(board, 'debug-serial', 'answers on its console', { durationMs: 640 })
  log.test(board, 'netvm', 'is running').test(board, 'netvm', 'answers ping from the host', { durationMs: 2210 })
  log.test(board, 'guivm', 'is running', { verdict: 'skip', reason: 'this image has no guivm' })
  log.add(1, { type: 'stage', board, stage: 'test', state: 'end' }).stage(board, 'release', 2)
  log.add(0, { type: 'note', board, text: 'kernel WARNING at drivers/gpu/host1x/dev.c:512, once during boot' })
}

function guestBroken(log: SampleLog): void {
  const board = 'nuc-1'
  log.stage(board, 'lease', 0.2).stage(board, 'flash', 14).flashed(board).stage(board, 'boot', 22)
  log.add(0, { type: 'stage', board, stage: 'test', state: 'begin' })
  log
    .test(board, 'x86-image', 'boots the image that was flashed')
    .test(board, 'rootfs-flashing', 'reads back what was written')
  log.test(board, 'debug-ssh', 'logs in on the host').test(board, 'debug-serial', 'answers on its console')
  const dead = new Fault('product/no-guest', {
    expected: 'net-vm to answer on 192.168.100.1 within 60 s of microvm@net-vm.service being active',
    seen: 'no route to host, 60 times; the unit is active since 84 s',
    evidence: [
      '● microvm@net-vm.service - MicroVM net-vm',
      '     Active: active (running) since 08:01:12 UTC; 84s ago',
    ],
  })
  const consoleLines = [
    '[   81.220113] vfio-pci 0000:00:14.3: enabling device (0000 -> 0002)',
    '[   81.998120] vfio-pci 0000:00:14.3: Unable to change power state from D3cold to D0, device inaccessible',
    '[   82.401777] microvm@net-vm[1207]: qemu-system-x86_64: vfio: failed to setup INTx fd: No such device',
    'ghaf-host login: <no & "escape">',
  ]
  const failed = {
    verdict: 'fail',
    blame: 'product',
    durationMs: 61_900,
    consoleLines,
    slice: { from: 60_120, to: 71_900 },
  } as const
  log
    .test(board, 'netvm', 'is running')
    .test(board, 'netvm', 'answers ping from the host', { ...failed, fault: dead.record() })
  const reason = 'expect(received).toBe(expected)\nExpected: "active"\nReceived: "failed"'
  log.test(board, 'guivm', 'is running', { verdict: 'fail', blame: 'product', reason, durationMs: 900 })
  log.add(1, { type: 'stage', board, stage: 'test', state: 'end' }).stage(board, 'release', 2)
}

function neverBoots(log: SampleLog): void {
  const board = 'nuc-2'
  log.stage(board, 'lease', 0.2).stage(board, 'flash', 9).flashed(board)
  log.add(0, { type: 'stage', board, stage: 'boot', state: 'begin' })
  const evidence = [
    '[    2.114] VFS: Unable to mount root fs on unknown-block(0,0)',
    '[    2.115] Kernel panic - not syncing',
  ]
  const panic = { expected: 'a login prompt', seen: "'Kernel panic' 2.1 s after the kernel began", evidence }
  log.add(12, { type: 'note', board, text: 'power-off could not be verified: this relay cannot be read back' })
  log.fault(board, new Fault('product/panic', panic), 'boot')
  log.add(0, { type: 'stage', board, stage: 'boot', state: 'end' })
}

function ttyLost(log: SampleLog): void {
  const board = 'x1-1'
  log.stage(board, 'lease', 30).stage(board, 'flash', 25).flashed(board).stage(board, 'boot', 40)
  log.add(0, { type: 'stage', board, stage: 'test', state: 'begin' })
  log
    .test(board, 'x86-image', 'boots the image that was flashed')
    .test(board, 'rootfs-flashing', 'reads back what was written')
  const gone = {
    expected: 'the console adapter to stay',
    seen: '/dev/serial/by-id/usb-FTDI_X1 vanished, not back in 30 s',
  }
  log.fault(board, new Fault('infrastructure/tty-gone', gone), 'test')
  log.add(0, { type: 'stage', board, stage: 'test', state: 'end' }).stage(board, 'release', 5)
}
