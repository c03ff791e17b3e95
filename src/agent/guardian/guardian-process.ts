// Asleep until the process that started it is gone. Then it switches off the boards that one had, unless somebody else has
// them by then: its successor, or the next run, which begins with power off anyway. What it needs is loaded only then.

const [benchPath, graceMs] = process.argv.slice(2) as [string, string]
let boards: readonly string[] = []

process.on('message', (message: { watch: readonly string[] }) => (boards = message.watch))
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined)
process.once('disconnect', () => {
  if (boards.length > 0) setTimeout(() => void park(), Number(graceMs))
})

async function park(): Promise<void> {
  const { parkAll } = await import('./park.ts')
  await parkAll(benchPath, boards)
}
