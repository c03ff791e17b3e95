// Proofs that take too long for every commit: `npm run proof -- kills`.
import { program } from 'commander'
import { figures } from './figures.ts'
import { kills } from './kills.ts'
import { mutation } from './mutation.ts'
import { stops } from './stops.ts'

program
  .name('npm run proof --')
  .description(
    'Proofs that take too long for every commit; what one found is kept in reports/proof/. Exits 1 if it does not hold, 2 if it was not understood.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode && 2))
for (const proof of [kills, stops, mutation, figures]) program.addCommand(proof.copyInheritedSettings(program))
await program.parseAsync()
