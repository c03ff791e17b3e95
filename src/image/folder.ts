import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import { humanSize } from '../base/text.ts'

const IMAGE_NAME = /\.(?:img|raw|iso|wic)(?:\.(?:zst|zstd|xz|gz|bz2))?$/i
/** A build result keeps its image at the top, or in a folder of its own such as `sd-image` or `iso`. */
const DEPTH = 2

/**
 * The one image in a folder, such as a Nix build result (`result/sd-image/*.img.zst`, `ghaf-image.raw.zst`, `iso/*.iso`).
 *
 * Errors: `configuration/image` for none, and for several, with how to choose.
 */
export async function imageInFolder(folder: string): Promise<string> {
  const names = await namesIn(folder, DEPTH)
  const images = names.filter(name => IMAGE_NAME.test(name)).map(name => join(folder, name))
  if (images.length === 1) return images[0]!
  const expected = `one image in ${shortPath(folder)}`
  if (images.length === 0)
    throw new Fault('configuration/image', {
      expected: `${expected} (*.img, *.raw, *.iso; plain or .zst, .xz, .gz, .bz2)`,
      seen: names.length === 0 ? 'an empty folder' : `none among ${names.length} files`,
      evidence: names.slice(0, 20),
    })
  const sizes = await Promise.all(images.map(async path => humanSize((await stat(path)).size)))
  throw new Fault('configuration/image', {
    expected,
    seen: `${images.length}`,
    next: `name the one you mean: --image ${shortPath(images[0]!)}`,
    evidence: images.map((path, index) => `${shortPath(path)} (${sizes[index]})`),
  })
}

/** Files as paths below a folder, sorted; links are followed, as a build result is made of them. */
async function namesIn(folder: string, depth: number): Promise<string[]> {
  const found = await Promise.all(
    (await readdir(folder)).sort().map(async name => {
      const kind = await stat(join(folder, name)).catch(() => undefined)
      if (kind?.isFile()) return [name]
      if (!kind?.isDirectory() || depth <= 1) return []
      return (await namesIn(join(folder, name), depth - 1).catch(() => [])).map(inner => join(name, inner))
    }),
  )
  return found.flat()
}
