import { relative } from 'node:path'

/** A path as somebody in the present folder would type it: relative where it lies inside, else absolute. */
export function shortPath(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside === '' || inside.startsWith('..') ? path : inside
}
