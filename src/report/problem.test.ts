import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fold } from '../model/fold.ts'
import { sampleFeatures, sampleRun } from '../model/fold-sample.ts'
import { cellProblem, expectationOf, tryAgain } from './problem.ts'

const MATRIX = fold(sampleRun(), sampleFeatures())

function cell(feature: string, board: string): (typeof MATRIX.cells)[number] {
  const found = MATRIX.cells.find(cell => cell.feature === feature && cell.board === board)
  assert.ok(found)
  return found
}

describe('expectationOf', () => {
  const forms: [string, string, string, string][] = [
    [
      'a comparison',
      'Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: "active"\nReceived: "failed"',
      '"active"',
      '"failed"',
    ],
    [
      'a comparison with words of its own',
      'Error: boot id over SSH\n\nexpect(received).toBe(expected)\n\nExpected: "a"\nReceived: "b"',
      'boot id over SSH: "a"',
      '"b"',
    ],
    [
      'a pattern',
      'Error: expect(received).toMatch(expected)\n\nExpected pattern: /Jetson/\nReceived string:  "QEMU"',
      '/Jetson/',
      '"QEMU"',
    ],
    [
      'a command',
      'Error: expect(ssh host).toRun(uname -m)\nexpected: exit code 0\nreceived: exit code 1\nstdout: "x"\nstderr: ""',
      'uname -m on ssh host: exit code 0',
      'exit code 1\nstdout: "x"',
    ],
    [
      'a command that should not succeed',
      'Error: expect(serial).not.toRun(id)\nexpected: exit code 0\nreceived: exit code 0',
      'not id on serial: exit code 0',
      'exit code 0',
    ],
    [
      'anything else',
      'Error: expect(console).toPrint(/x/): nothing',
      'it prints',
      'expect(console).toPrint(/x/): nothing',
    ],
    ['nothing', '', 'it prints', 'nothing was said'],
  ]
  for (const [what, message, expected, seen] of forms)
    it(`reads ${what}`, () => assert.deepEqual(expectationOf(message, 'it prints'), { expected, seen }))
})

describe('cellProblem', () => {
  it('is that of the test which decides, else of the fault outside the tests', () => {
    assert.equal(cellProblem(cell('netvm', 'nuc-1'))?.seen, 'no route to host, 60 times; the unit is active since 84 s')
    assert.equal(cellProblem(cell('x86-image', 'nuc-2'))?.code, 'product/panic')
    assert.equal(cellProblem(cell('rootfs-flashing', 'x1-1'))?.whose, 'the lab’s fault')
    assert.equal(cellProblem(cell('guivm', 'nuc-1'))?.expected, '"active"')
  })

  it('is none of what passed, does not apply or was blocked', () => {
    for (const [feature, board] of [
      ['netvm', 'orin-1'],
      ['guivm', 'orin-1'],
      ['netvm', 'nuc-2'],
    ] as const)
      assert.equal(cellProblem(cell(feature, board)), undefined)
  })
})

describe('tryAgain', () => {
  const again = (command: string[], board = 'nuc-1'): string => tryAgain(cell('netvm', board), { ...MATRIX, command })

  it('keeps the bench, and what was flashed', () => {
    assert.equal(
      again(['hil', 'run', '--bench', 'lab.yaml']),
      'hil run --device nuc-1 --feature netvm --bench lab.yaml --no-flash',
    )
    assert.equal(
      again(['hil', 'run', '--bench=lab.yaml', '-g', 'x']),
      'hil run --device nuc-1 --feature netvm --bench=lab.yaml --no-flash',
    )
    assert.equal(again(['hil', 'run']), 'hil run --device nuc-1 --feature netvm --bench tampere-1 --no-flash')
  })

  it('names the image where the board never got it', () => {
    const boards = MATRIX.boards.map(board => ({ ...board, flash: 'failed' as const }))
    const command = ['hil', 'run', '-i', 'debug=a b.img', '--bench', 'x']
    assert.equal(
      tryAgain(cell('netvm', 'nuc-1'), { ...MATRIX, boards, command }),
      "hil run --device nuc-1 --feature netvm --bench x -i 'debug=a b.img'",
    )
  })
})
