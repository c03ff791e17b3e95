import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { loadBench } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'hil-bench-'))
after(() => rmSync(folder, { recursive: true }))

function bench(text: string): string {
  const path = join(folder, 'bench.yaml')
  writeFileSync(path, text)
  return path
}

async function complaintsOf(text: string): Promise<string[]> {
  const fault = await loadBench(bench(text)).then(
    () => assert.fail('it was accepted'),
    (error: Fault) => error,
  )
  assert.equal(fault.code, 'configuration/bench-file')
  return fault.evidence.map(line => line.replace(`${folder}/`, ''))
}

test('the built-in benches are valid', async () => {
  process.env.DUT_PASSWORD = 'x'
  for (const name of ['virtual', 'example']) {
    const { boards } = await loadBench(name)
    assert.deepEqual([...new Set(boards.map(board => board.type.name))].sort(), [
      'builder',
      'imx8mp',
      'nuc',
      'orin',
      'x1',
    ])
    for (const board of boards.filter(({ type }) => !type.alwaysOn))
      assert.ok(board.wired.power && board.wired.console && board.wired.flasher, board.name)
  }
})

test('the example bench wires a console by a stable name or as ttyACM0, at 115200, and a relay to every board', async () => {
  process.env.DUT_PASSWORD = 'x'
  const { boards } = await loadBench('example')
  for (const { name, spec } of boards.filter(({ type }) => !type.alwaysOn)) {
    assert.match(String(spec.console?.path), /^\/dev\/(ttyACM0|serial\/by-id\/.+)$/, name)
    assert.equal(spec.console?.baudRate, 115_200, name)
    assert.equal(spec.power?.driver, 'command', name)
    assert.match(String(spec.media?.device), /^\/dev\/disk\/by-id\//, name)
    assert.equal(spec.twin, false, name)
  }
})

test('every mistake is named with its line, all at once', async () => {
  const complaints = await complaintsOf(`name: lab
boards:
  a:
    type: toaster
    power: { driver: command, on: "true", off: "true" }
    console: { driver: telepathy }
  b:
    type: nuc
    power:
      driver: command
      on: "true"
      off: 7
`)
  assert.deepEqual(
    complaints.map(line => line.split(':').slice(0, 3).join(':')),
    ['bench.yaml:4: a.type', 'bench.yaml:6: a.console.driver', 'bench.yaml:12: b.power.off'],
  )
})

test('an unknown key, a missing value and a wrong type each have their line', async () => {
  const complaints = await complaintsOf(`name: lab
boards:
  a:
    type: nuc
    powr: { driver: command }
    twin: maybe
`)
  assert.deepEqual(
    complaints.map(line => /:(\d+):/.exec(line)?.[1]).toSorted((a, b) => Number(a) - Number(b)),
    ['4', '5', '6'],
  )
  assert.match(complaints.join('\n'), /unknown key 'powr'/)
})

test('a board that stands twice hides no other mistake', async () => {
  const power = 'power: { driver: command, on: "true", off: "true" }'
  const complaints = await complaintsOf(`name: lab
boards:
  a: { type: nuc, ${power} }
  a: { type: nuc, ${power} }
  b: { type: toaster, ${power} }
`)
  assert.equal(complaints[0], "bench.yaml:4: 'a' stands here a second time")
  assert.match(complaints[1]!, /bench\.yaml:5: b\.type: no board type 'toaster'/)
  assert.equal(complaints.length, 2)
})

test('access to boards that there are not, and a second rule for the socket, are mistakes', async () => {
  const complaints = await complaintsOf(`name: lab
access:
  - { local: true, role: see }
  - { local: true, role: use, boards: [a, nosuch] }
boards:
  a: { type: nuc, power: { driver: command, on: "true", off: "true" } }
`)
  assert.deepEqual(complaints, [
    "bench.yaml:4: access.1.boards: no board 'nosuch'",
    'bench.yaml:4: access.1: a second rule for local: only the first would count',
  ])
})

test('a file that is not YAML is complained about where it breaks', async () => {
  assert.match((await complaintsOf('name: lab\nboards: [\n')).join('\n'), /bench\.yaml:\d+: /)
})

test('two boards on one cable are refused', async () => {
  const board = (name: string, port: number): string => `  ${name}:
    type: nuc
    power: { driver: command, on: "true", off: "true" }
    console: { driver: serial, path: /dev/serial/by-id/one }
    shell: { driver: ssh, host: 10.0.0.1, port: ${port} }
`
  const complaints = await complaintsOf(`name: lab\nboards:\n${board('a', 22)}${board('b', 23)}`)
  assert.deepEqual(complaints, ['bench.yaml:11: b.console: /dev/serial/by-id/one is wired to a already'])
})

test('two boards with one disk are refused by its serial number; a name that moves is no name of a disk', async () => {
  const board = (name: string, device: string): string => `  ${name}:
    type: nuc
    power: { driver: command, on: "true", off: "true" }
    media: { driver: command, toHost: "true", toBoard: "true", device: ${device}, serial: S6XNNS0T1, sizeGB: 500 }
`
  const twice = board('a', '/dev/disk/by-id/usb-one') + board('b', '/dev/disk/by-path/pci-usb-2')
  assert.deepEqual(await complaintsOf(`name: lab\nboards:\n${twice}`), [
    'bench.yaml:10: b.media: S6XNNS0T1 is wired to a already',
  ])
  const moving = await complaintsOf(`name: lab\nboards:\n${board('a', '/dev/sdb')}`)
  assert.match(moving.join('\n'), /bench\.yaml:6: a\.media\.device: a name that stays with the medium/)
})

test('boards that are flashed in recovery mode are told apart by their USB ports', async () => {
  const board = (name: string, port: string): string => `  ${name}:
    type: orin
    power: { driver: command, on: "true", off: "true" }
    media: { driver: recovery, ${port}enter: ["true"], leave: ["true"] }
`
  const refused = (...boards: string[]): Promise<string[]> => complaintsOf(`name: lab\nboards:\n${boards.join('')}`)
  assert.deepEqual(await refused(board('a', 'port: 1-2.3, '), board('b', 'port: 1-2.3, ')), [
    'bench.yaml:10: b.media: USB port 1-2.3 is wired to a already',
  ])
  const needed = 'each of several boards in recovery mode needs its USB port, such as 1-2.3'
  assert.deepEqual(await refused(board('a', ''), board('b', 'port: 1-2.3, '), board('c', '')), [
    `bench.yaml:6: a.media.port: ${needed}`,
    `bench.yaml:14: c.media.port: ${needed}`,
  ])
  const load = (...boards: string[]) => loadBench(bench(`name: lab\nboards:\n${boards.join('')}`))
  assert.equal((await load(board('a', 'port: 1-2.3, '), board('b', 'port: 1-2.4, '))).boards.length, 2)
  assert.equal((await load(board('a', ''))).boards.length, 1)
})

test('a driver that wraps another has it checked at its lines, and counts as plugged in where that is', async () => {
  const board = (name: string, console: string): string => `  ${name}:
    type: orin
    power: { driver: command, on: "true", off: "true" }
    console: ${console}
`
  const over = '{ driver: tcp, host: ts-1, port: 7001 }'
  const loaded = await loadBench(bench(`name: lab\nboards:\n${board('a', `{ driver: tcu, over: ${over} }`)}`))
  const { console } = loaded.boards[0]!.wired
  assert.deepEqual([console?.name, console?.options], ['tcu', { channel: 'ccplex' }])
  assert.equal(console?.over?.name, 'tcp')

  const wrong = [
    board('a', '{ driver: tcu }'),
    board('b', '\n      driver: tcu\n      channel: gpu\n      over:\n        driver: serial\n        paht: /dev/x'),
    board('c', '{ driver: tcu, over: { driver: pigeon } }'),
    board('d', `{ driver: serial, path: /dev/y, over: ${over} }`),
  ]
  assert.deepEqual(
    (await complaintsOf(`name: lab\nboards:\n${wrong.join('')}`)).map(line => line.split(': ').slice(0, 2).join(': ')),
    [
      'bench.yaml:6: a.console.over',
      'bench.yaml:14: b.console.over.path',
      'bench.yaml:14: b.console.over',
      'bench.yaml:12: b.console.channel',
      'bench.yaml:19: c.console.over.driver',
      'bench.yaml:23: d.console',
    ],
  )

  const twice = board('a', `{ driver: tcu, over: ${over} }`) + board('b', over)
  assert.deepEqual(await complaintsOf(`name: lab\nboards:\n${twice}`), [
    'bench.yaml:10: b.console: ts-1:7001 is wired to a already',
  ])
})

test('a secret that is not set is named, one that is set is used', async () => {
  const text = `name: lab
boards:
  a:
    type: nuc
    login: { password: '\${env:HIL_TEST_SECRET}' }
    power: { driver: command, on: "true", off: "true" }
`
  delete process.env.HIL_TEST_SECRET
  assert.match(
    (await complaintsOf(text)).join('\n'),
    /bench\.yaml:5: a\.login\.password: \$\{env:HIL_TEST_SECRET\} is not set/,
  )
  process.env.HIL_TEST_SECRET = 's3cret'
  const loaded = await loadBench(bench(text))
  assert.equal(loaded.boards[0]?.spec.login.password, 's3cret')
})
