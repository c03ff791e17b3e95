import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultEntry } from './extlinux.ts'

const TWO = `TIMEOUT 10
DEFAULT good
MENU TITLE hello
LABEL old
  KERNEL /old
LABEL good
  LINUX /vmlinuz
  INITRD /initrd
  FDT /board.dtb
  APPEND console=ttymxc1,115200 root=/dev/mmcblk2p2
`

test('takes the default label', () => {
  assert.deepEqual(defaultEntry(TWO), {
    kernel: '/vmlinuz',
    initrd: '/initrd',
    dtb: '/board.dtb',
    append: 'console=ttymxc1,115200 root=/dev/mmcblk2p2',
  })
})

test('takes the first label where the default is missing, with KERNEL and DEVICETREE as other names', () => {
  const text = 'label a\r\n\tkernel /a\r\n\tdevicetree /a.dtb\r\nlabel b\r\n\tkernel /b\r\n'
  assert.deepEqual(defaultEntry(text), { kernel: '/a', dtb: '/a.dtb', append: '' })
})

test('nothing to boot: empty text, no kernel, noise', () => {
  for (const text of ['', 'DEFAULT x\nLABEL x\n  APPEND quiet\n', '\u0000\u0001\n\n'])
    assert.equal(defaultEntry(text), undefined)
})
