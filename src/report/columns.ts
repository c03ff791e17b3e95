const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u

/** How many columns a text takes in a terminal or a monospaced editor: an emoji or a CJK character takes two. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of GRAPHEMES.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** The text with spaces behind it, up to a display width. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** A Markdown table with aligned columns. Limits: cells become one line each, a `|` in them is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map(row => row.map(oneCell))
  const widths = head.map((_, column) => Math.max(3, ...cells.map(row => displayWidth(row[column] ?? ''))))
  const line = (row: readonly string[]): string => `| ${widths.map((w, i) => pad(row[i] ?? '', w)).join(' | ')} |\n`
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|\n`
  return line(cells[0] ?? []) + rule + cells.slice(1).map(line).join('')
}

function oneCell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/(?<!\\)\|/g, '\\|')
}

/** A text broken at spaces into lines of a display width; a word longer than that is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text
    .split(/\s+/)
    .filter(Boolean)
    .flatMap(word => cut(word, width))) {
    if (line && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return line ? [...lines, line] : lines
}

function cut(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word]
  const parts: string[] = ['']
  for (const { segment } of GRAPHEMES.segment(word)) {
    if (displayWidth(parts.at(-1) + segment) > Math.max(2, width)) parts.push('')
    parts[parts.length - 1] += segment
  }
  return parts
}

/** The beginning of a text that fits a display width, with an ellipsis when that is not all of it. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return width < 1 ? '' : `${kept}…`
}
