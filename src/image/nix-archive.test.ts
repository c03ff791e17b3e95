import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { soon, tempDir } from '../drivers/test-kit.ts'
import { narSha256 } from './nix-archive.ts'
import { sha256 } from './test-kit.ts'

test('an empty folder has the digest that Nix gives it', async () => {
  using dir = tempDir()
  const nar = await narSha256(dir.path, soon())
  // As `nix hash path` prints it, and many a fixed-output derivation that fetched nothing.
  assert.equal(Buffer.from(nar, 'hex').toString('base64'), 'pQpattmS9VmO3ZIQUFn66az8GSmB4IvYhTTCFn6SUmo=')
})

test('files, programs, links and folders are told apart, in the order of their names', async () => {
  using dir = tempDir()
  writeFileSync(join(dir.path, 'b'), '12345678')
  writeFileSync(join(dir.path, 'a'), '')
  chmodSync(join(dir.path, 'a'), 0o755)
  mkdirSync(join(dir.path, 'B'))
  symlinkSync('b', join(dir.path, 'c'))
  const text = (word: string): string => {
    const length = Buffer.alloc(8)
    length.writeUInt32LE(word.length)
    return length.toString('latin1') + word.padEnd(Math.ceil(word.length / 8) * 8, '\0')
  }
  const entry = (name: string, ...node: string[]): string[] => [
    'entry',
    '(',
    'name',
    name,
    'node',
    '(',
    ...node,
    ')',
    ')',
  ]
  const words = [
    ...['nix-archive-1', '(', 'type', 'directory'],
    ...entry('B', 'type', 'directory'),
    ...entry('a', 'type', 'regular', 'executable', '', 'contents', ''),
    ...entry('b', 'type', 'regular', 'contents', '12345678'),
    ...entry('c', 'type', 'symlink', 'target', 'b'),
    ')',
  ]
  assert.equal(await narSha256(dir.path, soon()), sha256(Buffer.from(words.map(text).join(''), 'latin1')))
})
