import type { Verdict } from '../model/verdict.ts'

type Ink = (text: string) => string

/** Ways to set text apart; each leaves it as it is when colours are off. */
export type Paint = Readonly<Record<Verdict | 'soft' | 'bold', Ink>>

/** The paints for a terminal with or without colours: the sixteen every terminal theme defines. */
export function painter(color: boolean): Paint {
  const ink =
    (open: number, close: number): Ink =>
    text =>
      color ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    pass: ink(32, 39),
    fail: ink(31, 39),
    error: ink(33, 39),
    miss: ink(35, 39),
    skip: ink(2, 22),
    soft: ink(2, 22),
    bold: ink(1, 22),
  }
}
