import { InvalidArgumentError, Option } from 'commander'

/** `--bench`, as all verbs have it that touch or name boards. */
export function benchOption(): Option {
  return new Option('--bench <name|file>', 'the bench: a name in devices/benches, or a file')
    .default('virtual')
    .env('HIL_BENCH')
}

/** `--trust-key`, as all verbs have it that look at images. */
export function trustKeyOption(): Option {
  return new Option(
    '--trust-key <pem>',
    "also trust this public key or certificate's signatures over images (repeatable)",
  )
    .argParser(collect)
    .default([], 'those of the bench file')
}

/** `--report-dir`, as all verbs have it that read what runs left. */
export function reportDirOption(): Option {
  return new Option('--report-dir <folder>', "where run folders are (default: this checkout's reports/runs)")
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function minutes(value: string): number {
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value)
  throw new InvalidArgumentError('a number of minutes, such as 0 or 2.5')
}

/** A whole number of `noun`, from `least` on. */
export function wholeNumber(noun: string, least: number): (value: string) => number {
  return value => {
    if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value)
    throw new InvalidArgumentError(`a whole number of ${noun}, ${least} or more`)
  }
}
