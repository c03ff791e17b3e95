import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import imx8mp from '../../devices/boards/imx8mp.ts'
import nuc from '../../devices/boards/nuc.ts'
import orin from '../../devices/boards/orin.ts'
import x1 from '../../devices/boards/x1.ts'
import type { BoardType } from '../model/board-type.ts'
import type { Image } from '../model/image.ts'
import serial from './console/serial.ts'
import raw from './flasher/raw.ts'
import file from './media/file.ts'
import qemu from './power/qemu.ts'
import { unplug } from './power/qemu/adapter.ts'
import ssh from './shell/ssh.ts'
import { freePort, imagePath, Received, soon, tempDir, testContext } from './test-kit.ts'

const TWINS: readonly (readonly [BoardType, string])[] = [
  [nuc, 'tiny-amd64'],
  [x1, 'tiny-amd64'],
  [orin, 'tiny-arm64'],
  [imx8mp, 'tiny-imx8mp'],
]

// All drivers together, as a bench wires them: image → medium → power → console → SSH.
for (const [type, imageName] of TWINS)
  test(`${type.name}: flash, boot, log in`, { skip: await lacking(type.name, imageName) }, async t => {
    const board = await wire(t, type.name)
    const target = await board.media.toHost(soon())
    const proof = await board.flasher.flash({ image: image(imageName), target, signal: soon(), progress: () => {} })
    assert.equal(proof.rawSha256, image(imageName).rawSha256)
    await board.media.toBoard(soon())

    const received = new Received()
    const sink = { data: (chunk: Uint8Array) => received.add(chunk), lost: () => {}, back: () => {}, robbed: () => {} }
    await using line = await board.console.open(sink, soon())
    await board.power.on(soon())
    await received.until(type.boot.firmware, soon(BOOT_LIMIT_MS))
    await received.until(type.boot.login, soon(BOOT_LIMIT_MS))
    await line.write(Buffer.from('ghaf\n'))
    await received.until(/Password: /)
    await line.write(Buffer.from('ghaf\n'))
    await received.until(/ghaf@ghaf-host/)

    const address = { host: '127.0.0.1', port: board.sshPort, user: 'ghaf', password: 'ghaf' }
    await using shell = await board.shell.connect(address, () => {}, soon())
    // More commands than channels at once: dropbear then closes some before they start.
    const echoes = Array.from({ length: 24 }, (_, n) => shell.run(['echo', String(n)], { limitMs: 10_000 }))
    assert.deepEqual(
      (await Promise.all(echoes)).map(({ stdout }) => Number(stdout)),
      [...echoes.keys()],
    )
    const claims = await shell.run(['sh', '-c', 'cat /etc/hil-image; exit 3'], { limitMs: 10_000 })
    assert.equal(claims.exitCode, 3)
    assert.match(claims.stdout.toString(), new RegExp(`name=${imageName}`))
    assert.equal(await board.power.state(soon()), 'on')
    await board.power.off(soon())
    assert.equal(await board.power.state(soon()), 'off')
  })

/** Under emulation, on a host that is busy with other tests. */
const BOOT_LIMIT_MS = 60_000

async function wire(t: TestContext, machine: string) {
  const dir = tempDir()
  const stateDir = join(dir.path, 'state')
  const context = testContext(stateDir)
  const disk = join(dir.path, 'disk.img')
  const tty = join(dir.path, 'ttyACM0')
  const sshPort = await freePort()
  const power = await qemu.open(qemu.options.parse({ machine, disk, console: tty, sshPort, accel: 'tcg' }), context)
  t.after(async () => {
    await power.off(soon())
    await unplug(stateDir)
    dir[Symbol.dispose]()
  })
  return {
    power,
    sshPort,
    media: await file.open(file.options.parse({ path: disk, sizeMiB: 128 }), context),
    flasher: await raw.open({}, context),
    console: await serial.open(serial.options.parse({ path: tty }), context),
    shell: await ssh.open(ssh.options.parse({ host: '127.0.0.1' }), context),
  }
}

async function lacking(machine: string, name: string): Promise<string | false> {
  if (!existsSync(imagePath(name))) return `no image ${name}: run ci/setup`
  return (await qemu.missing?.(qemu.options.parse({ machine, disk: 'x', console: 'y' }))) ?? false
}

function image(name: string): Image {
  const path = imagePath(name)
  const sidecar = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { sha256: string; rawSha256: string }
  return { ...sidecar, path, variant: 'debug', format: 'zst', sizeBytes: statSync(path).size }
}
