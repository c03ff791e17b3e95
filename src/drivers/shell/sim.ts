import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Connector, ShellAddress } from '../../controls/shell.ts'
import { labNamed } from '../../sim/lab/lab.ts'
import { LOGIN } from '../../sim/lab/system.ts'
import { GUEST_ADDRESS, type Machine } from '../../sim/lab/machine.ts'
import { SimShell } from './sim/shell.ts'

const CONNECT_MS = 150
const CONNECT_LIMIT_MS = 15_000

const Options = z.looseObject({
  /** The simulated lab that the board is in. */
  lab: z.string().default('sim'),
})
type Options = z.infer<typeof Options>

/** SSH into a simulated board and its guest. Errors: as of the driver `ssh`. */
export default defineDriver<Connector, Options>({
  models: ['simulated boards'],
  options: Options,
  open: async ({ lab }, { board: name, clock, stateDir }) => {
    const board = labNamed(lab, stateDir).board(name)
    return {
      connect: async (address, check, signal, through) => {
        if (through !== undefined && !(through instanceof SimShell))
          throw new Fault('internal/bug', { expected: 'a simulated shell to jump from', seen: 'another kind of shell' })
        const { network } = board
        await clock.sleep(board.takesMs(CONNECT_MS) + network.latencyMs(), signal)
        board.acted(clock, 'connects by SSH')
        const system = network.knock()
        const dead = system === 'nothing' || (through && !network.carries(through.connection))
        if (dead) {
          await clock.sleep(CONNECT_LIMIT_MS, signal)
          throw unreachable(address, `no login in ${CONNECT_LIMIT_MS} ms`)
        }
        if (system === 'refused') throw unreachable(address, 'connection refused')
        const machine: Machine = address.host === GUEST_ADDRESS ? system.guest : system.host
        if (machine === system.guest && !system.guestListens) throw unreachable(address, 'no route to host')
        check(address.host, machine.fingerprint)
        const { user, password } = address
        const wrong = system.defect('wrong-password')
        if (wrong) board.met(wrong.kind)
        if (wrong || user !== LOGIN.user || password !== LOGIN.password)
          throw new Fault('product/ssh-auth', {
            expected: `${user}@${address.host}:${address.port} to be let in by password`,
            seen: 'all authentication methods failed',
          })
        return new SimShell(board, network.open(system, machine), clock)
      },
    }
  },
})

function unreachable({ host, port }: ShellAddress, seen: string): Fault {
  return new Fault('infrastructure/ssh-unreachable', { expected: `an SSH server at ${host}:${port}`, seen })
}
