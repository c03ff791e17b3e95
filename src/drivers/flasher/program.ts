import { realpath } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { Command, findProgram, runProgram } from '../../base/program.ts'
import { humanDuration } from '../../base/text.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Flasher, FlashJob } from '../../controls/flasher.ts'
import type { FlashProof } from '../../model/event.ts'
import { FlashOutput } from './program/output.ts'

const Options = z.strictObject({
  /** Finds in its environment HIL_IMAGE, HIL_TARGET (the device, or the sysfs folder of the USB device) and HIL_USB_PORT. */
  command: Command,
  /** For the whole program. Flashing an Orin over USB was seen to take 20 minutes. */
  limitMs: z.int().min(1).default(3_600_000),
  /** How long it may say nothing at all. */
  silentMs: z.int().min(1).default(900_000),
})
type Options = z.infer<typeof Options>

/**
 * Any program as the flasher: flash-ghaf-host or initrd-flash for a board in recovery mode, flash-script for a medium.
 *
 * Nothing is asked of it and nobody answers it: its standard input is empty. What it says goes to the log as it is said.
 * At the limit or an abort its whole process group is killed; a program under `sudo` may only be reached when it next
 * writes. It proves nothing (`readBackBytes: 0`): what the board then runs has to.
 * Errors: by its own words, see `KNOWN_FAILURES`; else `infrastructure/flash-program`.
 */
export default defineDriver<Flasher, Options>({
  models: ['stand-ins for flash-ghaf-host and initrd-flash'],
  options: Options,
  takesParts: true,
  missing: async ({ command }) => {
    const name = typeof command === 'string' ? undefined : command[0]
    if (name === undefined || name.includes('/') || findProgram(name)) return undefined
    return `the flash program '${name}' is not installed`
  },
  open: async options => ({ flash: job => flash(options, job) }),
})

async function flash(options: Options, job: FlashJob): Promise<FlashProof> {
  const { image, target, signal } = job
  const mode = job.mode ?? 'full'
  if (mode !== 'full')
    throw new Fault('configuration/usage', {
      expected: 'a flasher that reads the medium',
      seen: `--${mode === 'delta' ? 'delta' : 'verify-only'} with flasher/program, which only writes`,
      next: 'leave the flag out, or wire flasher: {driver: raw}',
    })
  const imageBytes = image.rawSizeBytes ?? image.sizeBytes
  const startMs = performance.now()
  const proof = (writtenBytes: number): FlashProof => ({
    target: target.path,
    mode,
    imageBytes,
    writtenBytes,
    readBackBytes: 0,
    durationMs: performance.now() - startMs,
  })
  if (job.dryRun) return { ...proof(0), dryRun: true }
  using output = new FlashOutput(job.logPath, percent =>
    job.progress({ phase: 'write', doneBytes: Math.round((imageBytes * percent) / 100), totalBytes: imageBytes }),
  )
  using quiet = new Quiet(options.silentMs, () => endless(options, output, 'silent', options.silentMs))
  job.begins?.()
  const { exitCode } = await runProgram(options.command, {
    limitMs: options.limitMs,
    late: () => endless(options, output, 'running', options.limitMs),
    signal: AbortSignal.any([signal, quiet.signal]),
    env: await environment(job),
    onOutput: chunk => {
      quiet.reset()
      output.take(chunk)
    },
  })
  if (exitCode !== 0 || output.failure) throw failed(options, exitCode, output)
  return proof(imageBytes)
}

async function environment({ image, target }: FlashJob): Promise<Record<string, string>> {
  // Programs take no name by serial number: flash-script knows /dev/sdX only.
  const path = target.kind === 'recovery' ? target.path : await realpath(target.path)
  const port = target.kind === 'recovery' ? { HIL_USB_PORT: path.slice(path.lastIndexOf('/') + 1) } : {}
  return { HIL_IMAGE: image.path, HIL_TARGET: path, ...port }
}

function failed(options: Options, exitCode: number, output: FlashOutput): Fault {
  const expected = `${nameOf(options)} to flash the board`
  const evidence = output.tail()
  const { failure } = output
  if (failure) {
    const seen = `${failure.known.seen} ('${failure.line}', exit code ${exitCode})`
    return new Fault(failure.known.code, { expected, seen, next: failure.known.next, evidence })
  }
  if (exitCode === 127) return new Fault('configuration/missing-tool', { expected, seen: 'no such program', evidence })
  if (output.question !== undefined)
    return new Fault('configuration/bench-file', {
      expected,
      seen: `it asked '${output.question}', had no answer and ended with exit code ${exitCode}`,
      next: 'give the answer on its command line (flasher.command in the bench file), such as -y',
      evidence,
    })
  return new Fault('infrastructure/flash-program', { expected, seen: `exit code ${exitCode}`, evidence })
}

function endless(options: Options, output: FlashOutput, still: 'silent' | 'running', limitMs: number): Fault {
  const { failure, question } = output
  const asked = question === undefined ? '' : `; it seems to ask '${question}', which nobody answers`
  const said = failure ? `; before that: ${failure.known.seen} ('${failure.line}')` : ''
  return new Fault(failure?.known.code ?? 'infrastructure/flash-program', {
    expected: `${nameOf(options)} to end`,
    seen: `it was ${still} for ${humanDuration(limitMs)} and was killed${said}${asked}`,
    ...(failure && { next: failure.known.next }),
    evidence: output.tail(),
  })
}

function nameOf({ command }: Options): string {
  return `'${typeof command === 'string' ? command : command.join(' ')}'`
}

/** Aborts with a fault when nothing happened for too long. */
class Quiet implements Disposable {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(limitMs: number, late: () => Fault) {
    this.#timer = setTimeout(() => this.#abort.abort(late()), limitMs)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  reset(): void {
    this.#timer.refresh()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
