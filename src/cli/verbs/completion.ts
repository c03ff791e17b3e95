import { loadFeatures } from '../../run/catalog.ts'
import { VERBS } from '../verbs.ts'
import { interruptSignal } from '../interrupt.ts'

/** `hil completion`: a script that completes verbs, their options, and the names of boards and features. */
export async function completion(shell: 'bash' | 'zsh' | 'fish'): Promise<void> {
  const verbs = VERBS.map(verb => verb(interruptSignal)).map(command => ({
    name: command.name(),
    about: command.description().replaceAll("'", ''),
    inner: command.commands.map(inner => inner.name()),
    options: [
      ...[command, ...command.commands].flatMap(({ options }) => options.map(option => option.long ?? '')),
      '--help',
    ],
  }))
  const features = loadFeatures().map(({ id }) => id)
  process.stdout.write({ bash, zsh, fish }[shell](verbs, features))
}

type Verbs = readonly { name: string; about: string; inner: readonly string[]; options: readonly string[] }[]

const BOARDS = `hil boards --json 2>/dev/null | sed -n 's/.*"\\(board\\|type\\)": "\\(.*\\)".*/\\2/p' | sort -u`

/** Verbs whose argument is a row of the status page. */
const OF_FEATURES = ['history', 'explain', 'attest']

function bash(verbs: Verbs, features: readonly string[]): string {
  return `_hil() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  case $before in
    --device|-d|console|log|ssh|flash|power) words="$(${BOARDS}) all" ;;
    --feature|-f|${OF_FEATURES.join('|')}) words="${features.join(' ')}" ;;
    --image|-i|--trust-key|inspect|--from|--evidence|--report-dir|--policy) COMPREPLY=($(compgen -f -- "$word")); return ;;
    *) case \${COMP_WORDS[1]} in
${verbs.map(({ name, inner, options }) => `      ${name}) words="${[...inner, ...options].join(' ')}" ;;`).join('\n')}
      *) words="${verbs.map(({ name }) => name).join(' ')}" ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _hil hil
`
}

function zsh(verbs: Verbs, features: readonly string[]): string {
  return `#compdef hil
autoload -U +X bashcompinit && bashcompinit
${bash(verbs, features)}`
}

function fish(verbs: Verbs, features: readonly string[]): string {
  const lines = verbs.flatMap(({ name, about, inner, options }) => [
    `complete -c hil -n __fish_use_subcommand -f -a ${name} -d '${about}'`,
    ...inner.map(word => `complete -c hil -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
    ...options.map(
      option => `complete -c hil -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}`,
    ),
  ])
  return `${lines.join('\n')}\ncomplete -c hil -n '__fish_seen_subcommand_from console log ssh flash power' -f -a '(${BOARDS})'
complete -c hil -n '__fish_seen_subcommand_from ${OF_FEATURES.join(' ')}' -f -a '${features.join(' ')}'
`
}
