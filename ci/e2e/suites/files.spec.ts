import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('files')

test('there and back', async ({ files, serial }, testInfo) => {
  const bytes = randomBytes(50_001)
  const hex = createHash('sha256').update(bytes).digest('hex')
  const from = testInfo.outputPath('from')
  writeFileSync(from, bytes, { mode: 0o700 })
  const put = await files.put(from, '/tmp/')
  expect(put).toEqual({ path: '/tmp/from', totalBytes: 50_001, resumedBytes: 0, digest: { kind: 'sha256', hex } })
  expect((await serial.run(['sha256sum', '/tmp/from'])).stdout).toBe(`${hex}  /tmp/from`)
  expect((await serial.run(['stat', '-c', '%a', '/tmp/from'])).stdout).toBe('700')
  const back = testInfo.outputPath('back')
  await files.get('/tmp/from', back)
  expect(readFileSync(back).equals(bytes)).toBe(true)
})
