import { createHash } from 'node:crypto'
import { FACTOR, MODULUS } from './hash.ts'
import { HASH_FUNCTION, PRELUDE } from './prelude.ts'

/** All of printable ASCII, in order; a quote as it stands within quotes. */
const ALPHABET = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n))
  .join('')
  .replace("'", `'\\''`)

/** Leaves the loop, and with it our shell; typed by us, or by a person who wants the console back. */
export const LEAVE = 'hil-exit'

/** The chain over the numbers of the lines that a long text came in, each proven by itself, as the board takes it. */
export function chained(chain: number | undefined, line: number): number {
  return chain === undefined ? line : (chain * FACTOR + line) % MODULUS
}

/** What the loop and the functions of `prelude.ts` both need. `$1` is a proof of what runs here, `$2` the nonce. */
const HEAD = [
  `LC_ALL=C;_P=$1;_q=$2;_n=0;_b=;_e=0;_y=;_m=;_M=;_J=$(printf \\\\t);_A='${ALPHABET}'`,
  HASH_FUNCTION,
  // Twice, or with a hash: as the line that is answered came.
  `_w(){ if [ "$_M" ];then set -- "$_q.\${#1}.$1";printf '~=%s~=%s~\\n' "$1" "$1";else _k "$1" $_q;printf '~%s.%s~\\n' "$1" $_c;fi;}`,
  '_a(){ _w n.$_n.$_y.$_b;}',
  '_x(){ if [ $_m = $1 ];then $2 "$_p";else _a;fi;}',
  'trap : INT QUIT',
].join(';')

/**
 * The loop that listens on the board.
 *
 * It takes lines `<number>.<text>` twice with a tab between, or `<hash>.<text>` on a line that was seen to damage what is
 * sent: the hash proves the text and its number. Each line is run exactly once, in order, and a damaged one never. `=…`
 * and `+…` put a long text together, which `_x CHAIN WHAT` hands on when it is made of the very lines that were meant;
 * `@…` is a command to be answered, `(…` one for a subshell, anything else is evaluated. To all that has no answer of its
 * own it says which number it waits for and which command it ran last: `n.<number>.<command>.`. `!<number>.<hash>` has it
 * wait for a larger number and forget what is on its way: `n.<number>.<command>.<the number it waited for before>`.
 *
 * Not interactive: there is no prompt, no editing and no history, and what arrives damaged is never parsed as a command.
 */
const LOOP = [
  // An end of file that never ends is a terminal that is gone; one alone was a damaged byte, or an interrupt.
  'while :;do if IFS=$_J read -r _l _k;then _e=0;else _l=;_k=;_e=$((_e+1));if [ $_e -gt 99 ];then exit;fi;fi',
  'case $_l$_J$_k in $_n.*"$_J"$_n.*)_M=1;if [ "$_l" != "$_k" ];then _a;continue;fi;_v=${_l#*.};_c=$_n',
  `;${LEAVE}?)exit`,
  // Its numbers go up only: once it jumped, whatever is still on its way under an older number is refused for good.
  ';!*)_M=;_v=${_l#!};_k "${_v%.*}" $_q;if [ "$_c" = "${_v#*.}" ]&&[ ${_v%.*} -gt $_n ];then _b=${_b:-$_n};_n=${_v%.*};fi;_a;continue',
  ';*)_M=;_v=${_l#*.};_k "$_v" $((_q+_n));if [ "$_c.$_k" != "${_l%%.*}." ];then _a;continue;fi;_c=$_n;;esac',
  '_n=$((_n+1));_b=;case $_v in "("*)_h "$_v)";;@*)_h "${_v#@}";;=*)_p=${_v#=};_m=$_c;_a',
  `;+*)_p=$_p\${_v#+};_m=$(((_m*${FACTOR}+_c)%${MODULUS}));_a`,
  ';*)eval "$_v";;esac;done',
].join(';')

/** The loop alone, which then takes the functions as proven lines. */
export const CORE = `${HEAD};_K=$1;_a;${LOOP}`
/** The loop with its functions, which tells at once what it is ready for. */
const WHOLE = `${HEAD};${PRELUDE};${LOOP}`
/** What a board that found `WHOLE` to be whole says of it. */
export const WHOLE_PROOF = createHash('md5').update(WHOLE).digest('hex')

const RAW_LINE_CHARS = 700
const PROVEN_LINE_CHARS = 90

/** What is typed, and what the shell says behind it. */
export interface Typed {
  readonly typed: string
  readonly proof: string
}

/**
 * What is typed at the prompt of whatever shell is there: all of it, run only when the board finds its MD5 to be the right
 * one. In stages, because a terminal keeps 4095 bytes for a shell that is slower. In its echo nothing looks like an answer.
 */
export function wholeLines(nonce: number): { stages: Typed[]; start: string } {
  const parts = pieces(WHOLE, RAW_LINE_CHARS).map(piece => `_C="$_C"${quoted(piece)}\n`)
  const stage = (n: number, lines: string[]): Typed => ({
    typed: `${lines.join('')}printf '~%s~\\n' ${n}.${nonce}\n`,
    proof: `~${n}.${nonce}~`,
  })
  return {
    stages: [
      // `set` alone on its line: an ash that knows no `emacs` drops the rest of it. A bash that edits its lines is slow.
      stage(0, ['_T=$(stty -g);stty -echo\n', 'set +o emacs\n', '_C=\n', ...parts.slice(0, 3)]),
      stage(1, parts.slice(3)),
    ],
    start: [
      '_s=$(printf %s "$_C"|md5sum);_s=${_s%% *}\n',
      // A line of its own for the first answer: behind a prompt it would pass for the rest of somebody's text.
      `if [ "$_s" = ${WHOLE_PROOF} ];then echo;sh -c "$_C" sh $_s ${nonce};stty "$_T";else stty "$_T";${failed(nonce)};fi\n`,
    ].join(''),
  }
}

/** The loop alone for a line that damages much: each piece is to be typed until the shell has said `proof` of it. */
export function provenLines(nonce: number): { pieces: Typed[]; start: string[] } {
  const parts = pieces(CORE, PROVEN_LINE_CHARS)
  const names = parts.map((_, n) => `$_C${n}`).join('')
  return {
    pieces: parts.map((piece, n) => ({
      typed: `_C${n}=${quoted(piece)}\nprintf '~%s~\\n' "$_C${n}"\n`,
      proof: `~${piece}~`,
    })),
    start: [
      `_C="${names}"\n`,
      '_T=$(stty -g);stty -echo\n',
      `echo;sh -c "$_C" sh "$_C" ${nonce};stty "$_T"\n`,
      // Reached by the shell that is there only when the loop did not start; by the loop as no line of its own.
      `${failed(nonce)}\n`,
    ],
  }
}

/** What a shell that is there runs instead of the loop. */
function failed(nonce: number): string {
  return `printf '~%s~\\n' raw.${nonce}`
}

function pieces(text: string, most: number): string[] {
  return text.match(new RegExp(`.{1,${most}}`, 'g'))!
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
