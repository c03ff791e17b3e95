import { defineConfig } from '@playwright/test'

/** Suites are run by `hil run`, one process per board: one worker, no retries (a repeat is the run's decision). */
export default defineConfig({
  testDir: process.env.HIL_SUITES_DIR ?? '.',
  testMatch: '**/*.spec.ts',
  workers: 1,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 15_000 },
  outputDir: process.env.HIL_OUTPUT ?? '../reports/runs/playwright',
  reporter: [
    ['../fixtures/reporter.ts'],
    ...(process.env.HIL_PLAYWRIGHT_REPORT
      ? [['html', { outputFolder: process.env.HIL_PLAYWRIGHT_REPORT, open: 'never' }] as ['html', object]]
      : []),
  ],
})
