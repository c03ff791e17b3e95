/** The value of an arithmetic expression whose variables were put in, of numbers up to 2⁵³; NaN: it is none. */
export function sumOf(text: string, variable: (name: string) => string): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|[<>=!]=|&&|\|\||[-+*/%()<>!]/g) ?? []
  let at = 0
  const primary = (): number => {
    const token = tokens[at++]
    if (token === '(') {
      const value = binary(0)
      at++
      return value
    }
    if (token === '-') return -primary()
    if (token === '+') return primary()
    if (token === '!') return primary() === 0 ? 1 : 0
    if (token === undefined) return 0
    return /^\d/.test(token) ? Number(token) : Number(variable(token) || 0)
  }
  const binary = (level: number): number => {
    if (level === LEVELS.length) return primary()
    let left = binary(level + 1)
    for (let op = tokens[at]; op !== undefined && LEVELS[level]!.includes(op); op = tokens[at]) {
      at++
      left = OPERATIONS[op]!(left, binary(level + 1))
    }
    return left
  }
  return tokens.length === 0 ? 0 : binary(0)
}

const LEVELS = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']]

const OPERATIONS: Record<string, (a: number, b: number) => number> = {
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
}
