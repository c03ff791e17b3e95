import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './hil.ts'

const CACHE = join(ROOT, '.cache/e2e')

/**
 * An image that `ci/setup` made, or a copy of it whose kernel is told more: `imageOf('tiny-amd64', 'hil.break=sshd')`.
 *
 * Copies are kept by what they are made of, so that tests and later runs share them.
 */
export function imageOf(base: string, args = ''): string {
  const source = join(ROOT, `.cache/images/${base}.img.zst`)
  if (!existsSync(source)) throw new Error(`${source} is missing: run ci/setup`)
  if (args === '') return source
  const recipe = readFileSync(join(ROOT, 'devices/images/variant'))
  const key = createHash('sha256')
    .update(readFileSync(`${source}.json`))
    .update(recipe)
    .update(args)
    .digest('hex')
  const path = join(CACHE, `${base}-${key.slice(0, 12)}.img.zst`)
  if (existsSync(path)) return path
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'making-'))
  try {
    const made = join(work, 'made.img.zst')
    execFileSync(join(ROOT, 'devices/images/variant'), [source, made, args], { stdio: ['ignore', 'ignore', 'pipe'] })
    // The image last: whoever finds it finds its sidecar too.
    renameSync(`${made}.json`, `${path}.json`)
    renameSync(made, path)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return path
}
