/** The guests a host runs, by what `systemctl list-units microvm@*` says: name → whether it is up. */
export function guestsIn(units: string): ReadonlyMap<string, boolean> {
  const rows = [...units.matchAll(/^\W*microvm@(\S+)\.service +\S+ +(\S+) +(\S+)/gm)]
  return new Map(rows.map(([, name, active, sub]) => [name!, active === 'active' && sub === 'running']))
}

/** Whether some guest's unit has yet to come up or to give up, by what `systemctl list-units` says. */
export function isStarting(units: string): boolean {
  return /^\W*microvm@\S+\.service +\S+ +activating /m.test(units)
}

/** The guests that no application lives in. */
const SYSTEM = /^(?:net|gui|admin|ids|audio|gpu|disp)-vm$/

/** What a compartmentalized environment lacks; empty when it is one. */
export function environmentFlaws(guests: ReadonlyMap<string, boolean>): string[] {
  const flaws = ['net-vm', 'gui-vm'].filter(name => !guests.get(name)).map(name => `${name} does not run`)
  const apps = appGuests(guests)
  return apps.length > 0 ? flaws : [...flaws, 'no guest with applications runs']
}

/** The guests with applications that run. */
export function appGuests(guests: ReadonlyMap<string, boolean>): string[] {
  return [...guests].filter(([name, runs]) => runs && !SYSTEM.test(name)).map(([name]) => name)
}

/** The VGA and 3D controllers in a listing of `lspci -n`, as `vendor:device`. */
export function displaysIn(lspci: string): string[] {
  return [...lspci.matchAll(/^\S+ (?:0300|0302|0380): ([0-9a-f]{4}:[0-9a-f]{4})/gm)].map(match => match[1]!)
}
