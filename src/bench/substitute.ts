import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { BoardSpec } from '../model/bench-file.ts'

/** Replaces `${state}`, `${bench}`, `${env:NAME}` and `${file:path}`, and makes image paths absolute; URLs stay. */
export function resolvePaths(
  spec: BoardSpec,
  places: { state: string; base: string },
  complainAt: (keys: string[], message: string) => void,
): BoardSpec {
  const replace = (text: string, keys: string[]): string =>
    text.replaceAll(/\$\{([^}]*)\}/g, (whole, name: string) => {
      if (name === 'state') return places.state
      if (name === 'bench') return places.base
      if (name.startsWith('env:') && process.env[name.slice(4)] !== undefined) return process.env[name.slice(4)]!
      if (name.startsWith('file:')) return fileText(name.slice(5), message => complainAt(keys, message))
      complainAt(keys, `${whole} is not set (there are \${state}, \${bench}, \${env:NAME}, \${file:path})`)
      return whole
    })
  const walk = (value: unknown, keys: string[]): unknown => {
    if (typeof value === 'string') return replace(value, keys)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...keys, String(index)]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...keys, key])]))
  }
  const resolved = walk(spec, []) as BoardSpec
  const images = Object.entries(resolved.images ?? {}).map(([variant, path]) => [
    variant,
    path === undefined || isAbsolute(path) || /^https?:\/\//.test(path) ? path : resolve(places.base, path),
  ])
  return { ...resolved, images: Object.fromEntries(images) as BoardSpec['images'] }
}

function fileText(path: string, complainAt: (message: string) => void): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    complainAt((error as Error).message)
    return ''
  }
}
