import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from '@playwright/test'

/** The distribution's Chromium; `ci/setup` installs it. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Starts a browser without a screen. Errors: there is none, and how to get one. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.HIL_CHROMIUM ?? PATHS.find(path => existsSync(path))
  if (executablePath === undefined) throw new Error('no Chromium here: run ci/setup, or name one with HIL_CHROMIUM')
  // In containers Chromium has no namespaces of its own; what it opens here is our own page.
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Opens a page and collects what goes wrong in it. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', request => {
    if (!/^(?:file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints }
}
