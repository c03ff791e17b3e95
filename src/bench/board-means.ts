import { systemRandom, type Random } from '../base/random.ts'
import type { Clock } from '../base/time.ts'
import { AppendFile, type OpenFile } from './recording/append-file.ts'

/** What a board at work takes of its host beside its equipment. A simulation brings its own. */
export interface BoardMeans {
  readonly random: Random
  /** Opens the files of a recording. */
  readonly openFile: OpenFile
}

export const systemMeans: BoardMeans = { random: systemRandom, openFile: (path, how) => new AppendFile(path, how) }

/** The time and the chance in which a board is worked on. */
export function given(options: { readonly clock: Clock; readonly means?: BoardMeans }): {
  clock: Clock
  random: Random
} {
  const { clock, means = systemMeans } = options
  return { clock, random: means.random }
}
