import { resolve } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Variant } from '../model/image.ts'

/** The `--image` words by variant: `FILE` and `debug=FILE` mean the debug image. Errors: `configuration/usage`. */
export function imagesOf(words: readonly string[]): { [V in Variant]?: string } {
  const images: { [V in Variant]?: string } = {}
  for (const word of words) {
    const [, variant = 'debug', path = ''] = /^(?:(debug|release)=)?(.*)$/.exec(word) ?? []
    if (path === '' || images[variant as Variant] !== undefined)
      throw new Fault('configuration/usage', {
        expected: '--image FILE, debug=FILE or release=FILE, each variant once',
        seen: `--image ${words.join(' --image ')}`,
      })
    images[variant as Variant] = resolve(path)
  }
  return images
}
