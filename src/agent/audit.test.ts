import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { HostAuditFiles, type AuditFile, type AuditFiles } from './audit-files.ts'
import { Audit } from './audit.ts'
import { TRUSTED } from './caller.ts'

test('what gathers is brought to the disk, and what is told meanwhile does not wait for that', async () => {
  const file = new SlowFile()
  const audit = new Audit(only(file), systemClock, error => assert.ifError(error))
  const purpose = 'x'.repeat(64 << 10)
  for (let n = 0; n < 5; n++) audit.note(TRUSTED, 'leaseAsk', { id: `first-${n}`, purpose }, undefined)
  await file.syncing.promise
  audit.note(TRUSTED, 'leaseAsk', { id: 'second' }, undefined)
  await file.has('second')
  file.synced.resolve()
  await audit[Symbol.asyncDispose]()
  assert.deepEqual(
    file.text
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as { id: string }).id),
    ['first-0', 'first-1', 'first-2', 'first-3', 'first-4', 'second'],
  )
  assert.deepEqual(
    file.did,
    ['add', 'sync', 'add', 'synced', 'close'],
    'one sync for all of it, and none left when it closes',
  )
})

test('half a line of a full disk spoils no other line', async () => {
  let text = ''
  const errors: unknown[] = []
  const full = new Error('ENOSPC')
  const file: AuditFile = {
    sizeBytes: 0,
    add: async more => {
      text += errors.length === 0 ? more.slice(0, 20) : more
      if (errors.length === 0) throw full
    },
    sync: async () => undefined,
    close: async () => undefined,
  }
  await using audit = new Audit(only(file), systemClock, error => errors.push(error))
  audit.note(TRUSTED, 'leaseAsk', { id: 'lost' }, undefined)
  while (errors.length === 0) await systemClock.sleep(1, AbortSignal.timeout(5000))
  audit.note(TRUSTED, 'leaseAsk', { id: 'kept' }, undefined)
  audit.note(TRUSTED, 'leaseAsk', { id: 'next' }, undefined)
  while (!text.includes('next')) await systemClock.sleep(1, AbortSignal.timeout(5000))
  assert.deepEqual(errors, [full])
  const [half, ...lines] = text.trimEnd().split('\n')
  assert.equal(half?.length, 20)
  assert.deepEqual(
    lines.map(line => (JSON.parse(line) as { id: string }).id),
    ['kept', 'next'],
  )
})

test('a long audit goes on in another file; of those before it the last is kept, and the others are removed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-audit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'audit.jsonl')
  // What an agent that was killed had not removed yet: more than goes in one piece.
  writeFileSync(`${path}.2`, Buffer.alloc(9 << 20))
  const told: string[] = []
  {
    await using audit = new Audit(new HostAuditFiles(path), systemClock, error => assert.ifError(error), 1000)
    for (let n = 0; n < 40; n++) {
      told.push(`x${n}`)
      audit.note(TRUSTED, 'leaseAsk', { id: `x${n}` }, undefined)
      while (!idsIn(path).includes(`x${n}`) && !idsIn(`${path}.1`).includes(`x${n}`))
        await systemClock.sleep(1, AbortSignal.timeout(5000))
    }
  }
  const kept = [...idsIn(`${path}.1`), ...idsIn(path)]
  assert.ok(kept.length > 8 && kept.length < 30, `${kept.length} lines`)
  assert.deepEqual(kept, told.slice(-kept.length))
  assert.deepEqual(readdirSync(folder).toSorted(), ['audit.jsonl', 'audit.jsonl.1'])
})

test('an audit whose next file could not be opened loses none that it has', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-audit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'audit.jsonl')
  const files = new HostAuditFiles(path)
  let refuses = 0
  const open = files.open.bind(files)
  files.open = () => {
    if (refuses-- > 0) throw new Error('EMFILE')
    return open()
  }
  const errors: unknown[] = []
  const written = async (id: string): Promise<void> => {
    while (![path, `${path}.1`].some(file => idsIn(file).includes(id)))
      await systemClock.sleep(1, AbortSignal.timeout(5000))
  }
  await using audit = new Audit(files, systemClock, error => errors.push(error), 300)
  const told = ['a', 'b', 'c', 'd', 'e']
  for (const id of told) {
    if (id === 'c') refuses = 2
    audit.note(TRUSTED, 'leaseAsk', { id, purpose: 'x'.repeat(200) }, undefined)
    await written(id)
    await systemClock.sleep(5)
  }
  assert.ok(errors.length > 0 && errors.every(error => /EMFILE/.test(String(error))), String(errors))
  assert.deepEqual([...idsIn(`${path}.1`), ...idsIn(path)].slice(-3), told.slice(-3))
})

/** Of an audit that has but one file. */
function only(file: AuditFile): AuditFiles {
  const never = (): Promise<void> => Promise.reject(new Error('too early'))
  return { open: () => file, putAside: never, sweep: async () => undefined }
}

function idsIn(path: string): string[] {
  return textOf(path)
    .split('\n')
    .flatMap(line => (line === '' ? [] : (JSON.parse(line) as { id: string }).id))
}

/** Empty where there is none; it may be renamed at any moment. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT')
    return ''
  }
}

/** A file on a disk that takes its time. */
class SlowFile implements AuditFile {
  readonly sizeBytes = 0
  readonly syncing = Promise.withResolvers<void>()
  readonly synced = Promise.withResolvers<void>()
  readonly did: string[] = []
  text = ''

  add = async (text: string): Promise<void> => {
    this.did.push('add')
    this.text += text
  }

  sync = async (): Promise<void> => {
    this.did.push('sync')
    this.syncing.resolve()
    await this.synced.promise
    this.did.push('synced')
  }

  close = async (): Promise<void> => void this.did.push('close')

  async has(text: string): Promise<void> {
    while (!this.text.includes(text)) await systemClock.sleep(1, AbortSignal.timeout(5000))
  }
}
