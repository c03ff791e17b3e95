import { HilProcess, story } from './hil.ts'
import type { Lab } from './lab.ts'
import { eventually, kill } from './processes.ts'

/** A `hil agent` of a lab, which answers. */
export class AgentProcess {
  readonly hil: HilProcess

  private constructor(hil: HilProcess) {
    this.hil = hil
  }

  static async start(lab: Lab, bench: string, ...args: string[]): Promise<AgentProcess> {
    const hil = lab.start(['agent', '--bench', bench, ...args])
    await eventually('the agent answers', () => /^hil agent: bench/m.test(hil.stderr) || hil.over)
    if (hil.over) throw new Error(story(hil.over))
    return new AgentProcess(hil)
  }

  /** As a crash, or the memory killer. */
  async kill(): Promise<void> {
    kill(this.hil.pid)
    await this.hil.ended
  }

  /** As systemd ends it; gives back what it said. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    this.hil.signal(signal)
    const ended = await this.hil.ended
    if (ended.exitCode !== 0) throw new Error(story(ended))
    return ended.stderr
  }
}
