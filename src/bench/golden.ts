import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { diskFault } from '../base/disk.ts'
import { replaceFile } from '../base/replace-file.ts'
import type { GoldenImage } from '../model/golden.ts'
import { goldenOf } from '../model/golden.ts'
import type { Board } from './load.ts'

/** Only what is relied on; an image is written by this program alone. */
const Register = z.array(
  z.looseObject({ of: z.string(), since: z.string(), image: z.looseObject({ sha256: z.string(), path: z.string() }) }),
)

/** The golden image of a board, as its bench keeps them; undefined: none is set. */
export function goldenFor(board: Pick<Board, 'name' | 'type' | 'stateDir'>): GoldenImage | undefined {
  return goldenOf(goldenImages(dirname(board.stateDir)), board)
}

/** All golden images of a bench. `benchDir`: the folder of its boards' state folders. A register that is damaged names none. */
export function goldenImages(benchDir: string): GoldenImage[] {
  try {
    const read = Register.safeParse(JSON.parse(readFileSync(join(benchDir, 'golden.json'), 'utf8')))
    return read.success ? (read.data as unknown as GoldenImage[]) : []
  } catch {
    return []
  }
}

/** Where the files of a bench's golden images are, one folder an image, by its digest. */
export function goldenFolder(benchDir: string): string {
  return join(benchDir, 'golden.images')
}

/** Keeps an image as golden, instead of the one that was for the same board or type. Errors: `infrastructure/disk-full`. */
export function keepGolden(benchDir: string, golden: GoldenImage): void {
  const others = goldenImages(benchDir).filter(({ of }) => of !== golden.of)
  const all = [...others, golden].sort((a, b) => (a.of < b.of ? -1 : 1))
  const path = join(benchDir, 'golden.json')
  try {
    mkdirSync(benchDir, { recursive: true })
    replaceFile(path, `${JSON.stringify(all, null, 2)}\n`)
  } catch (cause) {
    throw diskFault(cause)
  }
}
