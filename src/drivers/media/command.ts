import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { blockDeviceBytes } from '../../base/block-device.ts'
import { Fault } from '../../base/fault.ts'
import { Command, mustRun } from '../../base/program.ts'
import type { Clock } from '../../base/time.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Media, Medium } from '../../controls/media.ts'

const MOVING_NAME = /^\/dev\/(?:sd[a-z]|mmcblk\d|nvme\d)/

const Options = z.strictObject({
  toHost: Command,
  toBoard: Command,
  /** Where the medium appears on this host: a name by serial number, never /dev/sdX, which moves to another disk. */
  device: z
    .string()
    .min(1)
    .refine(path => !MOVING_NAME.test(path), 'a name that stays with the medium, such as /dev/disk/by-id/…'),
  /** What the device must report (lsblk -o NAME,SERIAL), or it is not written to. */
  serial: z.string().min(1).optional(),
  /** The size printed on it, in units of 10^9 bytes: a tenth more or less is not refused. */
  sizeGB: z.number().positive().optional(),
  /** Whether the medium must be seen to leave this host once the board has it: its device goes, or is empty. */
  vanishes: z.boolean().default(true),
  /** For the command, and again for the device to appear or vanish. A USB hub was seen to take 90 s. */
  limitMs: z.int().min(1).default(90_000),
})
type Options = z.infer<typeof Options>

/**
 * Any program as the switch of a boot medium: an SD mux, a programmable USB hub. It is believed only when the device
 * was seen to come and go.
 *
 * Errors: `infrastructure/media`.
 */
export default defineDriver<Media, Options>({
  models: ['losetup, as a medium that comes and goes'],
  options: Options,
  open: async (options, { clock }) => ({
    toHost: async signal => {
      await run(options.toHost, options, signal)
      await waitFor(
        'appear as a block device',
        options,
        clock,
        signal,
        async () => (await look(options.device)) === 'medium',
      )
      return mediumOf(options)
    },
    toBoard: async signal => {
      await run(options.toBoard, options, signal)
      if (!options.vanishes) return
      await waitFor(
        'vanish from this host',
        options,
        clock,
        signal,
        async () => (await look(options.device)) !== 'medium',
      )
    },
  }),
})

function mediumOf({ device, serial, sizeGB }: Options): Medium {
  return {
    path: device,
    kind: 'device',
    ...(serial !== undefined && { serial }),
    ...(sizeGB !== undefined && { sizeBytes: sizeGB * 1e9 }),
  }
}

const POLL_MS = 100

async function run(command: Command, { limitMs }: Options, signal: AbortSignal): Promise<void> {
  await mustRun(command, { code: 'infrastructure/media', limitMs, signal })
}

async function waitFor(
  what: string,
  { device, limitMs }: Options,
  clock: Clock,
  signal: AbortSignal,
  done: () => Promise<boolean>,
): Promise<void> {
  const end = clock.ticksMs() + limitMs
  while (!(await done())) {
    if (clock.ticksMs() >= end)
      throw new Fault('infrastructure/media', { expected: `${device} to ${what} in ${limitMs} ms`, seen: 'no change' })
    await clock.sleep(POLL_MS, signal)
  }
}

/** `empty`: the device of a card reader without a card: not there yet, or handed to the board by an SD mux. */
async function look(device: string): Promise<'gone' | 'empty' | 'medium'> {
  const found = await stat(device).catch(() => undefined)
  if (!found) return 'gone'
  if (!found.isBlockDevice())
    throw new Fault('infrastructure/media', {
      expected: `a block device at ${device}`,
      seen: found.isFile()
        ? 'a regular file: something wrote an image while the medium was not connected'
        : 'something else',
      next: `remove ${device}; until then it hides the medium`,
    })
  try {
    const handle = await open(device, constants.O_RDONLY | constants.O_NONBLOCK)
    await handle.close()
    // Opened like this a reader says nothing of a card that is missing; it has become smaller than any medium.
    return (await blockDeviceBytes(found.rdev)) > 0 ? 'medium' : 'empty'
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // The node may go between two looks; a reader without a card answers ENOMEDIUM.
    if (code === 'EACCES' || code === 'EPERM') return 'medium'
    return code === 'ENOENT' || code === 'ENXIO' ? 'gone' : 'empty'
  }
}
