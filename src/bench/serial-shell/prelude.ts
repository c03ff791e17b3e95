import { createHash } from 'node:crypto'

/**
 * What is typed into a fresh shell (busybox ash, dash, bash) so that its answers come back exactly.
 *
 * The terminal's echo and the prompts go, so nothing we type returns; the kernel's messages stay on. Every answer is
 * framed as `~<id>.<kind>.…~`, each frame printed by one `printf` and so by one write, which other programs' text
 * cannot cut. `[` is not in a frame's alphabet: a kernel line that lands inside one is recognised and skipped.
 *
 * `_h ID LENGTH COMMAND` runs a command with its streams in two files. Short plain text comes back from builtins alone
 * (`p`, one frame, sent twice), because a fork costs milliseconds on a slow board; anything else as a head (`l`) with
 * the MD5 of both streams, and numbered base64 lines. `_ha ID` repeats the last answer.
 *
 * A byte of this lost on the way would make every answer wrong, in both its copies. So it travels as text, is run only
 * when the board finds the MD5 we expect, and says so itself: `~ready.<attempt>.<md5>~`, or `~damaged.<attempt>.<md5>~`.
 * In the echo of what is typed both stand as `~%s~`.
 */
export function preludeLines(attempt: string): string[] {
  return [
    'exec sh',
    // Alone on its line: an ash that knows no `emacs` drops the rest of it.
    'set +o emacs',
    'stty -echo && _he=off; PS1=; PS2=; _hP=',
    ...pieces(PRELUDE).map(piece => `_hP="$_hP"${quoted(piece)}`),
    `_hk=${attempt}; _hm=$(printf %s "$_hP" | md5sum); _hm=\${_hm%% *}`,
    // An echo would pass for answers, and a bash that still edits its lines take a tab for a completion.
    'case $_he.${BASH_VERSION+$SHELLOPTS} in .*|*emacs*) _hm=terminal;; esac',
    `if [ "$_hm" = ${PRELUDE_MD5} ]; then eval "$_hP"; else printf '~%s~\\n' "damaged.$_hk.$_hm"; fi`,
  ].map(line => `${line}\n`)
}

/** What the board says to the prelude of an attempt; group 1: the MD5 it was proven by, group 2: that of a damaged one. */
export function preludeVerdict(attempt: string): RegExp {
  return new RegExp(`~ready\\.${attempt}\\.(${PRELUDE_MD5})~|~damaged\\.${attempt}\\.([^~\\r\\n]{0,40})~`)
}

/** Characters that may travel bare in a `p` frame: printable ASCII without `~`, `[`, `!` (which stands for a newline), quotes and backslash. */
const PLAIN = 'A-Za-z0-9 /_.,:;@%=+()*<>{}?&#|-'

const PRELUDE = [
  // In a variable, because bare in a pattern half of these characters would be syntax.
  `_hS='${PLAIN}'`,
  'unset PROMPT_COMMAND; PS1=; PS2=; LC_ALL=C; TERM=dumb; PAGER=cat; SYSTEMD_PAGER=cat; export TERM PAGER SYSTEMD_PAGER; _hn=0',
  'for _hd in "${TMPDIR:-/tmp}" /run /dev/shm "$HOME"; do _hd="$_hd/.hil.$$"; mkdir -m 700 "$_hd" 2>/dev/null && break; done',
  // Sent twice in one write: a copy that was damaged is told from one that was not by its length.
  '_hw() { printf \'~%s~%s~\\n\' "$1" "$1"; }',
  '_h() { if [ ${#3} -ne $2 ]; then _hw "$1.x"; return; fi; _hi=$1; eval "$3" >"$_hd/o" 2>"$_hd/e" </dev/null; _hr=$?; _ha "$1"; }',
  '_ha() { if [ "$_hi" != "$1" ]; then _hw "$1.x"; elif [ -s "$_hd/e" ] || ! _hp "$1"; then _hl "$1"; fi; }',
  [
    '_hp() { _f=; if [ -s "$_hd/o" ]; then { while IFS= read -r _l <&4; do',
    'case $_l in *[!$_hS]*) return 1;; esac;',
    '_f="$_f$_l!"; if [ ${#_f} -gt 400 ]; then return 1; fi; done;',
    // What stands behind the last newline.
    'case $_l in *[!$_hS]*) return 1;; esac; if [ ${#_l} -gt 400 ]; then return 1; fi;',
    // The file position tells whether `read` swallowed NUL bytes.
    '_f="$_f$_l"; read -r _k _p </proc/self/fdinfo/4; } 4<"$_hd/o"; if [ "$_p" != ${#_f} ]; then return 1; fi; fi;',
    '_hw "$1.p.$_hr.${#_f}.$_f"; }',
  ].join(' '),
  '_hs() { set -- $(md5sum <"$_hd/$1"); _k=$1; }',
  '_hl() { _hs o; _o=$_k; _hs e; _hw "$1.l.$_hr.$_o.$_k"; _hc "$1" o; _hc "$1" e; _hw "$1.z"; }',
  '_hc() { _n=0; base64 -w 480 "$_hd/$2" | while read -r _l; do printf \'~%s.%s.%s.%s.%s~\\n\' "$1" "$2" $_n ${#_l} "$_l"; _n=$((_n+1)); done; }',
  'printf \'~%s~\\n\' "ready.$_hk.$_hm"',
  // Without a newline, so that no typed line ends within quotes: bash would look for its `!` in the rest.
].join('; ')
const PRELUDE_MD5 = createHash('md5').update(PRELUDE).digest('hex')

/** Builtins that only print or test: run without a fork. Everything else runs in a subshell, so that it cannot change ours. */
const HARMLESS = new Set(['true', 'false', 'echo', 'printf', 'test', 'pwd', ':'])

/** The line that runs a command under the prelude. */
export function callLine(id: string, command: string, firstWord: string): string[] {
  const text = HARMLESS.has(firstWord) ? command : `(${command}\n)`
  const line = `_h ${id} ${Buffer.byteLength(text)} ${quoted(text)}\n`
  if (line.length <= MAX_TYPED_BYTES) return [line]
  // A terminal takes at most 4095 bytes a line: a longer command is put together from parts.
  const parts = ['_hx=\n']
  for (const piece of pieces(text)) parts.push(`_hx="$_hx"${quoted(piece)}\n`)
  return [...parts, `_h ${id} ${Buffer.byteLength(text)} "$_hx"\n`]
}

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PART_CHARS) }, (_, n) =>
    text.slice(n * PART_CHARS, (n + 1) * PART_CHARS),
  )
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

const MAX_TYPED_BYTES = 3000
const PART_CHARS = 700
