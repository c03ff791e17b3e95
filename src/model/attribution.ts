import { MAX_RERUNS } from './confidence.ts'
import type { Verdict } from './verdict.ts'

/** Whose a failed test is found to be; `unclear`: what was seen fits more than one. */
export type Whose = 'product' | 'test' | 'board' | 'bench' | 'unclear'

/** What was seen of a feature that fails on one board with the image under test. */
export interface Comparison {
  /** The same tests with the golden image on the same board; absent: not tried. */
  readonly golden?: Verdict
  /** Whether anybody knows that the golden image once passed them. */
  readonly goldenPassedBefore: boolean
  /** The image again on the same board, after the golden one; absent: not tried. */
  readonly again?: Verdict
  /** How often it was looked at again on the boot of the first failure, and failed again. */
  readonly reruns: { readonly ran: number; readonly agreed: number }
  /** The image on another board of the type; absent: none was free. */
  readonly sibling?: Verdict
}

export interface Attribution {
  readonly is: Whose
  readonly why: string
  /** It is no failure of the product that was seen: the cell is an error. */
  readonly clears: boolean
}

/**
 * Says whose a failure is by what fails and what passes beside it.
 *
 * The product is cleared only by the golden image failing the same tests on the same board: with the image passing them on
 * another board, or where the golden image is known to have passed them before.
 */
export function attribute(seen: Comparison): Attribution {
  const { golden, goldenPassedBefore, again, reruns, sibling } = seen
  if (golden === 'pass') {
    if (again === 'pass') {
      const [failed, ran] = [reruns.agreed + 1, reruns.ran + 2]
      return product(`flaky: the image failed it ${failed} of ${ran} times, the golden image passes it`)
    }
    if (again === 'fail')
      return product(`the golden image passes it on this board, the image fails it before and after${there(sibling)}`)
    if (reruns.agreed > 0)
      return product(
        `the golden image passes it on this board, the image failed it ${reruns.agreed + 1} times${there(sibling)}`,
      )
    return sibling === 'fail'
      ? product('the golden image passes it on this board, and the image fails it on another board too')
      : unclear('the golden image passes it, but the image could not be tried again')
  }
  if (golden === 'fail') {
    if (sibling === 'pass')
      return {
        is: 'board',
        why: 'the golden image fails it on this board too, and the image passes it on another',
        clears: true,
      }
    const too = `the golden image fails it on this board too${sibling === 'fail' ? ', and the image fails it on another' : ''}`
    if (sibling !== 'fail') return unclear(`${too}: the test, the board, or what no image does`)
    return goldenPassedBefore
      ? { is: 'test', why: `${too}, although the golden image passed it before`, clears: true }
      : { is: 'test', why: `${too}: the test, or what no image does`, clears: false }
  }
  if (sibling === 'fail') return product('the image fails it on another board too')
  if (golden === 'error' || golden === 'miss')
    return { is: 'bench', why: 'the golden image could not be tried with it on this board', clears: false }
  if (sibling === 'pass') return unclear('the image passes it on another board')
  return unclear(golden === 'skip' ? 'the golden image cannot be asked for it' : 'there was nothing to compare it with')
}

function there(sibling: Verdict | undefined): string {
  if (sibling === 'fail') return ', and on another board too'
  return sibling === 'pass' ? '; it passes it on another board, so that it depends on the unit' : ''
}

function product(why: string): Attribution {
  return { is: 'product', why, clears: false }
}

function unclear(why: string): Attribution {
  return { is: 'unclear', why, clears: false }
}

/** The number of a re-run that is made on a boot of its own, behind the usual ones. */
export const AGAIN_AFTER_GOLDEN = MAX_RERUNS + 1
