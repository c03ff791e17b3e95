import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import type { Image } from '../model/image.ts'
import { obtainImage } from './obtain.ts'
import { partsFault } from './parts.ts'
import { diskImage, fetchOptions, keyPair, MIB, sha256 } from './test-kit.ts'
import type { TrustedKey } from './trust.ts'

const DISK = zstdCompressSync(diskImage())

async function obtain(reference: string, keys: TrustedKey[] = []): Promise<Image> {
  return (await obtainImage(reference, 'debug', { ...fetchOptions(join(reference, 'cache'), soon()), keys })).image
}

test('the one image of a build result is found, through its links, wherever builds put it', async () => {
  for (const place of [
    'nixos.img',
    'sd-image/nixos-sd.img.zst',
    'disk1.raw.zst',
    'ghaf-image.raw.zst',
    'iso/ghaf.iso',
  ]) {
    using dir = tempDir()
    const store = join(dir.path, 'store')
    mkdirSync(join(store, place, '..'), { recursive: true })
    mkdirSync(join(store, 'nix-support'))
    writeFileSync(join(store, 'nix-support/hydra-build-products'), 'file')
    writeFileSync(join(store, 'ghaf-image.bmap'), '<bmap/>')
    writeFileSync(join(store, 'partition.txt'), 'label: gpt')
    writeFileSync(join(dir.path, 'real'), DISK)
    symlinkSync(join(dir.path, 'real'), join(store, place))
    symlinkSync(store, join(dir.path, 'result'))
    const image = await obtain(join(dir.path, 'result'))
    assert.equal(image.path, join(dir.path, 'result', place))
    assert.equal(image.sha256, sha256(DISK))
    assert.equal(image.bmapPath === undefined, !place.startsWith('ghaf-image'))
  }
})

test('several images, or none, are said with how to choose', async () => {
  using dir = tempDir()
  await assert.rejects(obtain(dir.path), faultWith('configuration/image', 'an empty folder'))
  writeFileSync(join(dir.path, 'README'), '')
  await assert.rejects(obtain(dir.path), faultWith('configuration/image', 'README'))
  for (const name of ['b.img', 'a.img.zst']) writeFileSync(join(dir.path, name), DISK)
  await assert.rejects(obtain(dir.path), faultWith('configuration/image', `--image ${join(dir.path, 'a.img.zst')}`))
})

/** A folder with an image in parts, as Ghaf builds it for Orin. */
function inParts(folder: string, change: Record<string, unknown> = {}): string {
  writeFileSync(join(folder, 'esp.img.zst'), zstdCompressSync(Buffer.alloc(MIB)))
  writeFileSync(join(folder, 'root.img.zst'), zstdCompressSync(Buffer.alloc(3 * MIB)))
  const part = (name: string, role: string, partition: object): object => ({
    name,
    role,
    compression: 'zstd',
    partition,
  })
  const manifest = {
    schema_version: 1,
    host_name: 'ghaf-host',
    transport: 'initrd-mass-storage',
    flasher: { entrypoint: 'bin/initrd-flash-ghaf-host' },
    artifacts: [
      part('esp.img.zst', 'esp', { gpt_type: 'EF00', label: 'FIRMWARE', size_mib: 256 }),
      part('root.img.zst', 'root', { gpt_type: '8300', label: 'NIXOS_ROOT', size_mib: 'auto' }),
    ],
    ...change,
  }
  writeFileSync(join(folder, 'flash-manifest.json'), JSON.stringify(manifest))
  return folder
}

test('an image in parts is known by its manifest, and its digest is that of all of it', async () => {
  using dir = tempDir()
  const image = await obtain(inParts(dir.path))
  assert.deepEqual(
    image.parts?.map(({ role, rawSizeBytes, partition }) => [role, rawSizeBytes, partition.label, partition.sizeMiB]),
    [
      ['esp', MIB, 'FIRMWARE', 256],
      ['root', 3 * MIB, 'NIXOS_ROOT', 'rest'],
    ],
  )
  assert.equal((await obtain(dir.path)).sha256, image.sha256)
  writeFileSync(join(dir.path, 'root.img.zst'), zstdCompressSync(Buffer.alloc(2 * MIB)))
  assert.notEqual((await obtain(dir.path)).sha256, image.sha256)
  assert.match(partsFault(image, 'nuc-1')?.message ?? '', /in one piece for nuc-1; saw one in 2 parts: esp, root/)
})

test('an image in parts is signed only if every part is', async () => {
  using dir = tempDir()
  using keys = tempDir()
  const { privateKey, trusted } = keyPair(keys.path, 'k', 'ec')
  inParts(dir.path)
  const signPart = (name: string, bytes: Buffer): void =>
    writeFileSync(join(dir.path, `${name}.sig`), sign('sha256', bytes, privateKey))
  signPart('esp.img.zst', zstdCompressSync(Buffer.alloc(MIB)))
  assert.equal((await obtain(dir.path, [trusted])).origin?.signature, 'none')
  signPart('root.img.zst', zstdCompressSync(Buffer.alloc(3 * MIB)))
  assert.equal((await obtain(dir.path, [trusted])).origin?.signature, 'good')
  signPart('root.img.zst', Buffer.alloc(3))
  await assert.rejects(obtain(dir.path, [trusted]), faultWith('configuration/image-signature', 'root.img.zst'))
})

test('a manifest that cannot be followed is refused with what is wrong in it', async () => {
  using dir = tempDir()
  const part = { name: 'esp.img.zst', role: 'esp', partition: { gpt_type: 'EF00', label: 'x', size_mib: 'auto' } }
  const cases: [Record<string, unknown>, string][] = [
    [{ schema_version: 2 }, 'a schema version this program does not know'],
    [{ transport: 'qspi-only', artifacts: [] }, 'none (transport qspi-only)'],
    [{ artifacts: [{ ...part, name: '../esp.img.zst' }] }, 'a file name without a folder'],
    [{ artifacts: [{ ...part, name: 'gone.img.zst' }] }, 'ENOENT'],
    [{ artifacts: [part, part] }, 'it at place 1'],
    [
      { artifacts: [{ ...part, name: 'root.img.zst', partition: { ...part.partition, size_mib: 2 } }] },
      'its partition of 2 MiB',
    ],
    [{ artifacts: 'none' }, 'artifacts: '],
  ]
  for (const [change, says] of cases) {
    inParts(dir.path, change)
    await assert.rejects(obtain(dir.path), faultWith('configuration/image', says))
  }
  writeFileSync(join(dir.path, 'flash-manifest.json'), '{')
  await assert.rejects(obtain(dir.path), faultWith('configuration/image', 'JSON in'))
})
