import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { story, type Ended } from './hil.ts'
import { Lab, runsOf } from './lab.ts'

// Mistakes in files and flags: exit 2, every complaint at once with its line, and nothing was started.

let lab: Lab
let bench: string
before(async () => {
  lab = await Lab.open()
  bench = lab.bench({ 'nuc-1': lab.board() })
})
after(() => lab[Symbol.asyncDispose]())

function refuses(title: string, args: () => readonly string[], ...says: RegExp[]): void {
  test(title, async () => void (await mustRefuse(args(), ...says)))
}

async function mustRefuse(args: readonly string[], ...says: RegExp[]): Promise<Ended> {
  const ended = await lab.start(['run', '--report-dir', lab.reportDir, '--json', ...args]).ended
  assert.equal(ended.exitCode, 2, story(ended))
  for (const pattern of says) assert.match(ended.stderr, pattern)
  assert.equal(lab.everPowered(), false, 'nothing was started')
  assert.deepEqual(
    runsOf(lab).filter(run => existsSync(`${lab.reportDir}/${run}/run.jsonl`)),
    [],
    'no run was begun',
  )
  return ended
}

refuses('no device', () => ['--bench', bench], /configuration\/usage: .*--device/)

refuses(
  'an unknown device is answered with those there are',
  () => ['--bench', bench, '-d', 'toaster'],
  /unknown-board: .*saw toaster/,
  /nuc-1 \(nuc: Intel NUC\)/,
)

refuses(
  'an unknown bench is answered with those there are',
  () => ['--bench', 'nowhere', '-d', 'nuc'],
  /unknown-bench: .*'nowhere'/,
  /virtual/,
)

refuses(
  'an unknown feature is answered with those there are',
  () => ['--bench', bench, '-d', 'nuc', '-f', 'quik'],
  /unknown-feature: .*saw quik/,
  /quick \(/,
)

refuses(
  'a row without a suite selects nothing',
  () => ['--bench', bench, '-d', 'nuc', '-f', 'unwritten'],
  /no-test-selected/,
  /nuc-1: none of the chosen/,
)

refuses(
  'a pattern that matches no test',
  () => ['--bench', bench, '-d', 'nuc', '-f', 'quick', '--grep', 'no such'],
  /no-test-selected: .*no such/,
)

refuses('an option there is not', () => ['--bench', bench, '-d', 'nuc', '--flsh'], /unknown option '--flsh'/)

refuses('a wait that is no number', () => ['--bench', bench, '-d', 'nuc', '--wait', 'soon'], /--wait/)

test('every mistake of a bench file at once, each with its line', async () => {
  const text = `name: e2e
boards:
  nuc-1:
    type: nuk
    power: { driver: qemu, machine: nuc }
    console:
      driver: cereal
    shell: { driver: ssh, host: 127.0.0.1, prot: 22 }
  nuc-2:
    type: nuc
    colour: red
    login: { user: 7 }
    power:
      driver: qemu
      machine: toaster
      disk: '\${state}/disk.img'
`
  const path = lab.file('mistakes.yaml', text)
  const { stderr } = await mustRefuse(['--bench', path, '-d', 'nuc-1'], /configuration\/bench-file/)
  const complaint = (line: number, what: RegExp): void =>
    assert.ok(
      stderr.split('\n').some(said => said.includes(`${path}:${line}: `) && what.test(said)),
      `line ${line}: ${what}\n${stderr}`,
    )
  complaint(4, /type.*'nuk'.*nuc/)
  complaint(5, /power.*disk/)
  complaint(7, /console.*'cereal'.*serial/)
  complaint(8, /shell.*prot/)
  complaint(11, /colour/)
  complaint(12, /login\.user/)
  complaint(15, /power\.machine/)
  assert.match(stderr, /7 mistakes/)
})

test('a bench file that is no YAML', async () => {
  const path = lab.file('broken.yaml', 'name: e2e\nboards: { nuc-1: [\n')
  await mustRefuse(['--bench', path, '-d', 'nuc'], /broken\.yaml:\d+: /)
})

test('two boards on one console', async () => {
  const shared = { driver: 'serial', path: '/dev/ttyUSB7' }
  const second = lab.board({ console: shared, shell: undefined })
  const path = lab.bench({ 'nuc-1': lab.board({ console: shared }), 'nuc-2': second }, 'shared')
  await mustRefuse(['--bench', path, '-d', 'nuc'], /nuc-2\.console: \/dev\/ttyUSB7 is wired to nuc-1/)
})

test('a value from an environment that lacks it', async () => {
  const path = lab.bench({ 'nuc-1': lab.board({ login: { user: 'ghaf', password: '${env:HIL_E2E_UNSET}' } }) }, 'unset')
  await mustRefuse(['--bench', path, '-d', 'nuc'], /unset\.yaml:\d+: .*login\.password.*HIL_E2E_UNSET/)
})
