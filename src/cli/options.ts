import { InvalidArgumentError, Option } from 'commander'
import { TokenName } from '../model/access.ts'

/** `--bench`, as all verbs have it that touch or name boards. */
export function benchOption(): Option {
  return new Option('--bench <name|file>', 'the bench: a name in devices/benches, or a file')
    .default('virtual')
    .env('HIL_BENCH')
}

/** `--trust-key`, as all verbs have it that look at images. */
export function trustKeyOption(): Option {
  return repeatable(
    '--trust-key <pem>',
    "also trust this public key or certificate's signatures over images",
    'those of the bench file',
  )
}

/** `--report-dir`, as all verbs have it that read what runs left. */
export function reportDirOption(): Option {
  return new Option('--report-dir <folder>', "where run folders are (default: this checkout's reports/runs)")
}

/** An option that may be given several times; `none`: what holds where it is not given at all; `word`: what each has to be. */
export function repeatable(flags: string, description: string, none: string, word?: (value: string) => string): Option {
  return new Option(flags, `${description} (repeatable)`)
    .argParser((value: string, before: string[]) => [...before, word ? word(value) : value])
    .default([], none)
}

/** No agent keeps anybody in its queue, or a board with anybody, for longer. */
const MOST_DAYS = 30

export function minutes(value: string): number {
  const most = MOST_DAYS * 24 * 60
  if (/^\d+(?:\.\d+)?$/.test(value) && Number(value) <= most) return Number(value)
  throw new InvalidArgumentError(`a number of minutes, such as 0 or 2.5; at most ${most}, which is ${MOST_DAYS} days`)
}

/** Words for other people, or a name that they know: something to see, and no more than an agent takes. */
export function words(what: string, most: number): (value: string) => string {
  return value => {
    if (value.trim() === '') throw new InvalidArgumentError(`${what} that is not empty`)
    if (value.length <= most) return value
    throw new InvalidArgumentError(`${what} of at most ${most} characters; this has ${value.length}`)
  }
}

/** Why somebody does what others have to live with. */
export const reason = words('a reason', 500)

/** A board, a board type or a user. */
export const name = words('a name', 200)

/** Who shows a token, as a bench file takes it. */
export function tokenName(value: string): string {
  if (TokenName.safeParse(value).success) return value
  throw new InvalidArgumentError('a name such as ci: at most 64 letters, digits, and _ . @ -')
}

/** The names of an argument that takes several. */
export function names(value: string, before: string[] = []): string[] {
  return [...before, name(value)]
}

/** A whole number of `noun`, from `least` on. */
export function wholeNumber(noun: string, least: number): (value: string) => number {
  return value => {
    if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value)
    throw new InvalidArgumentError(`a whole number of ${noun}, ${least} or more`)
  }
}
