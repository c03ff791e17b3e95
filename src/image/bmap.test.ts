import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { parseBmap } from './bmap.ts'

const SUM = 'ab'.repeat(32)

/** A map of 10 blocks and a bit, with its own checksum made right again after a change. */
function bmap(change: (text: string) => string = text => text): string {
  const text = change(`<?xml version="1.0" ?>
<!-- This says <ImageSize> 5 </ImageSize> in a comment. -->
<bmap version="2.0">
    <ImageSize> 41060 </ImageSize>
    <BlockSize> 4096 </BlockSize>
    <BlocksCount> 11 </BlocksCount>
    <MappedBlocksCount> 5  </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${'0'.repeat(64)} </BmapFileChecksum>
    <BlockMap>
        <Range chksum="${SUM}"> 0-2 </Range>
        <Range chksum="${SUM}"> 5 </Range>
        <Range> 10 </Range>
    </BlockMap>
</bmap>
`)
  return text.replace('0'.repeat(64), createHash('sha256').update(text).digest('hex'))
}

test('ranges in bytes, the last one cut at the end of the image', () => {
  const { ranges, ...rest } = parseBmap(bmap(), 'a.bmap')
  assert.deepEqual(rest, {
    version: '2.0',
    imageBytes: 41_060,
    blockBytes: 4096,
    mappedBytes: 16_484,
    checksumType: 'sha256',
  })
  assert.deepEqual(ranges, [
    { offset: 0, sizeBytes: 12_288, checksum: SUM },
    { offset: 20_480, sizeBytes: 4096, checksum: SUM },
    { offset: 40_960, sizeBytes: 100 },
  ])
})

test('the older format: SHA-1, and the map has its own element for its checksum', () => {
  const old = bmap(text =>
    text
      .replace('2.0', '1.3')
      .replace(/ {4}<ChecksumType>.*\n/, '')
      .replace(/<BmapFileChecksum>.*<\/BmapFileChecksum>/, `<BmapFileSHA1> ${'0'.repeat(40)} </BmapFileSHA1>`)
      .replaceAll(`chksum="${SUM}"`, `sha1="${'cd'.repeat(20)}"`),
  )
  const signed = old.replace('0'.repeat(40), createHash('sha1').update(old).digest('hex'))
  assert.equal(parseBmap(signed, 'a.bmap').ranges[0]!.checksum, 'cd'.repeat(20))
})

test('one changed character anywhere is found', () => {
  const good = bmap()
  for (let at = 0; at < good.length; at++) {
    const changed = `${good.slice(0, at)}${good[at] === '7' ? '8' : '7'}${good.slice(at + 1)}`
    assert.throws(() => parseBmap(changed, 'a.bmap'), Fault, `at ${at}: ${good.slice(at - 10, at + 10)}`)
  }
})

test('nonsense is said with its line', () => {
  const cases: [(text: string) => string, string][] = [
    [() => '<html>not found</html>', 'a.bmap:1: a block map'],
    [text => text.replace('version="2.0"', 'version="3.0"'), 'a.bmap:3: version 1 or 2'],
    [text => text.slice(0, -9), 'a file cut short'],
    [text => text.replace(/ *<BlockSize>.*\n/, ''), 'an element <BlockSize>'],
    [text => text.replace('> 4096 <', '> 4000 <'), 'a.bmap:5: <BlockSize> to be a power of two'],
    [text => text.replace('> 41060 <', '> -1 <'), 'a.bmap:4: <ImageSize> to be a whole number'],
    [text => text.replace('> 11 <', '> 12 <'), 'a.bmap:6: <BlocksCount> to be 11'],
    [text => text.replace('> 5  <', '> 6 <'), 'a.bmap:7: <MappedBlocksCount> to be 5'],
    [text => text.replace('> sha256 <', '> md5 <'), 'a.bmap:8: <ChecksumType>'],
    [text => text.replace('> 5 </Range', '> 2 </Range'), 'a.bmap:12: ranges in order'],
    [text => text.replace('> 5 </Range', '> 7-6 </Range'), 'a.bmap:12: a range that ends behind'],
    [text => text.replace('> 5 </Range', '> five </Range'), 'a.bmap:12: a range of blocks'],
    [text => text.replace('> 10 </Range', '> 10-11 </Range'), 'a.bmap:13: a range inside'],
    [text => text.replace(SUM, 'abc'), 'a.bmap:11: a sha256 checksum'],
    [text => text.replaceAll(/ *<Range.*\n/g, ''), 'at least one range'],
  ]
  for (const [change, said] of cases)
    assert.throws(
      () => parseBmap(bmap(change), 'a.bmap'),
      (error: Fault) => {
        assert.equal(error.code, 'configuration/image')
        assert.ok(error.message.includes(said), `${error.message}\nsays nothing of: ${said}`)
        return true
      },
    )
})
