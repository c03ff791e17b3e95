import { expect, type BoardShell } from '../../fixtures/index.ts'
import { runningGuests } from '../guests.ts'

/** An application as its row promises it; names and VMs changed between releases of Ghaf. */
export interface Application {
  /** In the menu. */
  readonly menu: readonly string[]
  readonly homes: readonly string[]
  /** For `pgrep -f`, not matching itself. */
  readonly process: string
}

/** From asking for it to its process. The lab allows 5 s; emulated processors need longer. */
const START_MS = { hardware: 5000, twin: 30_000 }
const STOP_MS = 20_000

type Vm = (name: string) => BoardShell

/** The VM that an application lives in on this image; undefined: the image has none of those. */
export async function homeOf(host: BoardShell, { homes }: Application): Promise<string | undefined> {
  const running = await runningGuests(host)
  return homes.find(home => running.includes(home))
}

/** Opens an application from the desktop as a click in the menu does, and tells its new processes: there must be some. */
export async function open(
  { menu, process }: Application,
  { vm, home, twin }: { vm: Vm; home: string; twin: boolean },
): Promise<readonly number[]> {
  const before = await processesOf(vm(home), process)
  const gui = vm('gui-vm')
  const answers: string[] = []
  for (const name of menu) {
    const opened = await gui.run(['ghaf-open', name])
    if (opened.exitCode === 0) break
    answers.push(`${name}: exit ${opened.exitCode} ${opened.stderr}`)
  }
  expect(answers.length, `ghaf-open knows one of the names:\n${answers.join('\n')}`).toBeLessThan(menu.length)
  let fresh: readonly number[] = []
  try {
    await expect
      .poll(
        async () => {
          fresh = (await processesOf(vm(home), process)).filter(pid => !before.includes(pid))
          return fresh.length
        },
        {
          message: `new processes of ${process} in ${home}`,
          timeout: twin ? START_MS.twin : START_MS.hardware,
          intervals: [1000],
        },
      )
      .toBeGreaterThan(0)
  } catch (error) {
    // Wherever it was opened instead, the next row must not meet it.
    for (const name of new Set([home, 'gui-vm'])) await vm(name).run(['pkill', '-f', process])
    throw error
  }
  return fresh
}

/** Closes it by ending its processes, which must go. */
export async function close(guest: BoardShell, { process }: Application): Promise<void> {
  await guest.run(['pkill', '-f', process])
  await expect(guest).toRun(['pgrep', '-f', process], { exitCode: 1, withinMs: STOP_MS })
}

/** Where an application runs, of these VMs. */
export async function runsIn(vm: Vm, guests: readonly string[], { process }: Application): Promise<string[]> {
  const found: string[] = []
  for (const guest of guests) if ((await processesOf(vm(guest), process)).length > 0) found.push(guest)
  return found
}

async function processesOf(guest: BoardShell, pattern: string): Promise<number[]> {
  const { stdout } = await guest.run(['pgrep', '-f', pattern])
  return stdout.split('\n').filter(Boolean).map(Number)
}
