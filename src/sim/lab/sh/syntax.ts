/** A word of a shell's text: parts that are expanded and put together. */
export type Word = readonly Part[]

export type Part =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly is: 'variable'; readonly name: string; readonly quoted: boolean; readonly op: Op; readonly arg: Word }
  | { readonly is: 'sum'; readonly expression: Word; readonly quoted: boolean }
  | { readonly is: 'output'; readonly of: List; readonly quoted: boolean }

export type Op = '' | 'length' | '%' | '%%' | '#' | '##' | ':-' | '-' | ':+' | '+'

export interface Redirection {
  readonly fd: number
  readonly how: '>' | '>>' | '<' | '<>' | '>&' | '<&'
  readonly target: Word
}

export type List = readonly AndOr[]

/** Pipelines joined by `&&` and `||`. */
export interface AndOr {
  readonly first: Pipeline
  readonly more: readonly { readonly when: '&&' | '||'; readonly next: Pipeline }[]
}

export interface Pipeline {
  readonly not: boolean
  readonly commands: readonly Command[]
}

export type Command = Simple | Compound

export interface Simple {
  readonly is: 'simple'
  readonly assigns: readonly { readonly name: string; readonly value: Word }[]
  readonly words: readonly Word[]
  readonly redirections: readonly Redirection[]
}

export type Compound = Shape & { readonly redirections: readonly Redirection[] }

export type Shape =
  | { readonly is: 'group' | 'subshell'; readonly body: List }
  | { readonly is: 'if'; readonly arms: readonly Arm[]; readonly otherwise?: List }
  | { readonly is: 'while'; readonly until: boolean; readonly when: List; readonly body: List }
  | { readonly is: 'for'; readonly name: string; readonly words?: readonly Word[]; readonly body: List }
  | { readonly is: 'case'; readonly word: Word; readonly arms: readonly Choice[] }
  | { readonly is: 'function'; readonly name: string; readonly body: Command }

interface Arm {
  readonly when: List
  readonly body: List
}

interface Choice {
  readonly patterns: readonly Word[]
  readonly body: List
}

/** The text ends in the middle of something: more lines are needed. */
export class Incomplete extends Error {}
/** No shell can make sense of it. */
export class SyntaxFault extends Error {}
