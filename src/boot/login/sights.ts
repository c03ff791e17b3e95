/** What can stand on a console on the way to a shell. */
export type Sight = 'answer' | 'refused' | 'password' | 'login' | 'reboot' | 'hil' | 'pager' | 'prompt'

/** What a search for sights has to know. */
export interface Wanted {
  /** What only a shell says that ran our question. */
  readonly answer: string
  /** First signs of a board that starts anew. */
  readonly reboot: RegExp | undefined
}

/** Anything a shell prompts with at the end of what was said, spaces, colours and titles behind it in any order. */
const PROMPT = /[$#>](?: |\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007\u001b]{0,200}(?:\u0007|\u001b\\)))*$/
/** `less`, `more`, and the pager of systemd, at the end of a page or of all. */
const PAGER =
  /(?:\(END\)|--More--(?:\(\d+%\))?|lines \d+-\d+(?:\/\d+)?(?: \(END\)| \d+%)?|\u001b\[7m[^\u001b\r\n]{0,80})(?:\u001b\[[0-9;?]*[A-Za-z]|\s)*$/
/** The loop of a serial shell that another process left behind. */
const HIL = /~n\.\d+\.\d*\.\d*\.\d+~/

const SIGHTS: readonly [sight: Sight, pattern: RegExp][] = [
  ['refused', /Login incorrect/],
  ['password', /[Pp]assword: ?/],
  // Not the line that greets who is in already.
  ['login', /(?<!Last )\blogin: /],
  ['hil', HIL],
  ['pager', PAGER],
  ['prompt', PROMPT],
]

/** The last thing to be seen in what was said, and where it ends; nothing when it is only text. */
export function lastSight(text: string, { answer, reboot }: Wanted): { sight: Sight; end: number } | undefined {
  const patterns: [Sight, RegExp][] = [...SIGHTS]
  if (reboot) patterns.push(['reboot', reboot])
  let last: { sight: Sight; end: number } | undefined
  for (const [sight, pattern] of patterns)
    for (const found of text.matchAll(new RegExp(pattern.source, `${pattern.flags.replaceAll('g', '')}g`))) {
      const end = found.index + found[0].length
      if (!last || end > last.end) last = { sight, end }
    }
  // Whatever stands behind it: who says this is a shell.
  const at = text.lastIndexOf(answer)
  return at >= 0 ? { sight: 'answer', end: at + answer.length } : last
}
