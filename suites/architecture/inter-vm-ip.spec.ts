import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { runningGuests } from '../guests.ts'

const test = feature('inter-vm-ip')

/** The host as its guests know it. */
const HOST = 'ghaf-host'

test('the host knows every VM by name, and reaches its SSH port', async ({ shell }) => {
  const guests = await runningGuests(shell)
  expect(guests, 'VMs that run').not.toEqual([])
  for (const guest of guests) {
    await expect(shell).toRun(['getent', 'hosts', guest], { stdout: /^\d+\.\d+\.\d+\.\d+\s/ })
    await expect(shell).toRun(['nc', '-zvw3', guest, '22'], { withinMs: 15_000 })
  }
})

test('VMs reach each other and the host by name', async ({ shell, vm }) => {
  const [one, other] = await twoGuests(shell)
  test.skip(other === undefined, 'fewer than two VMs run')
  await expect(vm(one!)).toRun(['nc', '-zvw3', other!, '22'])
  await expect(vm(other!)).toRun(['nc', '-zvw3', one!, '22'])
  await expect(vm(one!)).toRun(['nc', '-zvw3', HOST, '22'])
})

test('no packet is lost between a VM and the host', async ({ shell }) => {
  const [guest] = await twoGuests(shell)
  // One a second: the firewall of Ghaf bans who pings faster.
  await expect(shell).toRun(['ping', '-c', '3', '-i', '1', '-W', '5', guest!], { stdout: /\b0% packet loss/ })
})

test('a VM that takes the address of another one gets nothing', async ({ shell, vm, board }) => {
  // Not the one we come through: its address would lead our own packets astray.
  const [victim, thief] = (await twoGuests(shell)).filter(guest => board.route !== `via ${guest}`)
  test.skip(thief === undefined, 'fewer than two VMs run that we do not come through')
  const inside = vm(thief!)
  const device = await inside.sh("ip -4 -o addr show | awk '$4 ~ /^192[.]168[.]100[.]/ { print $2; exit }'")
  expect(device.stdout, `the internal network card of ${thief}`).not.toBe('')
  const address = (await shell.run(['getent', 'hosts', victim!])).stdout.split(/\s/)[0]!
  // What it asks in its own name is answered: else an answer to the stolen one would prove nothing by its absence.
  await expect(inside).toRun(['ping', '-c', '1', '-W', '5', HOST], { stdout: /1 received/ })
  const stolen = ['dev', device.stdout]
  // Where the theft succeeds, our own connection to the victim is among what it takes.
  await vm(victim!).leave()
  await asRoot(inside, ['ip', 'addr', 'add', `${address}/32`, ...stolen])
  try {
    // Whom it has to ask for, it asks for in the stolen name, which tells everybody that the address has moved. Our own
    // connection must be silent meanwhile: it would ask in the right name.
    const forget = `ip neigh del "$(getent hosts ${HOST} | cut -d' ' -f1)" dev ${device.stdout}`
    // An answer on the internal network takes milliseconds.
    const attempt = `sleep 1; ${forget}; ping -c 1 -W 1 -I ${address} ${HOST}`
    const { stdout } = await asRoot(inside, ['sh', '-c', `${attempt}; ${attempt}`])
    const answers = [...stdout.matchAll(/(\d+) received/g)].map(([, count]) => Number(count))
    expect(answers, `answers to ${thief} in the name of ${victim}`).toEqual([0, 0])
  } finally {
    await asRoot(inside, ['ip', 'addr', 'del', `${address}/32`, ...stolen])
  }
  await expect(inside).toRun(['ping', '-c', '1', '-W', '5', HOST], { stdout: /1 received/, withinMs: 10_000 })
  await expect(shell).toRun(['nc', '-zvw3', victim!, '22'], { withinMs: 30_000 })
})

/** Two VMs; the one that owns the network card first, since we may stand in it. */
async function twoGuests(shell: Parameters<typeof runningGuests>[0]): Promise<readonly (string | undefined)[]> {
  const guests = await runningGuests(shell)
  const apps = guests.filter(guest => !['net-vm', 'admin-vm', 'gui-vm', 'ids-vm'].includes(guest))
  return apps.length >= 2
    ? apps
    : [...guests.filter(guest => guest === 'net-vm'), ...guests.filter(guest => guest !== 'net-vm')]
}
