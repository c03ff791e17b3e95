import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from '@playwright/test'
import axe from 'axe-core'
import { open, startBrowser } from './browser.ts'
import { SampleRunFolder } from './sample-run.ts'

// The report of a run as a reader has it: a file opened in a browser, by mouse, by keyboard, by link, without JavaScript.

let browser: Browser
let run: SampleRunFolder

before(async () => {
  browser = await startBrowser()
  run = new SampleRunFolder()
})
after(async () => {
  run[Symbol.dispose]()
  await browser.close()
})

const VIEWS = ['', '#netvm/nuc-1', '#debug-ssh/nuc-9/logs-in', '#board:nuc-9', '#x86-image/nuc-2']

describe('the page of a run', () => {
  it('breaks no rule of accessibility in any view, dark or light, and fits a phone', async () => {
    for (const view of VIEWS) {
      const { page, complaints } = await open(browser, run.page + view)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.deepEqual(await violations(page), [], `${view || 'all'}, ${colorScheme}`)
      }
      await page.setViewportSize({ width: 390, height: 844 })
      assert.ok(await fitsWidth(page), `${view || 'all'} scrolls sideways on a phone`)
      if (view === '') assert.deepEqual(await violations(page), [], 'on a phone')
      assert.deepEqual(complaints, [])
      await page.close()
    }
  })

  it('finds violations where there are some: the check can fail', async () => {
    const { page } = await open(browser, run.page)
    await page.evaluate(`document.querySelector('#search').removeAttribute('aria-label')`)
    await page.evaluate(`document.querySelector('#search').removeAttribute('placeholder')`)
    assert.deepEqual(await violations(page), ['label: #search'])
    await page.close()
  })

  it('is walked by keyboard: search, down, open, next, back', async () => {
    const { page, complaints } = await open(browser, run.page)
    await page.keyboard.press('/')
    await page.keyboard.type('vfio nuc-1')
    assert.equal(await page.textContent('#count'), '0 of 27 results')
    await page.keyboard.press('Escape')
    assert.equal(await page.textContent('#count'), '27 results')
    await page.keyboard.press('/')
    await page.keyboard.type('netvm nuc')
    assert.equal(await page.textContent('#count'), '3 of 27 results')
    await page.keyboard.press('ArrowDown')
    assert.equal(await focused(page), '#netvm/nuc-1')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    assert.equal(await focused(page), '#netvm/nuc-1')
    assert.notEqual(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`), 'none')
    await page.keyboard.press('Enter')
    assert.equal(await page.textContent('#detail-title').then(words), '✗fail netvm on nuc-1')
    assert.equal(await page.evaluate(`document.activeElement?.id`), 'detail-title')
    await page.keyboard.press('j')
    assert.match(page.url(), /#netvm\/nuc-2$/)
    await page.keyboard.press('Escape')
    // Back is a step of the browser's history, which it takes when it suits.
    await page.waitForSelector('#overview', { state: 'visible', timeout: 5000 })
    assert.equal(await focused(page), '#netvm/nuc-2')
    assert.deepEqual(complaints, [])
    await page.close()
  })

  it('filters by verdict, board and blame, in matrix, problems and results alike', async () => {
    const { page } = await open(browser, run.page)
    await page.click('.chip.error')
    assert.equal(await page.textContent('#count'), '1 of 27 results')
    assert.deepEqual(await page.locator('#matrix a.cell:visible').allTextContents(), ['!error'])
    assert.equal(await page.locator('#problems .problem:visible').count(), 1)
    assert.equal(await page.textContent('#problems h2 small'), '1 of 6 problems')
    await page.click('.chip.error')
    await page.selectOption('select >> nth=0', 'nuc-1')
    assert.equal(await page.textContent('#count'), '6 of 27 results')
    await page.selectOption('select >> nth=1', 'product')
    assert.equal(await page.textContent('#count'), '2 of 27 results')
    await page.click('text=Clear')
    assert.equal(await page.textContent('#count'), '27 results')
    await page.close()
  })

  it('finds a test by its title', async () => {
    const { page } = await open(browser, run.page)
    await page.fill('#search', 'wrong password')
    assert.equal(await page.getAttribute('a.sub', 'href'), '#debug-ssh/orin-1/refuses-a-wrong-password')
    await page.click('a.sub')
    assert.equal(
      await page.locator('details.test[open] .title').textContent().then(words),
      'refuses a wrong password attempt 2',
    )
    await page.close()
  })

  it('tells a failure: whose fault, expected, seen, next, the command to try again', async () => {
    const { page } = await open(browser, `${run.page}#netvm/nuc-1`)
    const told = words(await page.textContent('#detail .problem'))
    for (const part of ['The product', 'product/no-guest', 'net-vm to answer', 'no route to host', 'see its unit']) {
      const said = part === 'see its unit' ? 'systemctl status microvm@' : part
      assert.ok(told.toLowerCase().includes(said.toLowerCase()), `${said} in ${told}`)
    }
    assert.match(told, /hil run --device nuc-1 --feature netvm --bench tampere-1 --no-flash/)
    await page.close()
  })

  it('keeps a link to a test, and to a moment of its console, over a reload', async () => {
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in@400`)
    for (let time = 0; time < 2; time++) {
      assert.equal(await page.locator('details.test[open] .title').textContent(), 'logs in')
      // T0 + 400 ms is 37.4 s after the first line: line 374.
      assert.match(words(await page.textContent('li.here')), /^\+0\.400 line 374\b/)
      await page.reload()
    }
    await page.close()
  })

  it('jumps from a step to what the console said at that moment', async () => {
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in`)
    await page.click('.acts button.at >> nth=1')
    assert.match(words(await page.textContent('li.here')), /^\+0\.100 line 371\b/)
    assert.equal(await page.locator('li.here').isVisible(), true)
    await page.close()
  })

  it('shows commands with what they said, below their steps, and attachments', async () => {
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in`)
    const acts = await page.locator('.act .what').allTextContents()
    assert.deepEqual(acts.slice(0, 2).map(words), [
      'the host answers development/debug-ssh.spec.ts:6',
      'ssh host uname -n',
    ])
    assert.match(words(acts[2] ?? ''), /^serial echo .* exit 3$/)
    const drawn = await page.evaluate(
      `document.querySelector('.files img').decode().then(() => document.querySelector('.files img').naturalWidth)`,
    )
    assert.equal(drawn, 1)
    assert.match(
      words(await page.textContent('.files li >> nth=2')),
      /^core application\/octet-stream, 293\.0 KiB, beside this page$/,
    )
    await page.close()
  })

  it('says what of a long console is not in it, and where the whole one is', async () => {
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in`)
    const caption = words(await page.textContent('.console-view .caption'))
    assert.match(
      caption,
      /^bytes 134464–200000 \(64\.0 KiB\) 131\.3 KiB before it are not in this page: see the whole recording\./,
    )
    assert.equal(await page.getAttribute('.console-view .caption a', 'href'), 'nuc-9/console.log')
    await page.close()
  })

  it('lets nothing run that a board, a suite or a file says, and shows what hides in it', async () => {
    for (const view of VIEWS) {
      const { page, complaints } = await open(browser, run.page + view)
      assert.equal(await page.evaluate(`'harmed' in window`), false, view)
      assert.deepEqual(complaints, [])
      await page.close()
    }
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in`)
    const said = await page.textContent('.act.fail pre')
    assert.equal(said, `</script><script>window.harmed=1</script><img src=x onerror="window.harmed=1">'"‹U+202E›red␇`)
    assert.equal(
      await page
        .locator('.files a', { hasText: 'img' })
        .first()
        .getAttribute('href')
        .then(href => href?.slice(0, 16)),
      'data:text/plain;',
    )
    await page.close()
  })

  it('quotes no file that is not the run’s', async () => {
    const { page } = await open(browser, `${run.page}#debug-ssh/nuc-9/logs-in`)
    assert.equal(await page.locator('.files li', { hasText: 'secret' }).count(), 0)
    assert.match(
      words(await page.textContent('.inside')),
      /Not in this page: what the log names outside the run’s folder\./,
    )
    await page.close()
  })

  it('shows matrix, verdicts and problems without JavaScript', async () => {
    const { page } = await open(browser, run.page, { javaScriptEnabled: false })
    assert.equal(await page.locator('#matrix a.cell:visible').count(), 27)
    assert.equal(
      words(await page.locator('#matrix tbody tr', { hasText: 'netvm' }).textContent()),
      'netvmnetvm✓pass✗fail–blocked–miss·skip',
    )
    assert.match(words(await page.textContent('#problems')), /no route to host, 60 times/)
    assert.equal(await page.locator('#toolbar:visible, #results:visible').count(), 0)
    await page.close()
  })

  it('has landmarks, one first heading, and headings that skip no level', async () => {
    for (const view of VIEWS) {
      const { page } = await open(browser, run.page + view)
      for (const role of ['banner', 'main', 'search', 'contentinfo'] as const)
        assert.equal(await page.getByRole(role).count(), 1, `${role} in ${view}`)
      const levels = await page
        .locator(':is(h1, h2, h3, h4):visible')
        .evaluateAll(all => all.map(h => Number(h.tagName[1])))
      assert.equal(levels.filter(level => level === 1).length, 1)
      assert.ok(
        levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
        levels.join(),
      )
      await page.close()
    }
  })

  it('keeps the theme somebody chose', async () => {
    const { page } = await open(browser, run.page, { colorScheme: 'light' })
    const ground = (): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.documentElement).backgroundColor`)
    const light = await ground()
    await page.getByRole('button', { name: 'Theme: system' }).click()
    await page.getByRole('button', { name: 'Theme: light' }).click()
    assert.notEqual(await ground(), light)
    await page.close()
  })
})

function words(text: string | null): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').trim()
}

async function focused(page: Page): Promise<string | null> {
  return await page.evaluate<string | null>(`document.activeElement?.getAttribute('href')`)
}

async function fitsWidth(page: Page): Promise<boolean> {
  return await page.evaluate<boolean>(`document.documentElement.scrollWidth <= innerWidth`)
}

/** What axe has against a page: `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate<axe.AxeResults>(`axe.run(document)`)
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}
