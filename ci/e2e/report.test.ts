import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PageData, TestChunk } from '../../src/report/page-data.ts'
import { Lab } from './lab.ts'
import { of, resultsOf } from './verdicts.ts'

// What a test did on a board that boots, and left, is in the run's log, its folder and its page.

test('a failed test leads to its step, its commands, its console and what it attached', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['leaves'], 1)
  const title = 'a picture, a note, commands, and a failure'
  const result = resultsOf(ended).get(`leaves: ${title}`)
  const steps = result?.steps?.map(({ title, depth, where }) => `${depth} ${title}, ${where}`)
  assert.deepEqual(steps, ['0 asks for another name, leaves.spec.ts:12', '1 Expect "toRun", leaves.spec.ts:13'])
  assert.ok(
    (result?.durationMs ?? 0) >= Math.max(...(result?.steps ?? []).map(step => step.atMs)),
    'its time is its own',
  )
  assert.deepEqual(
    result?.files?.map(({ name }) => name),
    ['screen.png', 'note', 'hil-commands'],
  )

  const folder = join(lab.reportDir, of(ended.events, 'run-started')[0]!.run)
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  const cell = (json(page, 'data') as PageData).cells[0]
  assert.deepEqual(
    [cell?.problem?.expected, cell?.problem?.seen.split('\n')[1]],
    ['uname -n on ssh host: exit code 0 and stdout /^another$/', 'stdout: "ghaf-host"'],
  )
  const chunk = json(page, `chunk-${cell?.tests[0]?.chunk}`) as TestChunk
  assert.deepEqual(
    chunk.acts.map(({ title, shell, depth, exitCode }) => [depth, shell, title, exitCode]),
    [
      [0, 'serial', "sh -c 'echo said > /dev/ttyS0'", 0],
      [0, undefined, 'asks for another name', undefined],
      [1, undefined, 'Expect "toRun"', undefined],
      [2, 'ssh host', 'uname -n', 0],
    ],
  )
  assert.deepEqual(
    chunk.files.map(({ name, base64, text }) => [name, base64?.slice(0, 4), text]),
    [
      ['screen.png', 'iVBO', undefined],
      ['note', undefined, '</script>red'],
    ],
  )
  const said = chunk.console?.lines.find(([, text]) => text === 'said')
  const asked = chunk.acts[0]
  const saidAt = (said?.[0] ?? 0) - (chunk.startedAtMs ?? 0)
  // Times of day are in whole ms, so an end may seem to be up to one earlier than it was.
  assert.ok(
    asked && saidAt >= asked.atMs && saidAt <= asked.atMs + asked.durationMs + 1,
    `said at ${saidAt} ms, ${asked?.atMs} ms + ${asked?.durationMs} ms`,
  )
})

function json(page: string, id: string): unknown {
  return JSON.parse(page.split(`<script type="application/json" id="${id}">`)[1]?.split('</script>')[0] ?? '')
}
