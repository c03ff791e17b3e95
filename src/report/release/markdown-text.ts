/** Text that a board or a person wrote, so that it cannot become Markdown or HTML. */
export function asText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>#!~&|]/g, '\\$&')
}

/** Text as code. Limits: backticks in it become quotes. */
export function asCode(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll(/\s+/g, ' ')}\``
}
