import { Fault } from '../base/fault.ts'
import type { ShellResult } from '../controls/shell.ts'
import type { Running, RunningDisk } from '../model/running.ts'
import { STAMP_TEXT, STAMP_SECTORS_FROM_END } from '../model/stamp.ts'

/** Runs a command on the board. */
export type Ask = (argv: readonly string[], input?: Uint8Array) => Promise<ShellResult>

/**
 * Asks a booted board what it runs and from which disk, in one round trip and without special rights; `id` is left
 * behind as the marker of this flash where there is none yet ('' leaves none).
 *
 * Needs a POSIX `sh` and `/sys`. Firmware names itself in the tables of its BIOS or UEFI, U-Boot in the device tree that it hands over. The marker lies in the home folder of whoever asks: it is there again at the next boot
 * of the same system, and gone with the next flash. Errors: `product/no-shell` for an answer without a boot id.
 */
export async function askRunning(ask: Ask, id: string): Promise<Running> {
  const { stdout, stderr } = await ask(['sh', '-c', PROBE, 'hil', id])
  const running = parseRunning(stdout.toString('utf8'))
  if (running) return running
  throw new Fault('product/no-shell', {
    expected: 'the board to say what it runs',
    seen: 'an answer without a boot id',
    evidence: `${stdout.toString()}\n${stderr.toString()}`.split('\n').slice(-10),
  })
}

/**
 * Reads the stamps of all disks, which takes root: by `sudo`, with the password on its standard input. Gives back the
 * disks unchanged where that is refused.
 */
export async function askStamps(ask: Ask, running: Running, password?: string): Promise<Running> {
  const sudo = password === undefined ? ['sudo', '-n'] : ['sudo', '-S', '-p', '']
  const input = password === undefined ? undefined : Buffer.from(`${password}\n`)
  const { stdout, exitCode } = await ask([...sudo, 'sh', '-c', STAMPS], input)
  if (exitCode !== 0) return running
  const stamps = parseStamps(stdout.toString('utf8'))
  return {
    ...running,
    disks: running.disks.map(disk => (stamps.has(disk.name) ? { ...disk, stamp: stamps.get(disk.name)! } : disk)),
  }
}

/** What the probe printed; undefined when it is not whole. */
export function parseRunning(text: string): Running | undefined {
  const lines = text.split('\n').map(line => line.trim())
  const value = (word: string): string | undefined =>
    lines.find(line => line.startsWith(`${word} `))?.slice(word.length + 1)
  const bootId = value('boot')
  if (bootId === undefined) return undefined
  const stamps = parseStamps(text)
  const disks = lines.flatMap((line): RunningDisk[] => {
    const [, name, sectors, serial] = /^disk (\S+) (\d+) ?(.*)$/.exec(line) ?? []
    if (name === undefined || NVME_PATH.test(name)) return []
    const sizeBytes = Number(sectors) * SECTOR_BYTES
    return [{ name, sizeBytes, ...(serial ? { serial } : {}), ...(stamps.has(name) && { stamp: stamps.get(name)! }) }]
  })
  const marker = value('marker')
  // A string of a device tree ends in a NUL.
  const firmware = value('firmware')?.replaceAll('\0', '').trim()
  const more = { ...(firmware && { firmware }), ...(marker && { marker }) }
  return { bootId, ...versionOf(value('version')), root: rootOf(lines), disks, ...more }
}

/** One of the ways to an NVMe disk, which the kernel lists beside the disk itself. */
const NVME_PATH = /^nvme\d+c\d+n\d+$/

/** The size that /sys counts in, whatever the disk's own sectors are. */
const SECTOR_BYTES = 512

/** JSON of NixOS (`configurationRevision` may be missing), or the version and the release's name as plain words. */
function versionOf(said: string | undefined): Pick<Running, 'version' | 'commit'> {
  if (!said) return {}
  if (!said.startsWith('{')) return { version: said.split(' ')[0]! }
  try {
    const { nixosVersion, configurationRevision } = JSON.parse(said) as Record<string, unknown>
    return {
      ...(typeof nixosVersion === 'string' && { version: nixosVersion }),
      ...(typeof configurationRevision === 'string' && { commit: configurationRevision }),
    }
  } catch {
    return {}
  }
}

/** The system's place: `/`, or what holds its files where `/` itself lies in memory. The last mount on a place wins. */
function rootOf(lines: readonly string[]): Running['root'] {
  for (const at of ['/', '/nix/store', '/persist', '/iso', '/boot']) {
    const mount = lines.findLast(line => line.startsWith(`mount ${at} `))
    const [device, ...disks] = mount?.split(' ').slice(2) ?? []
    if (device !== undefined && disks.length > 0) return { device, disks: [...new Set(disks)].sort() }
  }
  return null
}

function parseStamps(text: string): Map<string, string | null> {
  const found = text.matchAll(new RegExp(`^stamp (\\S+) ?(?:${STAMP_TEXT}([0-9a-f]{16}))?`, 'gm'))
  return new Map([...found].map(([, name, id]) => [name!, id ?? null]))
}

/** The sector at the stamp's place of every disk, as far as it is text. */
const STAMPS = `for d in /sys/block/*; do
[ -e $d/device ] || continue; read -r s <$d/size; [ "$s" -gt ${STAMP_SECTORS_FROM_END} ] || continue
echo stamp \${d##*/} "$(dd if=/dev/\${d##*/} bs=64 skip=$(((s-${STAMP_SECTORS_FROM_END})*8)) count=1 2>/dev/null | tr -dc 'a-z0-9 -')"
done`

/**
 * Written for the shells of bash, dash and busybox, in builtins: a process costs 20 ms on an emulated board. A disk's
 * serial number stands with the disk or with the USB device above it.
 */
const PROBE = `read -r b </proc/sys/kernel/random/boot_id; echo boot $b
v=$(nixos-version --json 2>/dev/null || nixos-version 2>/dev/null); [ -z "$v" ] || echo version $v
for p in /sys/class/dmi/id/bios_version /proc/device-tree/chosen/u-boot,version; do
[ ! -r $p ] || { read -r v <$p; echo firmware $v; break; }; done
below() { (cd -P /sys/dev/block/$1 2>/dev/null && [ -e size ] || exit
for s in slaves/*; do [ ! -e "$s/dev" ] || { f=1; read -r n <"$s/dev"; below "$n"; }; done
[ -z "$f" ] || exit; [ ! -e partition ] || cd ..; echo "\${PWD##*/}"); }
name() { while read -r u; do case $u in DEVNAME=*) echo \${u#*=}; return;; esac; done </sys/dev/block/$1/uevent; echo $2; }
while read -r _ _ n _ at _; do case $at in /|/nix/store|/persist|/iso|/boot)
if [ -r /sys/dev/block/$n/uevent ]; then echo mount $at $(name $n) $(below $n); else echo mount $at $n; fi;; esac; done </proc/self/mountinfo
for d in /sys/block/*; do [ -e $d/device ] || continue
read -r s <$d/size; n=; i=0; [ ! -r $d/serial ] || read -r n <$d/serial
cd -P $d/device; while [ -z "$n" ] && [ $((i=i+1)) -lt 7 ]; do [ ! -r serial ] || read -r n <serial; cd ..; done
echo disk \${d##*/} $s $n; done; cd /
m=$HOME/.hil-flash; if [ -r $m ]; then read -r x <$m; echo marker $x; elif [ -n "$1" ]; then
(echo $1 >$m && sync) >/dev/null 2>&1 & fi
[ "$(id -u)" != 0 ] || { ${STAMPS}
}`
