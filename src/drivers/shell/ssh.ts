import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Connector } from '../../controls/shell.ts'

const Options = z.strictObject({
  /** Where the board answers; used by whoever connects, not by the driver. */
  host: z.string(),
  port: z.int().optional(),
  route: z.string().optional(),
  /** TCP, key exchange and login together. OpenSSH in an emulated board was seen to take 1.5 s. */
  connectLimitMs: z.int().min(100).default(15_000),
})
type Options = z.infer<typeof Options>

/**
 * SSH with password or key, one connection for all commands of a shell.
 *
 * Errors: `infrastructure/ssh-unreachable`, `product/ssh-auth`, `configuration/login` for a key that cannot be read,
 * and whatever the host key check throws. Source: RFC 4252-4254.
 */
export default defineDriver<Connector, Options>({
  models: ['OpenSSH 9.2', 'dropbear 2022.83'],
  options: Options,
  open: async ({ connectLimitMs }) => ({
    connect: async (address, check, signal, through) => {
      // At first use: the library takes longer to load than a board to be switched on.
      const [{ openClient }, { SshShell }] = await Promise.all([import('./ssh/open.ts'), import('./ssh/shell.ts')])
      if (through !== undefined && !(through instanceof SshShell))
        throw new Fault('internal/bug', {
          expected: 'a shell of the ssh driver to jump from',
          seen: 'another kind of shell',
        })
      const sock = await through?.forward(address.host, address.port, connectLimitMs, signal)
      const opened = await openClient(address, { check, sock, limitMs: connectLimitMs }, signal)
      return new SshShell(opened, `${address.user}@${address.host}:${address.port}`)
    },
  }),
})
