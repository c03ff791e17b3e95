import { Fault } from '../../base/fault.ts'
import { readableLines } from '../../base/text.ts'
import type { ConsoleLogin } from '../login.ts'

/** A getty echoes the user name and a login asks for the password: a board that did neither heard nothing. */
export function whyNoShell(said: Buffer, { user }: ConsoleLogin, expected: string): Fault {
  const text = said.toString('utf8').trimStart()
  // At once, or behind lines of the kernel: not wherever a log happens to name the user.
  const echoed =
    text.startsWith(user) || text.split(/[\r\n]+/).some(line => line === user || line.endsWith(`login: ${user}`))
  const evidence = readableLines(said)
    .filter(line => line.trim() !== '')
    .slice(-8)
  if (echoed || /[Pp]assword: /.test(text))
    return new Fault('product/no-shell', {
      expected,
      seen: 'the user name taken, then nothing that looks like it',
      evidence,
    })
  return new Fault('infrastructure/console-silent', {
    expected,
    seen: 'a login prompt, and no echo of the user name typed there: the board does not hear this host',
    next: 'check the wire from this host to the board (TX) and that nothing else holds its console',
    evidence,
  })
}

/** The board answers; what the bench file says of its login does not fit it. */
export function loginFault(seen: keyof typeof LOGIN_FAULTS, { user }: ConsoleLogin): Fault {
  const { expected, saw, next } = LOGIN_FAULTS[seen]
  return new Fault('configuration/login', { expected: expected.replace('USER', user), seen: saw, next })
}

const LOGIN_FAULTS = {
  refused: {
    expected: 'user USER to be let in on the console',
    saw: 'Login incorrect',
    next: "correct login.user and login.password of the board in the bench file, or the image's accounts",
  },
  askedForNone: {
    expected: 'user USER to be let in on the console without a password',
    saw: 'a question for a password, and login.password is not set',
    next: 'set login.password of the board in the bench file',
  },
  notAsked: {
    expected: 'user USER to be asked for the password that is set',
    saw: 'a shell without a question',
    next: 'remove login.password of the board in the bench file, or give the account of the image its password',
  },
} as const
