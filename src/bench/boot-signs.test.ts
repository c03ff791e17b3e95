import assert from 'node:assert/strict'
import { it } from 'node:test'
import nuc from '../../devices/boards/nuc.ts'
import { systemClock } from '../base/time.ts'
import { BootSigns } from './boot-signs.ts'
import { Recording } from './recording.ts'

const BOOT = '\u001bcSeaBIOS (version 1.16.3)\r\nBooting from Hard Disk...\r\n'

/** A board whose console says what it is told to. */
function board(): { signs: BootSigns; says: (text: string) => void; recording: Recording } {
  const recording = new Recording(undefined, systemClock, () => undefined)
  return {
    signs: new BootSigns(recording, nuc.boot),
    says: text => recording.append(Buffer.from(text)),
    recording,
  }
}

it('a boot that is wanted has no signs', () => {
  const { signs, says } = board()
  says(BOOT)
  assert.equal(signs.first(), undefined)
  signs.settle(['serial'])
  assert.equal(signs.first(), undefined)
  signs.begin()
  says(BOOT)
  assert.equal(signs.first(), undefined)
})

it('firmware that speaks, or a login that is offered, is one, and where it stands is known', () => {
  for (const sign of [BOOT, 'ghaf-host login: ', '[    0.000000] Linux version 6.12.3\r\n']) {
    const { signs, says, recording } = board()
    says('some words\r\n')
    signs.settle(['serial'])
    says('more of them\r\n')
    says(sign)
    assert.equal(recording.slice(signs.first()!).toString().trimStart(), sign.replace('\u001bc', ''))
  }
})

it('an answer over a connection that was open before is proof that there was no reboot', () => {
  const { signs, says } = board()
  signs.settle(['ssh'])
  says('a test prints: SeaBIOS (version 1)\r\n')
  assert.notEqual(signs.first(), undefined)
  signs.answered('serial')
  assert.notEqual(signs.first(), undefined, 'of another connection it is none')
  signs.answered('ssh')
  assert.equal(signs.first(), undefined)
})

it('one over a connection that was opened since proves nothing', () => {
  const { signs, says } = board()
  signs.settle(['ssh'])
  says(BOOT)
  signs.lost('ssh')
  signs.opened('ssh')
  signs.answered('ssh')
  assert.notEqual(signs.first(), undefined)
})

it('a connection that is opened while all is well proves from then on', () => {
  const { signs, says } = board()
  signs.settle([])
  signs.opened('serial')
  says('SeaBIOS (version 1)')
  signs.answered('serial')
  assert.equal(signs.first(), undefined)
})

it('knows whether the system said that it restarts, before the sign or so far', () => {
  const { signs, says } = board()
  says('[   40.1] reboot: Restarting system\r\n')
  signs.settle([])
  assert.equal(signs.announced(), false, 'that was the boot before')
  says('[   41.1] reboot: Restarting system\r\n')
  assert.equal(signs.announced(), true)
  says(BOOT)
  assert.equal(signs.announced(signs.first()), true)
})
