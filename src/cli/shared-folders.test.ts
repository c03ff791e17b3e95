import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { shareFolders } from './shared-folders.ts'

test('folders of boards are the group’s, new ones and ones that were there', () => {
  using dir = tempDir()
  const folders = ['new', 'old'].map(name => join(dir.path, 'bench', name))
  mkdirSync(folders[1]!, { recursive: true, mode: 0o700 })
  const groupId = process.getgid!()
  shareFolders(folders, groupId)
  for (const folder of folders) {
    const { mode, gid } = statSync(folder)
    assert.deepEqual([mode & 0o7777, gid], [0o2775, groupId])
  }
})

test('a place where no folder can be is told', () => {
  using dir = tempDir()
  const path = join(dir.path, 'file')
  writeFileSync(path, '')
  assert.throws(
    () => shareFolders([join(path, 'a')], process.getgid!()),
    ({ code, seen }: Fault) => code === 'infrastructure/disk-full' && seen.includes('ENOTDIR'),
  )
})
