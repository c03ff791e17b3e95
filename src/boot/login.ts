import { Fault } from '../base/fault.ts'
import type { ConsolePort } from '../controls/console.ts'

/** Who logs in on the console. */
export interface ConsoleLogin {
  readonly user: string
  readonly password?: string | undefined
}

// Anything a shell prompts with, colours and title sequences behind it included, with nothing after it.
// biome-ignore format: one pattern, kept on one line
const PROMPT = /[$#>] ?(?:\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]{0,200}\u0007))*$/

/** Login prompt → shell prompt. Errors: `configuration/login` when refused, `product/no-shell` when nothing follows. */
export async function logIn(
  port: ConsolePort,
  login: ConsoleLogin,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const wait = (pattern: RegExp, from: number, what: string) =>
    port.expect(pattern, {
      from,
      limitMs,
      signal,
      maxBytes: 1024,
      late: () =>
        new Fault('product/no-shell', {
          expected: `${what} on the console within ${limitMs} ms`,
          seen: 'a login prompt, then nothing that looks like it',
        }),
    })
  let from = port.end()
  await port.write(`${login.user}\n`)
  if (login.password !== undefined) {
    const asked = await wait(/[Pp]assword: ?/, from, 'the password prompt')
    from = asked.to
    await port.write(`${login.password}\n`)
  }
  const answer = await wait(new RegExp(`(Login incorrect)|${PROMPT.source}`), from, 'a shell prompt')
  if (answer.groups[0] !== undefined)
    throw new Fault('configuration/login', {
      expected: `user ${login.user} to be let in on the console`,
      seen: 'Login incorrect',
      next: "correct login.user and login.password of the board in the bench file, or the image's accounts",
    })
}
