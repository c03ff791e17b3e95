import { createHash } from 'node:crypto'
import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { slotComplaints, slotsOf } from './slots.ts'

const test = feature('sw-update')

/** An update of the image that runs, as a path on the board. Twins take a made-up one. */
const REAL_UPDATE = process.env.HIL_UPDATE_MANIFEST
const VERSION = '99.01.1'
const PARTS = ['root', 'verity', 'kernel'] as const

test('the board knows its slots, and runs from one of them', async ({ shell }) => {
  const status = await asRoot(shell, ['ota-update', 'image', 'status'])
  expect(status.exitCode, status.stderr).toBe(0)
  expect(slotComplaints(slotsOf(status.stdout)), status.stdout).toEqual([])
})

test('a whole update is found good', async ({ shell, board }) => {
  test.skip(!board.twin && !REAL_UPDATE, 'no update to validate: set HIL_UPDATE_MANIFEST to its path on the board')
  const manifest = REAL_UPDATE ?? (await madeUpUpdate(shell)).manifest
  await expect(shell).toRun(['ota-update', 'image', 'validate', '--manifest', manifest], {
    stdout: /validation successful/i,
    limitMs: 300_000,
  })
})

test('an update with a wrong byte is refused', async ({ shell }) => {
  const { folder, manifest } = await madeUpUpdate(shell)
  await shell.sh(`printf x >> ${folder}/root.raw`)
  const answer = await shell.run(['ota-update', 'image', 'validate', '--manifest', manifest])
  expect(answer.exitCode, 'exit code of validating a damaged update').not.toBe(0)
})

test('an update that lacks a part is refused', async ({ shell }) => {
  const { folder, manifest } = await madeUpUpdate(shell)
  await shell.run(['rm', `${folder}/kernel.raw`])
  const answer = await shell.run(['ota-update', 'image', 'validate', '--manifest', manifest])
  expect(answer.exitCode, 'exit code of validating an incomplete update').not.toBe(0)
})

test('an update goes to the slot that is not running, and can be taken back', async ({ shell, board }) => {
  test.skip(!board.twin, 'on hardware this is to be done with a real update, whose slot would then boot')
  const status = async (): Promise<ReturnType<typeof slotsOf>> =>
    slotsOf((await asRoot(shell, ['ota-update', 'image', 'status'])).stdout)
  const before = await status()
  const running = before.find(slot => slot.active)
  const { manifest } = await madeUpUpdate(shell)
  const installed = await asRoot(shell, ['ota-update', 'image', 'install', '--manifest', manifest, '--validate'])
  expect(installed.exitCode, installed.stderr).toBe(0)
  try {
    const after = await status()
    expect(
      after.find(slot => slot.active),
      'the slot that runs',
    ).toEqual(running)
    const other = after.filter(slot => !slot.active && slot.version?.startsWith(`${VERSION} `))
    expect(other, `slots with ${VERSION} that do not run`).toHaveLength(1)
  } finally {
    await asRoot(shell, ['ota-update', 'image', 'remove', '--version', VERSION])
  }
  expect(await status(), 'the slots, once it is removed').toEqual(before)
})

/** Files and the manifest that names them, in a folder of their own that a reboot removes. */
async function madeUpUpdate(shell: BoardShell): Promise<{ folder: string; manifest: string }> {
  const folder = (await shell.run(['mktemp', '-d'])).stdout
  const body = (part: string): string => `the ${part} of an update that nobody will ever boot\n`
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  const files = PARTS.map(part => [part, { file: `${part}.raw`, sha256: digest(body(part)) }])
  const content = { meta: {}, version: VERSION, root_verity_hash: digest('root'), ...Object.fromEntries(files) }
  for (const part of PARTS) await shell.run(['tee', `${folder}/${part}.raw`], { input: body(part) })
  await shell.run(['tee', `${folder}/manifest.json`], { input: JSON.stringify(content, null, 1) })
  return { folder, manifest: `${folder}/manifest.json` }
}
