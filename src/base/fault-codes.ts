/**
 * Every fault `hil` can report, with what to do about it: the one table of blame.
 *
 * Shape: `class/name` → the usual next step, which a thrower may replace by a better one.
 * The class decides verdict and exit code, see `model/verdict.ts`.
 */
export const FAULT_CODES = {
  'configuration/usage': 'see hil --help',
  'configuration/bench-file': 'correct the lines named above; nothing was started',
  'configuration/unknown-board': 'name one of the boards or board types listed',
  'configuration/unknown-bench': 'name a bench file, or one of devices/benches',
  'configuration/unknown-driver': 'use a driver that exists under src/drivers, or add the file',
  'configuration/unknown-feature': 'name one of the features listed',
  'configuration/no-test-selected': 'widen --feature or --grep, or choose another board',
  'configuration/image': 'build or fetch the image again, or name another with --image',
  'configuration/unflashed': 'flash it: its last flash did not end',
  'configuration/image-signature': 'do not use this image until somebody knows who changed it; nothing was written',
  'configuration/missing-tool': 'install the program named above',
  'configuration/board-file': 'name a file or folder of the board that exists, may be used and has room',
  'configuration/login': "correct the board's login in the bench file",
  'configuration/lease-book': 'move both files away: leases and waiters in them are lost, nothing else',
  'configuration/agent-access': 'ask whoever runs the agent for the group of its socket, or for a token',
  'configuration/agent-certificate':
    'set HIL_AGENT_CA to the file of the certificate that signed the agent, or to its own',
  'configuration/no-agent': 'start one on the host of the bench: hil agent --bench <bench>',
  'configuration/page': 'run hil matrix --page … --write, look at the change and commit it',
  'configuration/known-issues': 'correct the lines named above; nothing was started',
  'configuration/no-evidence':
    'name a release with --to or --from that was tested, and take its runs into the evidence: hil matrix --from <run.jsonl> --write',
  'configuration/waivers': 'correct the lines named above; nothing was waived',
  'configuration/history':
    'delete the file: it is made again from the logs of the runs; or name another folder with --report-dir',
  'configuration/golden':
    'name a run whose image is proven to be main and passed, or set an image by hand: hil golden set',
  'configuration/retention': 'correct the lines named above; nothing was removed',
  'configuration/attest': 'correct what is named above; nothing was recorded',
  'configuration/report-dir': 'name a folder that this user may write to and that has room: --report-dir',
  'configuration/run-log': 'name the run.jsonl of a finished or running run',
  'infrastructure/board-gone': "check the board's power supply and what else may switch it",
  'infrastructure/board-quarantined':
    'look at its record and check it: hil health <board>; what is sound again is released by that',
  'infrastructure/host-busy': 'run fewer boards at once on this host, or end what else keeps it busy',
  'infrastructure/board-changed-by-image':
    'do not trust the board until a health check passes: the image changed something that flashing does not put back, such as firmware',
  'infrastructure/board-suspect': 'check the board and its cables, and that its golden image is one that boots on it',
  'infrastructure/power': 'check the relay or the power command by hand: hil power <board> status',
  'infrastructure/tty-gone': 'check the console cable: the adapter vanished from this host',
  'infrastructure/tty-busy': 'close the other program that holds the port',
  'infrastructure/tty-open': 'check that the console path exists and may be opened by this user',
  'infrastructure/console-silent': 'check console cable, baud rate and that the board has power',
  'infrastructure/serial-corrupt': 'check cable and ground of the console; the command may be run again',
  'infrastructure/disk-full': 'free some space on this host and start the run again',
  'infrastructure/recording-dropped': 'ask for newer output: only the newest part of a console is kept',
  'infrastructure/download': 'check the network and the server, then start again: what was fetched so far is kept',
  'infrastructure/boot-medium':
    'check that the boot medium is in its slot, switched to the board, and sound; if it boots another image, suspect the boot loader',
  'infrastructure/firmware':
    "the board's own firmware failed before it read anything of the image: write it again, or check the module",
  'infrastructure/image-read':
    'check the disk or share that holds the image; the medium does not boot now, so flash it again',
  'infrastructure/media': 'check that the boot medium is connected to this host and switched to it',
  'infrastructure/flash-write': 'check the medium and its cable; it could not be written',
  'infrastructure/recovery': 'check the recovery cable to this host and what sets the board to recovery mode',
  'infrastructure/flash-program': 'read flash.log in the folder of the board: the flash program did not succeed',
  'infrastructure/wrong-disk':
    'remove the older system from the disk named above, or set the boot order to the flashed one',
  'infrastructure/installer': 'check the disk inside the board: the installer could not use it',
  'infrastructure/flash-verify': 'replace the medium: what was read back is not what was written',
  'infrastructure/ssh-unreachable': "check the board's network cable and address",
  'infrastructure/ssh-lost': 'check network and power of the board',
  'infrastructure/ssh-host-key': 'another machine answers at this address: check it and the network',
  'infrastructure/builder': 'check the builder: its network, its disk, its nix and the systems that it builds for',
  'infrastructure/worker-lost': 'look for memory pressure or a kill on this host; the next test went on',
  'infrastructure/agent-gone': 'the process that owns the boards ended; start the run again',
  'infrastructure/runner': 'see the log of the test runner in the run folder',
  'lease/held': 'wait for its holder, or choose another board',
  'lease/console-claimed': 'watch, or take the console: hil console <board> --steal --reason "…"',
  'lease/console-taken': 'ask who took the console what they did to the board, then start again',
  'lease/forbidden': 'ask whoever runs the bench for the role: access in the bench file',
  'lease/preempted': 'start it again: it waits for its turn like everybody',
  'lease/stale': 'this lease was ended; take a new one',
  'product/kernel-trouble': 'read the console lines quoted; the kernel went on, but not unharmed',
  'product/panic': 'read the console lines quoted; the kernel of the image died',
  'product/shutdown': 'find out why the image shuts itself down',
  'product/rebooted': 'find out why the image restarts by itself: read the console lines quoted',
  'product/no-reboot':
    'reboot the board by hand: it was asked to, and no new boot came; the login must be allowed to (sudo or polkit)',
  'product/no-login': 'read the console: the image booted but never offered a login',
  'product/no-boot': 'read the console: the image stopped before the kernel was up',
  'product/ssh-closed':
    'log in on the console and ask for its SSH server: the image is up, but nothing answers on the port',
  'product/ssh-auth': 'check account and password in the image: it is up, but refuses the credentials it promises',
  'product/hang':
    'read the last console lines before it fell silent: the board has power and a console, but answers nothing',
  'product/installer': 'read the console: the installer did not get to its end',
  'product/wrong-version': 'find out what was built: the flashed disk runs, and says that it is something else',
  'product/no-prompt': 'read the console: the boot loader ran, but gave no prompt or refused a command',
  'product/no-shell': 'read the console after the login: it was accepted, but no shell answered',
  'product/command-timeout': 'run the command by hand: it did not end in its time; the transcript has what it said',
  'product/no-guest': 'ask for its unit on the host (systemctl status microvm@<guest>): the guest VM does not answer',
  'test/exception': 'repair the suite: it failed by an exception, not by an expectation',
  'test/suspect': 'read the test and what is around the bench: an image that passed it before fails it now',
  'test/timeout': 'the test took longer than its own limit; split it or give it more time',
  'test/misuse': 'use the fixture as documented',
  'cancelled/interrupt': 'start the run again when you like',
  'internal/bug': 'report this with the run folder attached',
} as const

export type FaultCode = keyof typeof FAULT_CODES

/** Whose fault something is; see `model/verdict.ts` for what follows from it. */
export type FaultClass = 'configuration' | 'infrastructure' | 'lease' | 'product' | 'test' | 'cancelled' | 'internal'
