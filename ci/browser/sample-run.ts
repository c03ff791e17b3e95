import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TestFile } from '../../src/model/event.ts'
import { fold } from '../../src/model/fold.ts'
import { SampleLog, sampleFeatures, sampleRun } from '../../src/model/fold-sample.ts'
import { COMMANDS, type CommandRecord } from '../../src/model/runner-message.ts'
import { writeReports } from '../../src/run/reports.ts'

/** A text that a board or a suite may say to do harm. */
export const HOSTILE = `</script><script>window.harmed=1</script><img src=x onerror="window.harmed=1">'"\u202e\u001b[31mred\u0007`

/** One pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

const T0 = Date.parse('2026-09-01T08:10:00.000Z')

/** A run's folder with everything a report can quote from, beside the sample run: a board whose tests left files. */
export class SampleRunFolder implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'hil-report-'))
  readonly page = pathToFileURL(join(this.folder, 'report.html')).href

  constructor() {
    const features = sampleFeatures()
    const events = [...sampleRun()]
    const start = events[0]
    if (start?.type !== 'run-started') throw new Error('the sample run begins with its start')
    const board = {
      board: 'nuc-9',
      type: HOSTILE,
      twin: true,
      image: null,
      features: ['debug-ssh', 'netvm', 'x86-image'],
    }
    events[0] = { ...start, boards: [...start.boards, board] }
    events.splice(-1, 0, ...this.#moreEvents())
    writeReports(fold(events, features), this.folder, { features, labels: {}, evidence: [], issues: [] })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #moreEvents(): SampleLog['events'] {
    const log = new SampleLog()
    this.#console()
    log.add(0, { type: 'recording', board: 'nuc-9', from: 1000 })
    log.stage('nuc-9', 'boot', 20).test('nuc-9', 'x86-image', 'boots')
    log.test('nuc-9', 'debug-ssh', 'logs in', {
      startedAtMs: T0,
      durationMs: 3000,
      slice: { from: 1000, to: 1000 + 200_000 },
      steps: [
        { title: 'the host answers', atMs: 100, durationMs: 2500, depth: 0, where: 'development/debug-ssh.spec.ts:6' },
        { title: HOSTILE, atMs: 2700, durationMs: 5, depth: 0, error: HOSTILE },
      ],
      files: [
        this.#file(COMMANDS, 'application/json', Buffer.from(JSON.stringify(COMMAND_RECORDS))),
        this.#file('screen.png', 'image/png', PNG),
        this.#file(HOSTILE, 'text/html', Buffer.from(HOSTILE)),
        this.#file('core', 'application/octet-stream', Buffer.alloc(300_000)),
        { name: 'secret', contentType: 'text/plain', path: '../../../../../../etc/hostname', sizeBytes: 10 },
      ],
      verdict: 'fail',
      blame: 'product',
      reason: `Error: ${HOSTILE}\n\nExpected: "a"\nReceived: "b"`,
    })
    log.test('nuc-9', 'netvm', HOSTILE, { verdict: 'skip', reason: HOSTILE })
    return log.events
  }

  /** 200 000 bytes in lines of 500, each 100 ms after the one before. */
  #console(): void {
    const text = (n: number): string => `line ${n} ${n === 390 ? HOSTILE : ''}`.slice(0, 498).padEnd(498)
    const lines = Array.from({ length: 400 }, (_, n) => `${text(n)}\r\n`)
    const index = lines.map((_, n) => `[${1000 + n * 500},${T0 - 37_000 + n * 100}]\n`)
    this.#write('nuc-9/console.log', lines.join(''))
    this.#write('nuc-9/console.log.idx', `{"opened":1,"offset":1000,"atMs":${T0 - 37_000}}\n${index.join('')}`)
  }

  #file(name: string, contentType: string, bytes: Buffer): TestFile {
    const path = `nuc-9/kept/${name.replaceAll(/[^a-z.-]/g, '')}`
    this.#write(path, bytes)
    return { name, contentType, path, sizeBytes: bytes.length }
  }

  #write(path: string, content: string | Buffer): void {
    const whole = join(this.folder, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, content)
  }
}

const COMMAND_RECORDS: readonly CommandRecord[] = [
  { shell: 'ssh host', line: 'uname -n', atMs: T0 + 120, durationMs: 80, exitCode: 0, stdout: 'ghaf-host', stderr: '' },
  {
    shell: 'serial',
    line: `echo ${HOSTILE}`,
    atMs: T0 + 400,
    durationMs: 9,
    exitCode: 3,
    stdout: HOSTILE,
    stderr: 'no',
  },
]
