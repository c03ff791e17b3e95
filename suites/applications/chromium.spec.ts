import { browserComplaint, expect, feature } from '../../fixtures/index.ts'
import { close, homeOf, open, runsIn, type Application } from './applications.ts'

const test = feature('chromium')

/** Not Chrome's usual 9222, which a user may have opened. */
const DEVTOOLS_PORT = 9333

const BROWSER: Application = {
  menu: ['Google Chrome', 'Chromium'],
  homes: ['chrome-vm', 'chromium-vm'],
  process: '[c]hrom(e|ium)($| |/)',
}

test('opened from the desktop it runs in its own VM, and ends when it is closed', async ({ shell, vm, board }) => {
  const home = await homeOf(shell, BROWSER)
  expect(home, `a VM that runs: ${BROWSER.homes.join(' or ')}`).toBeDefined()
  try {
    await open(BROWSER, { vm, home: home!, twin: board.twin })
    expect(await runsIn(vm, [home!, 'gui-vm'], BROWSER), 'where it runs').toEqual([home])
  } finally {
    await close(vm(home!), BROWSER)
  }
})

test('it shows a page and runs what is in it', async ({ shell, vm, browsers, board }) => {
  test.skip(board.twin, 'a virtual board has a process that stands in for the browser')
  const home = await homeOf(shell, BROWSER)
  expect(home, `a VM that runs: ${BROWSER.homes.join(' or ')}`).toBeDefined()
  const guest = vm(home!)
  // One of its own beside the user's, with a profile that is gone with it: the page is what counts, not the window.
  const start = `d=$(mktemp -d) && b=$(command -v google-chrome-stable || command -v google-chrome || command -v chromium) &&
    setsid "$b" --headless=new --remote-debugging-port=${DEVTOOLS_PORT} --user-data-dir="$d" < /dev/null > /dev/null 2>&1 &
    command -v google-chrome-stable || command -v google-chrome || command -v chromium`
  const started = await guest.sh(start)
  expect(started.exitCode, 'a browser is installed').toBe(0)
  try {
    await expect(guest).toRun(['nc', '-zw1', '127.0.0.1', String(DEVTOOLS_PORT)], { withinMs: 30_000 })
    expect(await browserComplaint(await browsers.connect(home!, DEVTOOLS_PORT))).toBeUndefined()
  } finally {
    await guest.run(['pkill', '-f', `[r]emote-debugging-port=${DEVTOOLS_PORT}`])
  }
})
