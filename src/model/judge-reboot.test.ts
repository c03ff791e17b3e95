import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeReboot, RESTARTS, type Reboot } from './judge-reboot.ts'

const CASES: readonly [Reboot, string][] = [
  [{ announced: true, power: 'on' }, 'product/rebooted'],
  [{ announced: true, power: 'unknown' }, 'product/rebooted'],
  [{ announced: true, power: 'off' }, 'product/rebooted'],
  [{ announced: false, power: 'on' }, 'product/rebooted'],
  [{ announced: false, power: 'unknown' }, 'infrastructure/board-gone'],
  [{ announced: false, power: 'off' }, 'infrastructure/board-gone'],
]

for (const [reboot, code] of CASES)
  test(`a reboot ${reboot.announced ? 'that was announced' : 'without a word'}, power ${reboot.power}: ${code}`, () => {
    assert.equal(judgeReboot(reboot), code)
  })

test('how a restart is announced', () => {
  for (const line of [
    '[   41.123456] reboot: Restarting system',
    '[   41.123456] sysrq: Resetting',
    'The system is going down NOW!',
    '[   41.123456] reboot: machine restart',
    '[   41.123456] Rebooting in 10 seconds..',
    'Rebooting automatically due to panic',
    'Requesting system reboot',
    '[  OK  ] systemd-shutdown[1]: Rebooting.',
    '[   41.1] Kernel panic - not syncing: Fatal exception',
  ])
    assert.match(line, RESTARTS)
  for (const line of [
    'SeaBIOS (version 1.16.3-debian-1.16.3-2)',
    'rebooted 3 times',
    'Rebooting in a few seconds',
    '[    0.000000] Linux version 6.12',
  ])
    assert.doesNotMatch(line, RESTARTS)
})
