import { LONG_FILE, LONG_TEXT } from '../lab/machine.ts'
import { must, type TestCalls } from './calls.ts'

export interface SimTest {
  readonly title: string
  run(calls: TestCalls): Promise<void>
}

const SSH = { by: 'ssh' } as const
const SERIAL = { by: 'serial' } as const
const GUEST = { by: 'ssh', guest: 'net-vm' } as const

/** The suites, by their paths: what real ones do, without what takes them long. */
export const SIM_SUITES: Readonly<Record<string, readonly SimTest[]>> = {
  'sim-image.spec.ts': [
    { title: 'the host is up', run: calls => calls.mustSay(SERIAL, ['uname', '-n'], 'ghaf-host\n') },
  ],
  'sim-serial.spec.ts': [
    {
      title: 'a long file comes exactly',
      run: async calls => {
        const { exitCode, stdout } = await calls.run(SERIAL, ['cat', LONG_FILE])
        must(exitCode === 0 && stdout === LONG_TEXT, 'the file as it is')
      },
    },
    {
      title: 'exit codes and standard output are exact',
      run: async calls => {
        for (let n = 0; n < 6; n++) {
          const { exitCode, stdout } = await calls.run(SERIAL, ['sh', '-c', `printf 'a\\tb %s' ${n}; exit ${n}`])
          must(exitCode === n && stdout === `a\tb ${n}`, `answer ${n}, not ${exitCode} ${JSON.stringify(stdout)}`)
        }
      },
    },
  ],
  'sim-ssh.spec.ts': [
    { title: 'a command runs', run: calls => calls.mustSay(SSH, ['uname', '-n'], 'ghaf-host\n') },
    {
      title: 'a wrong password is refused',
      run: async calls => must(!(await calls.letsIn('ghaf', 'wrong')), 'somebody else to stay outside'),
    },
  ],
  'sim-netvm.spec.ts': [
    {
      title: 'its unit is active',
      run: calls => calls.mustSay(SSH, ['systemctl', 'is-active', 'microvm@net-vm.service'], 'active\n', 5000),
    },
    { title: 'it is a machine of its own', run: calls => calls.mustSay(GUEST, ['uname', '-n'], 'net-vm\n') },
  ],
  'sim-console.spec.ts': [
    {
      title: 'a line on the console is heard',
      run: async calls => {
        await calls.run(SERIAL, ['sh', '-c', 'for i in 1 2 3; do echo simulated ready > /dev/ttyS0; sleep 1; done'])
        await calls.mustPrint(/simulated ready\r?\n/, 10_000)
      },
    },
  ],
  'sim-steady.spec.ts': [
    {
      title: 'it answers for some seconds',
      run: async calls => {
        for (let n = 0; n < 5; n++) {
          await calls.mustSay(SSH, ['echo', String(n)], `${n}\n`)
          await calls.run(SERIAL, ['sleep', '2'])
        }
      },
    },
    { title: 'and then still runs', run: calls => calls.mustSay(SSH, ['uname', '-n'], 'ghaf-host\n') },
  ],
}
