import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureComplaint } from './picture.ts'

const picture = (pixels: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from('P6\n2 1\n255\n'), Buffer.from(pixels)])

test('two colours are a picture', () => {
  assert.equal(pictureComplaint(picture([0, 0, 0, 0, 0, 1])), undefined)
})

test('one colour, a cut one, nothing', () => {
  assert.equal(pictureComplaint(picture([9, 8, 7, 9, 8, 7])), 'it is one colour all over')
  assert.equal(pictureComplaint(picture([9, 8, 7])), 'it ends after 3 of 6 bytes')
  assert.equal(pictureComplaint(Buffer.from('compositor doesn’t support wlr-screencopy')), 'it is no picture')
})
