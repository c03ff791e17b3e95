import { join } from 'node:path'
import { ROOT, story } from './hil.ts'
import type { BoardYaml, Lab } from './lab.ts'

/**
 * A virtual NUC behind a relay that is a script, which may do what broken hardware does: `onPowerOn` runs before each
 * power-on, in a shell. While the file `dead` stands in the lab's folder, power is on and nothing comes of it; what is
 * written to `$console` is what the board says.
 */
export class RelayTwin {
  readonly board: BoardYaml

  private constructor(board: BoardYaml) {
    this.board = board
  }

  static async open(lab: Lab, onPowerOn: string, change: BoardYaml = {}): Promise<RelayTwin> {
    const at = (name: string): string => join(lab.folder, name)
    const [disk, tty] = [at('relay.img'), at('relay.tty')]
    const wires = {
      console: { driver: 'serial', path: tty },
      media: { driver: 'file', path: disk, sizeMiB: 64 },
    }
    // Only its power: its console is read by who tests it.
    const power = lab.power({ disk, console: tty })
    const inner = lab.bench({ inner: lab.board({ ...wires, console: undefined, power }) }, 'inner')
    // Plugs its console in, as that of a board on a bench is.
    const plugged = await lab.start(['power', 'inner', 'status', '--bench', inner]).ended
    if (plugged.exitCode !== 0) throw new Error(story(plugged))
    const inside = (action: string): string => `${ROOT}src/cli/hil power inner ${action} --bench ${inner}`
    const places = `disk=${disk} console=${join(lab.boardDir('inner'), 'tty.board')} lab=${lab.folder}`
    const on = `${places}\n${onPowerOn}\necho on > $lab/relay; [ -e $lab/dead ] || ${inside('on')}`
    const off = `${inside('off')} && echo off > ${at('relay')}`
    const status = ['cat', lab.file('relay', 'off\n')]
    const relay = { driver: 'command', on: ['sh', '-c', on], off: ['sh', '-c', off], status, limitMs: 60_000 }
    return new RelayTwin(lab.board({ ...wires, power: relay, ...change }))
  }
}
