import { Fault } from '../base/fault.ts'
import type { ConsolePort, Match } from '../controls/console.ts'

/** Who logs in on the console. */
export interface ConsoleLogin {
  readonly user: string
  readonly password?: string | undefined
}

/** Anything a shell prompts with at the end of what was said, spaces, colours and titles behind it in any order. */
const PROMPT = /[$#>](?: |\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007\u001b]{0,200}(?:\u0007|\u001b\\)))*$/
/** How long a shell may take to answer before it is asked again, in case what was typed had been thrown away. */
const ASK_AGAIN_MS = 1000

/**
 * Login prompt → a shell that answers. Errors: `configuration/login` when refused, `infrastructure/console-silent` when
 * the board does not hear us, `product/no-shell` when it heard and no shell answers.
 *
 * What looks like a prompt may be a message of the day cut at a `>`. Waiting for silence would cost every login time and
 * prove nothing; a command that only a shell can answer costs one round trip. Typed too early it waits in the terminal
 * for the shell, or is thrown away and typed again.
 */
export async function logIn(
  port: ConsolePort,
  login: ConsoleLogin,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + limitMs
  const typedAt = port.end()
  const wait = (pattern: RegExp, from: number, what: string, until: AbortSignal = signal): Promise<Match> =>
    port.expect(pattern, {
      from,
      limitMs: Math.max(0, endMs - performance.now()),
      signal: until,
      maxBytes: 1024,
      late: () => whyNoShell(port.slice(typedAt), login, `${what} on the console within ${limitMs} ms`),
    })
  let from = typedAt
  await port.write(`${login.user}\n`)
  if (login.password !== undefined) {
    const asked = await wait(/[Pp]assword: ?/, from, 'the password prompt')
    from = asked.to
    await port.write(`${login.password}\n`)
  }
  // The echo of the question reads `{%s}`: whoever says this has run it.
  const reply = `(Login incorrect)|(\\{hil\\.${typedAt}\\})`
  const question = `printf '{%s}\\n' hil.${typedAt}\n`
  let answer: Match | undefined
  while (!answer) {
    const said = await wait(new RegExp(`${reply}|${PROMPT.source}`), from, 'a shell prompt')
    if (said.groups.some(group => group !== undefined)) answer = said
    else {
      await port.write(question)
      answer = await forAWhile(until => wait(new RegExp(reply), from, 'a shell that answers', until), signal)
    }
  }
  if (answer.groups[0] !== undefined)
    throw new Fault('configuration/login', {
      expected: `user ${login.user} to be let in on the console`,
      seen: 'Login incorrect',
      next: "correct login.user and login.password of the board in the bench file, or the image's accounts",
    })
}

/** What `work` gives within the time to ask again, or nothing. */
async function forAWhile<T>(work: (until: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const over = AbortSignal.timeout(ASK_AGAIN_MS)
  try {
    return await work(AbortSignal.any([signal, over]))
  } catch (error) {
    if (error === over.reason) return undefined
    throw error
  }
}

/** A getty echoes the user name and a login asks for the password: a board that did neither heard nothing. */
function whyNoShell(said: Buffer, login: ConsoleLogin, expected: string): Fault {
  const text = said.toString('utf8').trimStart()
  // At once, or behind lines of the kernel: not wherever a log happens to name the user.
  const echoed = text.startsWith(login.user) || text.split(/[\r\n]+/).includes(login.user)
  if (echoed || /[Pp]assword: /.test(text))
    return new Fault('product/no-shell', { expected, seen: 'the user name taken, then nothing that looks like it' })
  return new Fault('infrastructure/console-silent', {
    expected,
    seen: 'a login prompt, and no echo of the user name typed there: the board does not hear this host',
    next: 'check the wire from this host to the board (TX) and that nothing else holds its console',
  })
}
