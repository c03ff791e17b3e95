import { answered } from '../../agent/client.ts'
import type { World } from '../sim-run.ts'
import { Errand } from './errand.ts'
import type { PlannedAgent } from './plan.ts'
import { SimAgent, SOCKET } from './sim-agent.ts'
import { LeaseWatch } from './watch.ts'

const LOOK_EVERY_MS = 1000
/** By when the last hold is over that somebody forgot, and its board put away. */
const REST_MS = 15 * 60_000
const ADMIN = 'boss'

/** The agent of a bench, all who want its boards, and who looks over their shoulders. */
export class AgentWorld {
  readonly watch: LeaseWatch
  readonly errands: readonly Errand[]
  readonly #agent: SimAgent
  readonly #world: World
  #isLooking = true

  constructor(planned: PlannedAgent, world: World) {
    const { time, tell, lab, locks } = world
    this.#world = world
    this.watch = new LeaseWatch({
      nowMs: () => time.nowMs,
      rules: planned.rules,
      tell,
      isOn: board => lab.board(board).isOn,
      lockedBy: board => locks.holderOf(board)?.name,
      obeys: board => !lab.board(board).isRelayBad,
      isDiskWell: () => this.#agent.disk.isWell,
    })
    this.#agent = new SimAgent(planned, world, this.watch)
    this.watch.wantsAdmin = (kind, amount) => void this.#administer(kind, amount).catch(() => undefined)
    this.errands = planned.errands.map(errand => new Errand(errand, world, this.watch))
  }

  /** The agent begins, and whoever wants boards comes at their time. */
  start(): void {
    this.#agent.start()
    for (const errand of this.errands) this.#world.time.after(errand.planned.startMs, () => errand.start())
    this.#look()
  }

  get isOver(): boolean {
    return this.errands.every(({ isOver }) => isOver)
  }

  /** Once nobody wants anything: forgotten holds end by their time, boards are put away, and the agent ends. */
  async rest(): Promise<void> {
    const { time } = this.#world
    const isAtRest = (): boolean => {
      const { running } = this.#agent
      const { held, queue } = running?.desk.book ?? { held: ['?'], queue: [] }
      return held.length === 0 && queue.length === 0 && !this.watch.parking.isAnyOn
    }
    const ended = await time.pass(isAtRest, time.nowMs + REST_MS)
    if (ended !== 'over') this.watch.complain('ending', 'leases, waiters or boards are left when everybody has gone')
    this.#agent.stop()
    const over = await time.pass(() => this.#agent.isOver, time.nowMs + REST_MS)
    if (over !== 'over') this.watch.complain('ending', 'the agent does not end')
    this.#isLooking = false
  }

  #look(): void {
    this.watch.look()
    if (this.#isLooking) this.#world.time.after(LOOK_EVERY_MS, () => this.#look())
  }

  async #administer(kind: 'board-quarantined' | 'lease-taken-away', amount: number): Promise<void> {
    const { net, spawn, chance, bench, tell } = this.#world
    const process = spawn(ADMIN)
    const some = chance.for(`${kind} ${amount}`)
    const board = some.pick(bench.boards).name
    if (kind === 'board-quarantined') {
      const say = async (reason: string | null): Promise<void> => {
        using client = net.connect(SOCKET, process)
        tell(ADMIN, `${board}: ${reason ?? 'is fit again'}`)
        await answered(client.api.quarantine.mutate({ board, user: ADMIN, reason }))
      }
      await say('its fan is dead').catch(() => undefined)
      await process.clock.sleep(amount)
      for (let tries = 0; tries < 200; tries++) {
        const error = await say(null).then(
          () => undefined,
          (error: unknown) => error ?? 'gone',
        )
        if (error === undefined) return
        await process.clock.sleep(LOOK_EVERY_MS)
      }
      return
    }
    using client = net.connect(SOCKET, process)
    const { boards } = await answered(client.api.leaseBook.query())
    const id = boards.find(({ name }) => name === board)?.lease?.id
    if (id === undefined) return
    tell(ADMIN, `ends lease ${id} of ${board}`)
    await answered(client.api.leaseRelease.mutate({ id, user: ADMIN }))
  }
}
