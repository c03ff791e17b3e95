import { writeFileSync } from 'node:fs'
import { feature } from '../../../../fixtures/index.ts'

const test = feature('first')

test('it says when it began', () => {
  writeFileSync(process.env.HIL_BENCH_BEGAN!, String(performance.timeOrigin + performance.now()))
})
