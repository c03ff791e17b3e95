import type { BoardType } from '../../src/model/board-type.ts'

/** Nothing of it is ever seen on a console. */
const NEVER = /(?!)/

/**
 * A machine that builds the product with Nix: a shell, over SSH or on this very host, and nothing else.
 *
 * Tested: Nix 2.8 of Debian 12 on x86_64.
 */
export default {
  name: 'builder',
  title: 'Nix builder',
  traits: [],
  alwaysOn: true,
  boot: { firmware: NEVER, kernel: NEVER, login: NEVER, limitsMs: { boot: 0, login: 30_000, ssh: 30_000, off: 0 } },
  rootDevice: NEVER,
} satisfies BoardType
