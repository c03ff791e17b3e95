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
    assert.deepEqual([...new Set(boards.map(board => board.type.name))].sort(), ['imx8mp', 'nuc', 'orin', 'x1'])
    for (const board of boards) assert.ok(board.wired.power && board.wired.console && board.wired.flasher, board.name)
  }
})

test('the example bench wires a console by a stable name or as ttyACM0, at 115200, and a relay to every board', async () => {
  process.env.DUT_PASSWORD = 'x'
  const { boards } = await loadBench('example')
  for (const { name, spec } of boards) {
    assert.match(String(spec.console?.path), /^\/dev\/(ttyACM0|serial\/by-id\/.+)$/, name)
    assert.equal(spec.console?.baudRate, 115_200, name)
    assert.equal(spec.power.driver, 'command', name)
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
