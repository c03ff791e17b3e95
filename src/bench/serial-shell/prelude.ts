/**
 * What is typed into a fresh `sh` (busybox ash, dash, bash) so that its answers come back exactly.
 *
 * The terminal's echo and the prompts go, so nothing we type returns; the kernel's messages stay on. Every answer is
 * framed as `~<id>.<kind>.…~`, each frame printed by one `printf` and so by one write, which other programs' text
 * cannot cut. `[` is not in a frame's alphabet: a kernel line that lands inside one is recognised and skipped.
 *
 * `_h ID LENGTH COMMAND` runs a command with its streams in two files. Short plain text comes back from builtins alone
 * (`p`, one frame, sent twice), because a fork costs milliseconds on a slow board; anything else as a head (`l`) with
 * the MD5 of both streams, and numbered base64 lines. `_ha ID` repeats the last answer.
 */
export function prelude(readyMark: string): string {
  return `${LINES.join('\n')}\nprintf '~%s~\\n' ${readyMark}\n`
}

/** Characters that may travel bare in a `p` frame: printable ASCII without `~`, `[`, `!` (which stands for a newline), quotes and backslash. */
const PLAIN = 'A-Za-z0-9 /_.,:;@%=+()*<>{}?&#|-'

const LINES = [
  'exec sh',
  // In a variable, because bare in a pattern half of these characters would be syntax.
  `_hS='${PLAIN}'`,
  'set +o emacs',
  'stty -echo',
  'PS1=; PS2=; LC_ALL=C; TERM=dumb; PAGER=cat; SYSTEMD_PAGER=cat; export TERM PAGER SYSTEMD_PAGER; _hn=0',
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
]

/** Builtins that only print or test: run without a fork. Everything else runs in a subshell, so that it cannot change ours. */
const HARMLESS = new Set(['true', 'false', 'echo', 'printf', 'test', 'pwd', ':'])

/** The line that runs a command under the prelude. */
export function callLine(id: string, command: string, firstWord: string): string[] {
  const text = HARMLESS.has(firstWord) ? command : `(${command}\n)`
  const quoted = `'${text.replaceAll("'", `'\\''`)}'`
  const line = `_h ${id} ${Buffer.byteLength(text)} ${quoted}\n`
  if (line.length <= MAX_TYPED_BYTES) return [line]
  // A terminal takes at most 4095 bytes a line: a longer command is put together from parts.
  const parts = ['_hx=\n']
  for (let at = 0; at < text.length; at += PART_CHARS)
    parts.push(`_hx="$_hx"'${text.slice(at, at + PART_CHARS).replaceAll("'", `'\\''`)}'\n`)
  return [...parts, `_h ${id} ${Buffer.byteLength(text)} "$_hx"\n`]
}

const MAX_TYPED_BYTES = 3000
const PART_CHARS = 700
