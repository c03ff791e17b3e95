import { resolve } from 'node:path'
import { Fault } from '../base/fault.ts'
import { isUrl } from '../image/http.ts'
import type { Variant } from '../model/image.ts'
import type { TrustedKeySpec } from '../model/trust.ts'

/** The `--image` words by variant: `FILE` and `debug=FILE` mean the debug image; a folder or a URL will do. Errors: `configuration/usage`. */
export function imagesOf(words: readonly string[]): { [V in Variant]?: string } {
  const images: { [V in Variant]?: string } = {}
  for (const word of words) {
    const [, variant = 'debug', path = ''] = /^(?:(debug|release)=)?(.*)$/.exec(word) ?? []
    if (path === '' || images[variant as Variant] !== undefined)
      throw new Fault('configuration/usage', {
        expected: '--image FILE, debug=FILE or release=FILE, each variant once',
        seen: `--image ${words.join(' --image ')}`,
      })
    images[variant as Variant] = isUrl(path) ? path : resolve(path)
  }
  return images
}

/** The keys of `--trust-key`: they vouch for files, lines are the business of a bench file. */
export function keysNamed(paths: readonly string[]): TrustedKeySpec[] {
  return paths.map(path => ({ key: resolve(path), lines: [] }))
}
