/**
 * Whether a picture shows anything: more than one colour. `ppm`: binary PPM (P6), as `grim -t ppm` writes it.
 *
 * Errors: of what is no such picture, or one that was cut off, its reason.
 */
export function pictureComplaint(ppm: Buffer): string | undefined {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 64).toString('latin1'))
  if (!head) return 'it is no picture'
  const [width, height] = [Number(head[1]), Number(head[2])]
  const pixels = ppm.subarray(head[0].length)
  if (pixels.length < width * height * 3) return `it ends after ${pixels.length} of ${width * height * 3} bytes`
  for (let at = 3; at < width * height * 3; at++) if (pixels[at] !== pixels[at % 3]) return undefined
  return 'it is one colour all over'
}
