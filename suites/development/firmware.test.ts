import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firmwareFlaw } from './firmware.ts'

const said = (firmware: string, software: string): string =>
  `Current firmware version is: ${firmware}\nCurrent software version is: ${software}`

test('firmware and software of one version are right', () => {
  assert.equal(firmwareFlaw({ exitCode: 0, stdout: said('36.4.3', '36.4.3') }), '')
})

test('anything else is not', () => {
  assert.equal(
    firmwareFlaw({ exitCode: 1, stdout: said('35.6.0', '36.4.3') }),
    'firmware 35.6.0, and software for 36.4.3',
  )
  assert.match(firmwareFlaw({ exitCode: 0, stdout: said('36.4', '36.4.3') }), /^firmware 36\.4, /)
  assert.match(firmwareFlaw({ exitCode: 1, stdout: said('36.4.3', '36.4.3') }), /^exit code 1/)
  assert.match(firmwareFlaw({ exitCode: 0, stdout: '' }), /does not say/)
  assert.match(firmwareFlaw({ exitCode: 0, stdout: 'Current firmware version is: \nCurrent so' }), /does not say/)
})
