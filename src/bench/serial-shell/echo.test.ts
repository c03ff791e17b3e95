import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEcho } from './echo.ts'

const TYPED = `_T=$(stty -g);stty -echo\nset +o emacs\nprintf '~%s~\\n' 0.123456789\n`

test('what was typed is an echo, whole, in part, and mixed with itself', () => {
  for (const line of [
    '',
    'stty -echo',
    TYPED.split('\n')[0]!,
    'set +o emset +o emacs',
    'acsprintf',
    "printf '~%s~_T=$(stty",
  ])
    assert.ok(isEcho(line, TYPED), line)
})

test('what was flipped, or said by somebody, is none', () => {
  for (const line of ['sh: printf: not found', "prjntf '~%s~", '~0.123~ready']) assert.ok(!isEcho(line, TYPED), line)
})
