import { Fault } from '../../base/fault.ts'
import { readableLines } from '../../base/text.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { BootFacts, LoaderFacts } from '../../model/board-type.ts'
import { OwnTime } from '../own-time.ts'
import { whyNoLogin, type PowerOnMeans } from '../power-on.ts'
import { UBoot } from '../u-boot.ts'
import { literal } from './typing.ts'

/** How often the key is pressed: a countdown of zero only looks once, at what was typed before. */
const PRESS_MS = 200
const QUIET_LIMIT_MS = 1000

/**
 * Power-on → U-Boot's prompt. Errors, after the limit or once the kernel starts: as for a boot without a login for a
 * board that does not come as far as U-Boot; `infrastructure/console-silent` when it counts down and takes no key;
 * `product/no-prompt` when it starts the kernel without ever counting.
 */
export async function stopAutoboot(
  port: ConsolePort,
  facts: BootFacts & { readonly loader: LoaderFacts },
  limitMs: number,
  means: PowerOnMeans,
): Promise<UBoot> {
  const { loader } = facts
  const from = port.end()
  const time = new OwnTime(limitMs, means.starvedMs)
  const wait = { limitMs, signal: means.signal, moreMs: async () => time.moreMs() }
  const why = async (): Promise<Fault> => whyNoPrompt(port.slice(from), facts, limitMs, await means.powerState())
  await means.powerOn()
  // Before that it may have waited for its medium.
  const until = port.clock.ticksMs() + limitMs
  const banner = await port.expect(either(loader.banner, facts.kernel), { ...wait, from, late: why })
  const prompt = new RegExp(`\\n${literal(loader.prompt)}`)
  const pressing = new AbortController()
  const keys = press(port, loader.key, AbortSignal.any([pressing.signal, means.signal]))
  try {
    const left = Math.max(0, until - port.clock.ticksMs())
    const found = await port.expect(either(prompt, facts.kernel), {
      ...wait,
      from: banner.from,
      limitMs: left,
      late: why,
    })
    if (facts.kernel.test(found.text)) throw await why()
  } finally {
    pressing.abort()
    await keys
  }
  // The keys pressed too often stand at the prompt now: throw them away, and prove that somebody listens.
  const at = port.end()
  await port.write('\u0003')
  await port
    .expect(new RegExp(`${prompt.source}$`), {
      signal: means.signal,
      from: at,
      limitMs: QUIET_LIMIT_MS,
      late: () => new Error('no echo'),
    })
    .catch(() => means.signal.throwIfAborted())
  const uBoot = new UBoot(port, loader)
  await uBoot.run('true', { signal: means.signal, limitMs: 10_000 })
  return uBoot
}

/** Blames a boot loader that gave no prompt by the furthest thing the board said. */
export function whyNoPrompt(
  said: Buffer,
  facts: BootFacts,
  limitMs: number,
  power: Parameters<typeof whyNoLogin>[3],
): Fault {
  const text = said.toString('latin1')
  const expected = `U-Boot's prompt within ${Math.round(limitMs / 1000)} s of power-on`
  const evidence = readableLines(said)
    .filter(line => line.trim() !== '')
    .slice(-12)
  const counts = /stop autoboot/i.test(text)
  if (counts && facts.kernel.test(text))
    return new Fault('infrastructure/console-silent', {
      expected,
      seen: 'a countdown that no key stopped: the board does not hear this host, or wants another key',
      next: "check the wire from this host to the board (TX), and loader.key of the board's type",
      evidence,
    })
  if (facts.kernel.test(text))
    return new Fault('product/no-prompt', { expected, seen: 'a kernel, and no countdown before it', evidence })
  if (facts.loader?.banner.test(text) && power !== 'off')
    return new Fault('product/no-prompt', {
      expected,
      seen: `U-Boot, ${counts ? 'a countdown' : 'no countdown'} and no prompt`,
      evidence,
    })
  const fault = whyNoLogin(said, facts, limitMs, power)
  return new Fault(fault.code, { ...fault.record(), expected })
}

function either(a: RegExp, b: RegExp): RegExp {
  return new RegExp(`${a.source}|${b.source}`)
}

/** Presses a key until told to stop. */
async function press(port: ConsolePort, key: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await port.write(key).catch(() => undefined)
    await port.clock.sleep(PRESS_MS, stop).catch(() => undefined)
  }
}
