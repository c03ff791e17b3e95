import type { BoardShell } from '../../fixtures/index.ts'

/** Compositors that Ghaf has had. */
export const COMPOSITORS = 'cosmic-comp|labwc|weston'

/** A twin has no graphics: its cloud kernel knows no DRM. */
export const NO_GRAPHICS = 'a virtual board has no graphics'

/** Where the desktop runs: in a VM of its own where the type of board has that, else on the host. */
export function desktopOf(
  board: { readonly traits: readonly string[] },
  { shell, vm }: { shell: BoardShell; vm: (name: string) => BoardShell },
): BoardShell {
  return board.traits.includes('guivm') ? vm('gui-vm') : shell
}

/** The command line for the desktop's own user and display, of whoever is logged in there. */
export function onDisplay(command: string): string[] {
  const find = 'for s in /run/user/*/wayland-[0-9] /run/user/*/wayland-[0-9][0-9]; do [ -S "$s" ] && break; done'
  const become = 'XDG_RUNTIME_DIR="${s%/*}" WAYLAND_DISPLAY="${s##*/}"'
  return ['sh', '-c', `${find}; [ -S "$s" ] || exit 69; ${become} ${command}`]
}
