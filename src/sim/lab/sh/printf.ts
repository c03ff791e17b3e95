const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\' }

/** What `printf` prints: the format again and again, until no value is left. */
export function formatted(format: string, values: readonly string[]): string {
  let text = ''
  let next = 0
  do {
    const begun = next
    for (let at = 0; at < format.length; at++) {
      const char = format[at]!
      if (char === '\\') {
        const octal = /^[0-7]{1,3}/.exec(format.slice(at + 1, at + 4))?.[0]
        if (octal !== undefined) {
          text += String.fromCharCode(Number.parseInt(octal, 8))
          at += octal.length
        } else {
          const name = format[at + 1] ?? ''
          text += ESCAPES[name] ?? `\\${name}`
          at++
        }
      } else if (char === '%') {
        const kind = format[++at] ?? ''
        if (kind === '%') text += '%'
        else {
          const value = values[next++] ?? ''
          text += kind === 'd' ? String(Number(value) || 0) : value
        }
      } else text += char
    }
    if (next === begun) break
  } while (next < values.length)
  return text
}
