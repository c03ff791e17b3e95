import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { Command, mustRun } from '../../base/program.ts'
import { defineDriver, type DriverContext } from '../../controls/driver.ts'
import type { Media, Medium } from '../../controls/media.ts'
import type { RecoveryFacts } from '../../model/board-type.ts'
import { usbDevices, type UsbDevice } from './recovery/usb.ts'

/** One thing after the other: a command of the bench, or a pause for the board to notice the last one. */
const Steps = z.array(z.union([Command, z.strictObject({ pauseMs: z.int().min(1).max(60_000) })])).min(1)
type Steps = z.infer<typeof Steps>

const Options = z.strictObject({
  /** What brings the board into recovery mode. It begins with the board off. */
  enter: Steps,
  /** What ends it, whatever state `enter` left it in, and leaves the board off. */
  leave: Steps,
  /** The USB port the board's recovery cable is in, such as 1-2.3: needed where this host has several such boards. */
  port: z
    .string()
    .regex(/^\d+-\d+(?:\.\d+)*$/, 'a USB port such as 1-2.3 (ls /sys/bus/usb/devices)')
    .optional(),
  /** For each command, and for the device to go when `leave` is done. */
  limitMs: z.int().min(1).default(15_000),
  /** Where sysfs is mounted. */
  sysRoot: z.string().default('/sys'),
})
type Options = z.infer<typeof Options>

/**
 * A board that is flashed whole in its recovery mode, as if the board were the medium: handed to this host by a
 * sequence of relays and buttons, and believed only when its device was seen to come and go on USB.
 *
 * For a flasher that runs the vendor's program (flasher/program). How it shows on USB is the board type's data.
 * Errors: `infrastructure/recovery`; `configuration/bench-file` for a type without such a mode.
 */
export default defineDriver<Media, Options>({
  models: ['sh scripts and a sysfs tree'],
  options: Options,
  open: async (options, context) => {
    const facts = context.type.recovery
    if (!facts)
      throw new Fault('configuration/bench-file', {
        expected: `boards of type ${context.type.name} to have a recovery mode`,
        seen: 'none in devices/boards',
        next: 'wire media: {driver: command} to a boot medium instead',
      })
    return {
      toHost: signal => enter(options, facts, context, signal),
      toBoard: signal => leave(options, facts, context, signal),
    }
  },
})

const POLL_MS = 100

async function enter(
  options: Options,
  facts: RecoveryFacts,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Medium> {
  // One that is there before would be taken for this board, and another board be flashed in its place.
  const before = await usbDevices(options.sysRoot, facts.usbIds)
  if (options.port === undefined && before.length > 0)
    throw new Fault('infrastructure/recovery', {
      expected: `no device in recovery mode on USB while ${context.board} is off`,
      seen: before.map(describe).join(', '),
      next: 'take that board out of recovery mode, or name the port of this one as media.port in the bench file',
    })
  await walk(options.enter, options, context, signal)
  const found = await waitFor(options, facts, facts.appearsWithinMs, context, signal, devices => devices.length > 0)
  const [device, ...others] = found
  if (!device)
    throw new Fault('infrastructure/recovery', {
      expected: `${facts.usbIds.join(' or ')} on USB${at(options)} within ${facts.appearsWithinMs / 1000} s`,
      seen: 'no such device',
      next: 'check the recovery cable, that the board has power, and the steps of media.enter: hil power is not enough',
    })
  if (others.length > 0)
    throw new Fault('infrastructure/recovery', {
      expected: 'one board in recovery mode',
      seen: found.map(describe).join(', '),
      next: 'name the port of this board as media.port in the bench file',
    })
  return { path: device.path, kind: 'recovery' }
}

async function leave(
  options: Options,
  facts: RecoveryFacts,
  context: DriverContext,
  signal: AbortSignal,
): Promise<void> {
  await walk(options.leave, options, context, signal)
  const still = await waitFor(options, facts, options.limitMs, context, signal, devices => devices.length === 0)
  if (still.length > 0)
    throw new Fault('infrastructure/recovery', {
      expected: `${context.board} to be out of recovery mode`,
      seen: `${still.map(describe).join(', ')} on USB ${options.limitMs / 1000} s after the last step of media.leave`,
    })
}

async function walk(steps: Steps, { limitMs }: Options, { clock }: DriverContext, signal: AbortSignal): Promise<void> {
  for (const step of steps)
    if (typeof step === 'object' && 'pauseMs' in step) await clock.sleep(step.pauseMs, signal)
    else await mustRun(step, { code: 'infrastructure/recovery', limitMs, signal })
}

/** Looks until `done` is true of this board's devices, or until the limit. */
async function waitFor(
  options: Options,
  facts: RecoveryFacts,
  limitMs: number,
  { clock }: DriverContext,
  signal: AbortSignal,
  done: (devices: UsbDevice[]) => boolean,
): Promise<UsbDevice[]> {
  const end = clock.ticksMs() + limitMs
  for (;;) {
    const devices = await usbDevices(options.sysRoot, facts.usbIds)
    const own = devices.filter(({ port }) => options.port === undefined || port === options.port)
    if (done(own) || clock.ticksMs() >= end) return own
    await clock.sleep(POLL_MS, signal)
  }
}

function describe({ id, port }: UsbDevice): string {
  return `${id} at port ${port}`
}

function at({ port }: Options): string {
  return port === undefined ? '' : ` at port ${port}`
}
