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
  process.stdout.write({ bash, zsh, fish }[shell](verbs))
}

type Verbs = readonly { name: string; about: string; inner: readonly string[]; options: readonly string[] }[]

const BOARDS = `hil boards --json 2>/dev/null | sed -n 's/.*"\\(board\\|type\\)": "\\(.*\\)".*/\\2/p' | sort -u`

function bash(verbs: Verbs): string {
  return `_hil() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  case $before in
    --device|-d|console|log|ssh|flash|power) words="$(${BOARDS}) all" ;;
    --image|-i|--trust-key|inspect|--from|--evidence|--report-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;
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

function zsh(verbs: Verbs): string {
  return `#compdef hil
autoload -U +X bashcompinit && bashcompinit
${bash(verbs)}`
}

function fish(verbs: Verbs): string {
  const lines = verbs.flatMap(({ name, about, inner, options }) => [
    `complete -c hil -n __fish_use_subcommand -f -a ${name} -d '${about}'`,
    ...inner.map(word => `complete -c hil -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
    ...options.map(
      option => `complete -c hil -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}`,
    ),
  ])
  return `${lines.join('\n')}\ncomplete -c hil -n '__fish_seen_subcommand_from console log ssh flash power' -f -a '(${BOARDS})'\n`
}
