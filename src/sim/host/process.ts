import { ProcessClock, type VirtualTime } from '../time/virtual-time.ts'

/** A process of the simulated host: it may be killed at any moment, and does nothing from then on. */
export class SimProcess {
  readonly name: string
  readonly clock: ProcessClock

  constructor(name: string, time: VirtualTime) {
    this.name = name
    this.clock = new ProcessClock(time)
  }

  get killed(): boolean {
    return this.clock.killed
  }

  kill(): void {
    this.clock.kill()
  }
}
