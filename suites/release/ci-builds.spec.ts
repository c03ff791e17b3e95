import { expect, feature } from '../../fixtures/index.ts'
import { ciFlaws, commitIn, notOfMain } from './provenance.ts'

const test = feature('ci-builds')

test.beforeEach(({ board }) => {
  test.skip(board.image === null, 'which image is on the board is not known')
  const other = notOfMain(board.image?.origin)
  test.skip(other !== undefined, other)
})

test('the image proves that CI built it from main', ({ board }) => {
  expect(ciFlaws(board.image!.origin!), board.image!.origin!.why).toEqual([])
})

test('what runs is of the commit that CI built', async ({ shell, board }) => {
  const running = await shell.run(['nixos-version'])
  const commit = commitIn(running.stdout)
  test.skip(commit === undefined, `its version names no commit: ${running.stdout}`)
  expect(board.image!.origin!.provenance!.commit, `the commit of ${running.stdout}`).toMatch(new RegExp(`^${commit}`))
})
