import { writeFileSync } from 'node:fs'
import type { ImageContent } from '../lab/faults.ts'
import { imageBytes } from '../lab/medium.ts'

/** Writes the image that a run brings: what is wrong with it is in it. */
export function writeImage(path: string, content: ImageContent, facts: { name: string; version: string }): void {
  writeFileSync(path, imageBytes(content))
  writeFileSync(`${path}.json`, JSON.stringify(facts))
}
