import type { TroublePattern } from './pattern.ts'

const DIED: Pick<TroublePattern, 'severity' | 'code'> = { severity: 'fatal', code: 'product/panic' }
const HURT: Pick<TroublePattern, 'severity' | 'code'> = { severity: 'harm', code: 'product/kernel-trouble' }
const NOTED: Pick<TroublePattern, 'severity' | 'code'> = { severity: 'note', code: 'product/kernel-trouble' }

/**
 * What a Linux kernel says when it is in trouble. Each is matched at the beginning of a kernel message, so that a line
 * which only quotes one is none; the first that matches names the line.
 *
 * Source: the format strings of Linux 6.12 (https://github.com/torvalds/linux/tree/v6.12: kernel/panic.c,
 * kernel/watchdog.c, kernel/hung_task.c, kernel/rcu/tree_stall.h, mm/oom_kill.c, mm/page_alloc.c, lib/bug.c,
 * arch/x86/kernel/{dumpstack,traps}.c, arch/arm64/kernel/traps.c, arch/arm64/mm/fault.c) and earlier ones since 4.19.
 */
export const KERNEL_PATTERNS: readonly TroublePattern[] = [
  {
    name: 'kernel without a root file system',
    ...DIED,
    why: 'the kernel panics next',
    pattern: /(?:Kernel panic - not syncing: )?VFS: (?:Unable to mount root fs|Cannot open root device)/,
  },
  {
    name: 'death of init',
    ...DIED,
    why: 'a kernel without its first process panics',
    pattern: /Kernel panic - not syncing: (?:Attempted to kill init|No working init found|Requested init )/,
  },
  {
    name: 'kernel panic',
    ...DIED,
    why: 'nothing runs after it',
    pattern: /(?:Kernel panic - not syncing|Kernel panic: )/,
  },
  {
    name: 'kernel BUG',
    ...DIED,
    why: 'the kernel found its own state to be impossible: what it says afterwards proves nothing',
    pattern: /kernel BUG at /,
  },
  {
    name: 'bad kernel access',
    ...DIED,
    why: 'an oops follows',
    pattern: /BUG: (?:unable to handle |kernel NULL pointer |Unable to handle kernel )|Unable to handle kernel /,
  },
  {
    name: 'kernel oops',
    ...DIED,
    why: 'the thread at fault was killed with its locks held: what the kernel says afterwards proves nothing',
    pattern:
      /(?:Oops|Internal error)[ :-][^\r\n]{0,120}\[#\d{1,3}\]|[a-z][a-z ]{5,30}(?:, [^\r\n]{1,80})?: [0-9a-f]{4} \[#\d{1,3}\]/,
  },
  {
    name: 'hard lockup',
    ...HURT,
    why: 'a processor served no interrupt for seconds; it may come back, and a board that does not is found out by what waits',
    needsOwnProcessor: true,
    pattern: /(?:(?:NMI )?watchdog: )?(?:CPU\d{1,4}: )?Watchdog detected hard LOCKUP/,
  },
  {
    name: 'soft lockup',
    ...HURT,
    why: 'a processor ran one piece of kernel code for 20 s and more; it may come back',
    needsOwnProcessor: true,
    pattern: /(?:(?:NMI )?watchdog: )?BUG: soft lockup - CPU#/,
  },
  {
    name: 'RCU stall',
    ...HURT,
    why: 'a processor did not pass through the scheduler for 20 s and more; it may come back',
    needsOwnProcessor: true,
    pattern:
      /(?:rcu: )?INFO: rcu_\w{1,20} (?:self-)?detected (?:expedited )?stalls? on |(?:rcu: )?rcu_\w{1,20} kthread starved for /,
  },
  {
    name: 'workqueue lockup',
    ...HURT,
    why: 'work of the kernel waits for 30 s and more; it may go on',
    needsOwnProcessor: true,
    pattern: /BUG: workqueue lockup - /,
  },
  {
    name: 'hung task',
    ...HURT,
    why: 'one process waits on the kernel for minutes; others go on',
    needsOwnProcessor: true,
    pattern: /INFO: task [^\r\n]{1,60} blocked for more than \d/,
  },
  {
    name: 'OOM kill',
    ...HURT,
    why: 'a process was killed for want of memory; the rest goes on',
    pattern: /(?:Out of memory(?: \([^\r\n]{1,40}\))?|Memory cgroup out of memory): Kill(?:ed)? process /,
  },
  {
    name: 'corrupt kernel state',
    ...HURT,
    why: 'the kernel reports a bug of its own and goes on',
    pattern: /BUG: [A-Za-z]/,
  },
  {
    name: 'file system error',
    ...HURT,
    why: 'what is on the medium contradicts itself; the kernel goes on, often read-only',
    pattern:
      /(?:EXT4-fs error \(|BTRFS (?:critical|error) \(|XFS \([^)]{1,40}\): (?:Corruption|Metadata corruption)|Aborting journal on device )/,
  },
  {
    name: 'medium error',
    ...NOTED,
    why: 'the medium, its cable or switch, or the image: the line alone does not tell whose fault it is',
    pattern:
      /(?:blk_update_request: )?(?:critical medium error|I\/O error), dev \w|mmc\d: (?:error -\d|Timeout waiting for hardware)|nvme nvme\d: (?:I\/O|controller is down)/,
  },
  {
    name: 'kernel that waits for its root device',
    ...NOTED,
    why: 'a slow medium comes later; should the login never come, this is why',
    explainsBoot: 2,
    pattern: /Waiting for root device /,
  },
  {
    name: 'kernel warning',
    ...NOTED,
    why: 'the kernel wonders and goes on; many healthy kernels do',
    pattern: /WARNING: (?:CPU: \d|\S{1,200}:\d)|INFO: possible (?:circular|recursive) locking/,
  },
  {
    name: 'crash of a program',
    ...NOTED,
    why: 'one program crashed: whether it mattered is for a test to say',
    pattern:
      /[^\r\n[\]]{1,60}\[\d{1,8}\]: (?:segfault at |unhandled (?:signal|exception|level))|traps: [^\r\n]{1,60}\[\d{1,8}\] |[^\r\n]{1,60}: potentially unexpected fatal signal \d/,
  },
]
