import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser } from '@playwright/test'
import axe from 'axe-core'
import { releasePage } from '../../src/report/release/page.ts'
import { releaseReport } from '../../src/report/release/release.ts'
import { QUESTION, sampleSources } from '../../src/report/release/test-kit.ts'
import { open, startBrowser } from './browser.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'hil-release-page-'))
const URL = pathToFileURL(join(FOLDER, 'status.html')).href
const WAIVERS = [
  {
    feature: 'debug-serial',
    scope: ['x1'],
    approver: 'Ada Example',
    reason: 'no port',
    expires: '2026-12-31',
    where: 'w:2',
  },
  {
    feature: 'debug-ssh',
    scope: ['all'],
    approver: 'Ada Example',
    reason: 'no use',
    expires: '2026-12-31',
    where: 'w:7',
  },
  {
    feature: 'ci-builds',
    scope: ['all'],
    approver: 'Ada Example',
    reason: 'later',
    expires: '2026-08-31',
    where: 'w:12',
  },
]
const SCREENS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'narrow', colorScheme: 'light', viewport: { width: 390, height: 800 } },
  { name: 'narrow and dark', colorScheme: 'dark', viewport: { width: 390, height: 800 } },
] as const

describe('the report of a release, in a browser', () => {
  let browser: Browser
  before(async () => {
    writeFileSync(
      join(FOLDER, 'status.html'),
      releasePage(releaseReport({ ...sampleSources(), waivers: WAIVERS }, QUESTION)),
    )
    browser = await startBrowser()
  })
  after(async () => {
    await browser?.close()
    rmSync(FOLDER, { recursive: true })
  })

  for (const { name, ...options } of SCREENS)
    it(`breaks no rule of accessibility, asks for nothing and fits its window: ${name}`, async () => {
      const { page, complaints } = await open(browser, URL, options)
      await page.addScriptTag({ content: axe.source })
      const { violations, passes } = await page.evaluate<Audit>('axe.run()')
      assert.deepEqual(violations.map(sayViolation), [])
      assert.ok(passes.length > 30, `${passes.length} rules applied`)
      assert.deepEqual(complaints, [])
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
    })

  it('draws every chart: dots inside the picture, in the colours of the page', async () => {
    for (const [colorScheme, blue] of [
      ['light', 'rgb(27, 92, 171)'],
      ['dark', 'rgb(143, 188, 245)'],
    ] as const) {
      const { page } = await open(browser, URL, { colorScheme })
      const charts = await page.getByRole('img', { name: /^(?:Boot|Flash) times of / }).all()
      assert.equal(charts.length, 8)
      const dots = page.locator('figure').first().locator('circle')
      assert.equal(await dots.count(), 10)
      const last = dots.last()
      assert.equal(
        await page.evaluate(
          "getComputedStyle([...document.querySelector('figure').querySelectorAll('circle')].at(-1)).fill",
        ),
        blue,
      )
      const [dot, chart] = [await last.boundingBox(), await charts[0]!.boundingBox()]
      assert.ok(dot && chart && dot.x > chart.x && dot.x + dot.width < chart.x + chart.width)
      assert.ok(dot.y > chart.y && dot.y + dot.height < chart.y + chart.height)
    }
  })

  it('is read by headings and tables', async () => {
    const { page } = await open(browser, URL)
    await page.getByRole('heading', { level: 1, name: 'v26.08' }).waitFor()
    const row = page.getByRole('table').filter({ hasText: 'Why, and what proves it' }).first().getByRole('row').nth(1)
    assert.equal(await row.getByRole('rowheader').textContent(), 'root filesystem flashing')
    await page.getByRole('link', { name: 'Fixed' }).click()
    assert.ok(await page.getByRole('heading', { name: /^Fixed/ }).isVisible())
  })

  it('is printed light on white paper, in pages that have numbers', async () => {
    const { page } = await open(browser, URL, { colorScheme: 'dark' })
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(
      await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      'rgb(255, 255, 255)',
    )
    assert.equal(await page.getByRole('navigation').count(), 0)
    const pages =
      (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
    assert.ok(pages >= 4 && pages <= 14, `${pages} pages`)
  })
})

interface Audit {
  readonly violations: readonly Violation[]
  readonly passes: readonly unknown[]
}

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string }[]
}

function sayViolation({ id, help, nodes }: Violation): string {
  return `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join('\n')}`
}
