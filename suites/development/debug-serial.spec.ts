import { expect, feature } from '../../fixtures/index.ts'

const test = feature('debug-serial')

test('the console offers a login and gives a shell on the host', async ({ console, serial, board }) => {
  expect(board.hasConsole, 'a console is wired').toBe(true)
  expect(await console.text(board.poweredOnAt), 'the recording since power-on').toMatch(/login: /)
  await expect(serial).toRun(['uname', '-n'], { stdout: /^ghaf-host$/ })
})

test('what a program prints on the console arrives there', async ({ console, serial }) => {
  const word = `hil-${Math.trunc(performance.now())}`
  // The command's own streams are files; the shell that runs it still holds its terminal.
  const tty = await serial.sh('readlink /proc/$PPID/fd/* | grep -m1 -E "^/dev/(tty|console)"')
  expect(tty.stdout, 'the terminal of the console shell').toMatch(/^\/dev\//)
  await expect(serial).toRun(['sh', '-c', `echo ${word}- > ${tty.stdout}`])
  await expect(console).toPrint(new RegExp(`${word}-\\r?\\n`))
})

test('binary output survives the line', async ({ serial }) => {
  const result = await serial.sh(
    'i=0; while [ $i -lt 64 ]; do printf "\\\\$(printf %03o $i)"; i=$((i+1)); done; echo no >&2; exit 7',
  )
  expect(result.stdoutBytes).toEqual(Buffer.from(Array.from({ length: 64 }, (_, byte) => byte)))
  expect(result.stderr).toBe('no')
  expect(result.exitCode).toBe(7)
})

test('a release image offers no login on the console', { tag: '@release' }, async ({ console, board }) => {
  // SSH answers by now; a getty would have started beside it.
  await expect(console).not.toPrint(/login: /, { from: board.poweredOnAt, withinMs: 10_000 })
})
