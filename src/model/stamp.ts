/**
 * Where a flashed medium carries the id of its flash, and in which words: 40 sectors of 512 bytes before its end.
 *
 * A backup GPT takes the last 33 sectors, and file systems, volume managers and the tools that grow partitions work in
 * blocks of 4 KiB: the 7 sectors between the last whole block and the backup GPT belong to nobody, so a stamp there is
 * outside the image and outlives a root partition that grows over the whole medium at its first boot. On a disk with an
 * MBR it may come to lie in a grown file system's free space, where it stays until that block is used.
 * Source: UEFI 2.10 §5.3.1 (GPT layout).
 */
export const STAMP_SECTORS_FROM_END = 40
export const STAMP_TEXT = 'hil-flash '
