import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { KERNEL_PATTERNS } from './kernel-patterns.ts'
import { LOADER_PATTERNS } from './loader-patterns.ts'
import { sightingsIn } from './watch-lines.ts'

const CORPUS = new URL('corpus/', import.meta.url)
const PATTERNS = [...KERNEL_PATTERNS, ...LOADER_PATTERNS]
const namesIn = (text: string): string[] => [...sightingsIn(text)].map(({ pattern }) => pattern.name)

/** What there is to be found in each recording of a virtual board, in order; see corpus/README.md. */
const RECORDED: Record<string, string[]> = {
  'healthy-nuc.log': [],
  'healthy-x1.log': [],
  'healthy-orin.log': [],
  'healthy-imx8mp.log': [],
  'uboot-driven.log': [],
  'panic-sysrq-x86.log': ['kernel panic'],
  'panic-sysrq-arm64.log': ['kernel panic'],
  'panic-no-init.log': ['kernel without a root file system', 'kernel without a root file system'],
  'waits-for-root.log': ['kernel that waits for its root device'],
  'oom.log': ['OOM kill'],
  'oom-cgroup.log': ['OOM kill'],
  'hung-task.log': ['hung task', 'hung task'],
  'emergency-mode.log': ['system in emergency mode', 'system in emergency mode'],
  'program-killed.log': ['crash of a program'],
  'seabios-blank.log': ['firmware that found nothing to start'],
  // What says that it stopped is a prompt, and no line: see `BootFacts.stopped`.
  'ovmf-blank.log': [],
  'uboot-blank.log': ['image that the boot loader refused'],
  'uboot-noconf.log': [],
  'uboot-nodisk.log': [],
  'uboot-nokernel.log': ['image that the boot loader refused', 'image that the boot loader refused'],
  'uboot-zeroed.log': ['image that the boot loader refused'],
}
for (const [file, names] of Object.entries(RECORDED))
  test(`${file}: ${names.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(namesIn(readFileSync(new URL(file, CORPUS), 'latin1')), names)
  })

test('every recording of the corpus is told of here', () => {
  const files = readdirSync(CORPUS).filter(name => name.endsWith('.log'))
  assert.deepEqual(files.sort(), Object.keys(RECORDED).sort())
})

/** Lines varied by hand, under the name of what they tell of. */
const LINES = readFileSync(new URL('lines.txt', CORPUS), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map(section => {
    const [name = '', ...lines] = section.trimEnd().split('\n')
    return { name, lines }
  })
for (const { name, lines } of LINES)
  test(`lines of ${name}`, () => {
    const expected = name === 'nothing' ? [] : [name]
    for (const line of lines)
      for (const text of [`${line}\r\n`, `before\r\n${line}\r\nbehind\r\n`, `\u001b[0m${line} <- and more`])
        assert.deepEqual(namesIn(text), expected, text)
  })

test('every pattern has a line that it finds', () => {
  const told = new Set(LINES.map(({ name }) => name))
  assert.deepEqual(
    PATTERNS.map(({ name }) => name).filter(name => !told.has(name)),
    [],
  )
})

test('precision and recall over the whole corpus', () => {
  const all = [
    ...Object.entries(RECORDED).map(([file, names]) => [readFileSync(new URL(file, CORPUS), 'latin1'), names] as const),
    ...LINES.flatMap(({ name, lines }) => lines.map(line => [`${line}\n`, name === 'nothing' ? [] : [name]] as const)),
  ]
  let right = 0
  let wrong = 0
  let missed = 0
  for (const [text, names] of all) {
    const found = namesIn(text)
    const hits = found.filter((name, n) => names[n] === name).length
    right += hits
    wrong += found.length - hits
    missed += names.length - hits
  }
  assert.deepEqual({ wrong, missed }, { wrong: 0, missed: 0 })
  assert.ok(right > 100, `${right} found`)
})

test('a pattern is bounded, and has no group of its own', () => {
  for (const { name, pattern } of PATTERNS) {
    assert.doesNotMatch(pattern.source, /(?<!\\)[*+]|\{\d+,\}/, name)
    assert.doesNotMatch(pattern.source, /(?<!\\)\((?!\?)/, name)
  }
})
