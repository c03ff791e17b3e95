import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tempDir } from '../drivers/test-kit.ts'
import { certificateIn } from './certificate-test-kit.ts'
import { whyRefusedSoon } from './certificate.ts'
import { noTls } from './served-bench-test-kit.ts'

test('a certificate is told of two weeks before its end, after it, and before its beginning', { skip: noTls }, () => {
  using dir = tempDir()
  const cert = readFileSync(certificateIn(dir.path, 60)[1], 'utf8')
  const inDays = (days: number): string | undefined => whyRefusedSoon(cert, Date.now() + days * 86_400_000)
  assert.equal(inDays(0), undefined)
  assert.equal(inDays(45), undefined)
  assert.match(inDays(47) ?? '', /^it is valid for 12 days more, until \d{4}-\d\d-\d\d$/)
  assert.match(inDays(58.5) ?? '', /for 1 day more/)
  assert.match(inDays(59.5) ?? '', /for less than a day more/)
  assert.match(inDays(61) ?? '', /^it has been no longer valid since \d{4}-\d\d-\d\d$/)
  assert.match(inDays(-1) ?? '', /^it is not valid before \d{4}-\d\d-\d\d$/)
})
