import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import nuc from '../../devices/boards/nuc.ts'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import { keepGolden } from '../bench/golden.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { afterCheck, NO_HEALTH } from '../model/health.ts'
import { rememberImageBoot } from './boot-record.ts'
import { blamed, knownGood } from './health-check.ts'

/** What becomes of a board whose check met a fault: of the board, or of the image. */
function blame(code: FaultCode, known: { readonly golden: boolean; readonly booted: boolean }): string {
  using dir = tempDir()
  const board = { name: 'nuc-1', type: nuc, stateDir: join(dir.path, 'nuc-1') }
  mkdirSync(board.stateDir)
  const image = { path: 'image', sha256: 'cafe', sizeBytes: 1, variant: 'debug', format: 'raw' } as const
  if (known.golden) keepGolden(dir.path, { of: 'nuc', since: new Date(0).toISOString(), image })
  if (known.booted) rememberImageBoot(board.stateDir, image.sha256, 0)
  const good = knownGood(board)
  const found = blamed(new Fault(code, { expected: 'a shell', seen: 'none' }), good)
  const check = { atMs: 1, durationMs: 1, ok: false, image: good.says, ...found }
  return afterCheck(NO_HEALTH, check).quarantine?.reason ?? found.fault
}

test('a board that no longer boots the golden image that it booted is not sound', () => {
  const known = { golden: true, booted: true }
  assert.equal(
    blame('product/panic', known),
    'its health check failed: infrastructure/board-suspect: its golden image, which booted on this board at ' +
      '1970-01-01T00:00:00.000Z, does not any more: product/panic, none',
  )
  assert.match(
    blame('infrastructure/console-silent', known),
    /^its health check failed: infrastructure\/console-silent/,
  )
})

test('an image that nobody saw boot there, and what is no matter of booting, say nothing of the board', () => {
  assert.equal(blame('product/no-login', { golden: true, booted: false }), 'product/no-login')
  assert.equal(blame('product/no-login', { golden: false, booted: true }), 'product/no-login')
  assert.equal(blame('product/ssh-auth', { golden: true, booted: true }), 'product/ssh-auth')
})
