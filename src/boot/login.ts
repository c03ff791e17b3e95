import type { ConsolePort } from '../controls/console.ts'
import { lastSight, type Sight, type Wanted } from './login/sights.ts'
import { loginFault, whyNoShell } from './login/why.ts'

/** Who logs in on the console. */
export interface ConsoleLogin {
  readonly user: string
  readonly password?: string | undefined
}

/** What a login may need beyond a console. */
export interface LoginMeans {
  readonly limitMs: number
  readonly signal: AbortSignal
  /** First signs of a board that starts anew, and how long it may then take to its prompt. */
  readonly reboot?: { readonly signs: RegExp; readonly limitMs: number } | undefined
}

/** How long a shell may take to answer before it is asked again, in case what was typed had been thrown away. */
const ASK_AGAIN_MS = 1000
/** How long a console may say nothing new before it is woken: a password that is wrong is held back for 3 s. */
const WAKE_MS = 4500
/** The same for a console of which nothing is known yet. */
const FIRST_WAKE_MS = 1500
/** Wipes out what somebody else may have typed and not sent. */
const WIPE = '\u0015'
/** Leaves a pager, and is wiped out again wherever it was none. */
const KNOCK = `q${WIPE}\n`
const INTERRUPT = '\u0003'
const LEAVE_HIL = `${WIPE}hil-exit\n`
/** What is looked at: the newest so much since the last sight. */
const MOST_BYTES = 16_384
/** Prompts in a row that take our password and say nothing of it: the word may have been lost between other lines. */
const MAX_SILENT_REFUSALS = 2
/** The first time a typed word may have been damaged on its way; three times may lock an account. */
const MAX_REFUSALS = 2
const MAX_STARTS = 2
const MAX_QUESTIONS = 2

/**
 * Whatever stands on the console → a shell that answers: a login prompt, also below late boot messages or behind half a
 * line, a shell, a pager, or the loop that another process left behind; a board that starts anew meanwhile is waited for.
 *
 * Errors: `configuration/login` when refused, or when a password is asked for and none set, or set and not asked for;
 * `infrastructure/console-silent` when the board does not hear us, `product/no-shell` when it heard and no shell answers.
 *
 * What looks like a prompt may be a message of the day cut at a `>`. Waiting for silence would cost every login time and
 * prove nothing; a command that only a shell can answer costs one round trip. Typed too early it waits in the terminal
 * for the shell, or is thrown away and typed again.
 */
export async function logIn(port: ConsolePort, login: ConsoleLogin, means: LoginMeans): Promise<void> {
  const attempt = new Attempt(port, login, means)
  for (let sight = await attempt.begin(); !(await attempt.answer(sight));) sight = await attempt.next()
}

class Attempt {
  readonly #port: ConsolePort
  readonly #login: ConsoleLogin
  readonly #means: LoginMeans
  readonly #typedAt: number
  readonly #wanted: Wanted
  #endMs: number
  /** What was seen up to here was answered. */
  #from: number
  #userTyped = false
  #passwordsTyped = 0
  #silences = 0
  #refusals = 0
  #wasAsked = false
  #quietMs = FIRST_WAKE_MS
  #starting = false
  #starts = 0
  #questions = 0

  constructor(port: ConsolePort, login: ConsoleLogin, means: LoginMeans) {
    this.#port = port
    this.#login = login
    this.#means = means
    this.#typedAt = port.end()
    this.#from = this.#typedAt
    this.#endMs = port.clock.ticksMs() + means.limitMs
    this.#wanted = { answer: `{hil.${this.#typedAt}}`, reboot: means.reboot?.signs }
  }

  /** A prompt that nothing was said behind needs no knock: it would be asked a second time. */
  async begin(): Promise<Sight | undefined> {
    const tail = this.#port.slice(Math.max(0, this.#typedAt - 200)).toString('latin1')
    if (/(?<!Last )\blogin: $/.test(tail)) return 'login'
    await this.#port.write(KNOCK)
    return await this.next()
  }

  /** The next thing that needs an answer; nothing after some silence. */
  async next(): Promise<Sight | undefined> {
    const quietAtMs = this.#port.clock.ticksMs() + this.#quietMs
    let looked = this.#from
    for (;;) {
      if (!(await this.#more(looked, Math.min(quietAtMs, this.#endMs) - this.#port.clock.ticksMs()))) {
        if (this.#port.clock.ticksMs() >= this.#endMs) throw this.#late()
        return undefined
      }
      looked = this.#port.end()
      const from = Math.max(this.#from, looked - MOST_BYTES)
      const text = this.#port.slice(from, looked).toString('latin1')
      // A refusal of ours counts, whatever was said behind it.
      if (this.#passwordsTyped > 0 && text.includes('Login incorrect')) return 'refused'
      const last = lastSight(text, this.#wanted)
      if (!last) continue
      this.#from = from + last.end
      return last.sight
    }
  }

  /** Does what a sight asks for; whether a shell answers. */
  async answer(sight: Sight | undefined): Promise<boolean> {
    const { user, password } = this.#login
    this.#quietMs = WAKE_MS
    if (sight !== undefined) this.#silences = 0
    switch (sight) {
      case 'answer':
        if (password !== undefined && this.#userTyped && !this.#wasAsked) throw loginFault('notAsked', this.#login)
        return true
      case 'refused':
        // Another's: of a name that was half typed when we came.
        if (this.#passwordsTyped > 0 && ++this.#refusals >= MAX_REFUSALS) throw loginFault('refused', this.#login)
        this.#userTyped = false
        this.#passwordsTyped = 0
        break
      case 'login':
        if (this.#passwordsTyped >= MAX_SILENT_REFUSALS) throw loginFault('refused', this.#login)
        this.#userTyped = true
        this.#starting = false
        await this.#port.write(`${WIPE}${user}\n`)
        break
      case 'password':
        await this.#givePassword()
        break
      case 'hil':
        await this.#port.write(LEAVE_HIL)
        break
      case 'pager':
        await this.#port.write('q')
        break
      case 'prompt':
        // What prompts and does not answer may want the end of a quote, or be no shell.
        if (++this.#questions > MAX_QUESTIONS) await this.#port.write(INTERRUPT)
        await this.#port.write(`printf '{%s}\\n' hil.${this.#typedAt}\n`)
        this.#quietMs = ASK_AGAIN_MS
        break
      case 'reboot':
        this.#startAnew()
        break
      case undefined:
        await this.#wake()
    }
    return false
  }

  async #givePassword(): Promise<void> {
    const { password } = this.#login
    // The question for another's: who typed half a name before us.
    if (!this.#userTyped) return await this.#port.write('\n')
    if (password === undefined) throw loginFault('askedForNone', this.#login)
    this.#passwordsTyped++
    this.#wasAsked = true
    await this.#port.write(`${password}\n`)
  }

  /** Whatever runs there is interrupted, once it had time to come to its end. */
  async #wake(): Promise<void> {
    this.#silences++
    await this.#port.write(this.#silences > 1 ? INTERRUPT + KNOCK : KNOCK)
    this.#quietMs = FIRST_WAKE_MS
  }

  /** Nothing is typed meanwhile: a key would stop a boot loader. A board that never comes further gets no more time. */
  #startAnew(): void {
    const { limitMs } = this.#means.reboot!
    this.#quietMs = limitMs
    if (this.#starting) return
    this.#starting = true
    this.#userTyped = false
    this.#passwordsTyped = 0
    if (++this.#starts <= MAX_STARTS) this.#endMs = this.#port.clock.ticksMs() + limitMs + this.#means.limitMs
  }

  /** Whether anything was said behind an offset in time. */
  async #more(from: number, limitMs: number): Promise<boolean> {
    if (this.#port.end() > from) return true
    const silence = new Error('silence')
    try {
      await this.#port.expect(/[^]/, {
        from,
        limitMs: Math.max(0, limitMs),
        signal: this.#means.signal,
        late: () => silence,
      })
      return true
    } catch (error) {
      if (error === silence) return false
      throw error
    }
  }

  #late(): Error {
    const expected = `a shell on the console within ${this.#means.limitMs} ms`
    return whyNoShell(this.#port.slice(this.#typedAt), this.#login, expected)
  }
}
