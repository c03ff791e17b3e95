import { Command } from 'commander'
import { benchOption, repeatable, reportDirOption, trustKeyOption } from './options.ts'
import type { Verb } from './verbs.ts'

/** `hil golden`: the images that boards are compared with. */
export const golden: Verb = signal => {
  const sub = (name: string, description: string): Command =>
    new Command(name).description(description).addOption(benchOption()).option('--json', 'as JSON').exitOverride()
  return new Command('golden')
    .description('known good images: what a board that does not boot another image is tried with')
    .addHelpText(
      'after',
      '\nKept on disk as copies, by digest; no gc removes them.' +
        '\n\nExamples:\n  hil golden set orin --image result/ghaf.img.zst\n  hil golden promote\n  hil golden list',
    )
    .addCommand(
      sub('set', 'name an image as known to be good')
        .argument('<board-type|board>', "a board's own goes before its type's")
        .addOption(repeatable('-i, --image <[variant=]image>', 'a file, URL or build result', 'required'))
        .addOption(trustKeyOption())
        .addHelpText('after', '\nExample:\n  hil golden set orin --image result/ghaf.img.zst --bench lab.yaml')
        .action(async (of, options) => (await import('./verbs/golden.ts')).set(of, options, signal)),
    )
    .addCommand(
      sub('list', 'the golden images of a bench: of what, which, since when, from which run')
        .addHelpText('after', '\nExample:\n  hil golden list --bench lab.yaml --json')
        .action(async options => (await import('./verbs/golden.ts')).list(options, signal)),
    )
    .addCommand(
      sub('promote', 'make the image of a good run the golden one: proven to be main, and nothing of it failed')
        .argument('[run]', 'its name (default: the newest good one of main)')
        .option('-d, --device <name>', 'only of this board type, or for this board alone')
        .addOption(reportDirOption())
        .addHelpText(
          'after',
          '\nExamples:\n  hil golden promote\n  hil golden promote 20261126-0311-k3f9 --device orin',
        )
        .action(async (run, options) => (await import('./verbs/golden.ts')).promote(run, options, signal)),
    )
}
