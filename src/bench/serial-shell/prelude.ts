import { FACTOR, MODULUS } from './hash.ts'

/** `_k TEXT START` leaves the hash of a text in `_c`; see `hash.ts`. */
export const HASH_FUNCTION = `_k(){ _s=$1;_c=$2;while [ "$_s" ];do _t=\${_s#?};_i=\${_A%%"\${_s%"$_t"}"*};_c=$(((_c*${FACTOR}+\${#_i})%${MODULUS}));_s=$_t;done;}`

/**
 * Characters that travel as they are in an answer. `!` stands for a newline there, `^100` for a tab, `^e` for the place
 * where standard error begins, and `^101` to `^194` for the rest of printable ASCII, by its place in `_A`: `~` would end
 * a frame, `[` begins a kernel's line. In ranges of ASCII, since a shell tries one after the other for each character.
 */
const PLAIN = ' #%&(-Z_a-}'

/** Answers are sent this much at a time, so that what the receiver keeps is bounded. */
export const WINDOW_BYTES = 24_576
/** Bytes of an answer in one frame: each size divides the one before, and is a multiple of 3 (base64) and of 16 (od). */
export const PART_SIZES = [384, 192, 96, 48] as const
/** Short text of at most so many characters, as it travels, is answered in one frame. */
export const PLAIN_CHARS = 360
/** So is anything else of at most so many bytes, in a code, on a line that is clean. */
export const CODED_BYTES = 384

const PLACE = `(_q+_y*524287+_x*8191+_O)%${MODULUS}`

/**
 * The functions behind the loop of `core.ts`, which takes them as proven lines.
 *
 * `_h COMMAND` runs a command with its streams in two files, and answers. Short text comes back from builtins alone (`p`),
 * because a process costs milliseconds on a slow board; anything else that is short in a code, in one frame (`c`); the
 * rest as a head (`l`) with size and CRC of both streams, and numbered parts, each with a check of its own; `z` says that
 * all asked for was sent. `_ha` repeats the last answer, `_hg STREAM SIZE FIRST COUNT` sends some parts again.
 *
 * `[` is in no frame: a kernel line that lands inside one is recognised and skipped. Each frame is one `printf` and so
 * one write, which other programs' text cannot cut.
 */
export const PRELUDE = [
  `_S='${PLAIN}'`,
  'unset PROMPT_COMMAND',
  'TERM=dumb PAGER=cat SYSTEMD_PAGER=cat GIT_PAGER=cat',
  'export TERM PAGER SYSTEMD_PAGER GIT_PAGER',
  // Files of one command each: what a program that stayed behind still writes must not land in the next one's.
  'for _i in "${TMPDIR:-/tmp}" /run /dev/shm "$HOME";do _d=$_i/.hil.$$;mkdir -m 700 "$_d" 2>/dev/null&&break;_d=;done',
  // Damaged bytes must not stop the output, suspend us or end the input.
  `trap 'rm -rf "$_d"' EXIT;trap _I=1000 INT QUIT`,
  'stty -ixon -iexten susp undef eof undef 2>/dev/null||stty -ixon',
  '_E=-;case $(printf abcd|base64 -w 4 2>&1) in YWJj*ZA==)_E=b;;*)case $(printf a|od -An -v -tx1 2>&1) in *61*)_E=x;;esac;;esac',
  // c: the CRC of a whole output; s: of each of its parts as well.
  `_D=-;if [ "$(printf a|cksum 2>&1)" = '1220704766 1' ];then _D=c;if command -v split>/dev/null;then _D=s;fi;fi`,
  `_N=$(printf '\\n.');_N=\${_N%.};_W=$IFS;_F=;if [ -e /proc/self/fdinfo/1 ];then _F=1;fi;_z=${PART_SIZES[0]};_g=${PLAIN_CHARS};_I=0`,
  [
    // The answer before frees its space now, if that is worth it, and its names from time to time: a process is too dear for each.
    '_h(){ if [ "$_y" ];then if [ $((_y%64)) -eq 0 ];then rm -f "$_d"/*.?;elif [ ${_X:-9999} -gt 4095 ];then { :;}>"$_d/$_y.o";fi;fi;_y=$((_n-1));_I=0;_r=-1;_u=/dev/null',
    // Its text says whether it takes the input that was sent, so that what an earlier one left there cannot become its own.
    'case $1 in "<"*)_u=$_d/i;set -- "${1#?}";;esac;{ eval "$1";_r=$?',
    // How long both are: nothing, or where they end, which is where a read that finds no more stands.
    '_X=0;if [ -s "$_d/$_y.o" ];then _X=;if ! read -r _i<&1&&[ "$_F" ];then read -r _i _X</proc/self/fdinfo/1;fi;fi',
    '_Y=0;if [ -s "$_d/$_y.e" ];then _Y=;if ! read -r _i<&2&&[ "$_F" ];then read -r _i _Y</proc/self/fdinfo/2;fi;fi;} 1<>"$_d/$_y.o" 2<>"$_d/$_y.e" <"$_u"',
    'if [ $_r -lt 0 ];then _w "$_y.d";else _r=$((_r+_I));_ha;fi;}',
  ].join(';'),
  '_ha(){ _hp||_hc||_hl $1;}',
  [
    '_hp(){ _f=;if [ ${_X:-999} -gt $_g ]||[ ${_Y:-999} -gt $_g ];then return 1;fi;if [ "$_X" != 0 ];then _ht $_X<"$_d/$_y.o"||return 1;fi',
    'if [ "$_Y" != 0 ];then _f="$_f^e";_ht $_Y<"$_d/$_y.e"||return 1;fi;_w "$_y.p.$_r.$_f";}',
  ].join(';'),
  [
    '_ht(){ _L=0;while IFS= read -r _l;do _L=$((_L+${#_l}+1));_hq||return 1;_f="$_f!";done',
    // What stands behind the last newline. The length tells whether `read` swallowed NUL bytes.
    'if [ "$_l" ];then _L=$((_L+${#_l}));_hq||return 1;fi;[ $1 = $_L ];}',
  ].join(';'),
  [
    '_hq(){ while :;do case $_l in *[!$_S]*);;*)_f="$_f$_l";[ ${#_f} -le $_g ];return;;esac',
    // One that is in the version of many a kernel: to look for it character by character takes three times as long.
    'case $_l in *[!$_S~]*);;*)set -f;IFS=\\~;set -- ${_l}x;IFS=$_W;set +f;_f=$_f$1;shift;for _i;do _f="$_f^194$_i";done;_f=${_f%x};[ ${#_f} -le $_g ];return;;esac',
    '_t=${_l%%[!$_S]*};_f=$_f$_t;_l=${_l#"$_t"};_t=${_l#?};_i=${_l%"$_t"};_l=$_t',
    'case $_i in "$_J")_t=;;*)_t=${_A%%"$_i"*};;esac;if [ ${#_t} -gt 94 ]||[ ${#_f} -gt $_g ];then return 1;fi;_f="$_f^$((100+${#_t}))";done;}',
  ].join(';'),
  [
    `_hc(){ [ "$_M" ]&&[ $((\${_X:-999}+\${_Y:-999})) -le ${CODED_BYTES} ]||return 1;_l=;_f=;if [ -s "$_d/$_y.o" ];then _hd<"$_d/$_y.o";_l=$_f;fi;_f=;if [ -s "$_d/$_y.e" ];then _hd<"$_d/$_y.e";fi`,
    // More than was told, or nothing to make the code with.
    `_f=$_l.$_f;if [ "$_f" = . ]||[ \${#_f} -gt ${2 * CODED_BYTES + 8} ];then return 1;fi;_w "$_y.c.$_r.$_f";}`,
  ].join(';'),
  '_hd(){ case $_E in b)_f=$(base64 -w 0);;x)_f=$(_b $_z);;esac;}',
  [
    '_hl(){ if [ $_E = - ];then _w "$_y.u";return;fi',
    'if [ $_D != - ];then set -- "$1" $(cd "$_d";cksum $_y.o $_y.e);else set -- "$1" - $(wc -c<"$_d/$_y.o") . - $(wc -c<"$_d/$_y.e");fi',
    '_w "$_y.l.$_r.$2.$3.$5.$6";if [ ! "$1" ];then _ho o $3;_ho e $6;fi;_hz;}',
  ].join(';'),
  // All in one go where it is one window; the rest is asked for.
  `_ho(){ if [ $2 -gt ${WINDOW_BYTES} ];then _hg $1 $_z 0 $((${WINDOW_BYTES}/_z));elif [ $2 -gt 0 ];then _hg $1 $_z 0 $((($2-1)/_z+1)) all;fi;}`,
  '_hz(){ _w "$_y.z.$((_n-1))";}',
  [
    '_hg(){ _O=1;if [ $1 = e ];then _O=2;fi;_x=$(($2*$3));_f=$_d/$_y.$1',
    'if [ ! "$5" ];then dd if="$_f" bs=$2 skip=$3 count=$4 of="$_d/w" 2>/dev/null;_f=$_d/w;fi',
    // Parts of an answer that comes whole, and whose CRC stands in its head, need no check of their own.
    `if [ "$5" ]&&[ "$_M" ]&&[ $_D != - ];then _b $2<"$_f"|while read -r _l;do printf '~%s.%s.%s.u%s.%s~\\n' $_y $1 $_x \${#_l} "$_l";_x=$((_x+$2));done;return;fi`,
    // Few parts are hashed here; for many it pays to have `cksum` take all at once.
    'if [ $4 -gt 3 ]&&[ $_D = s ];then split -b $2 "$_f" "$_d/c.";cksum "$_d"/c.*>"$_d/k"',
    `_b $2<"$_f"|while read -r _l&&read -r _c _i<&4;do printf '~%s.%s.%s.c%s.%s~\\n' $_y $1 $_x $(((_c+${PLACE})%${MODULUS})) "$_l";_x=$((_x+$2));done 4<"$_d/k"`,
    `else _b $2<"$_f"|while read -r _l;do _k "$_l" $((${PLACE}));printf '~%s.%s.%s.h%s.%s~\\n' $_y $1 $_x $_c "$_l";_x=$((_x+$2));done;fi;}`,
  ].join(';'),
  [
    'case $_E in b)_b(){ base64 -w $(($1/3*4));};;x)_b(){ od -An -v -tx1|{ _B=$(($1*2));_f=',
    'while read -r _l;do set -- $_l;for _i;do _f=$_f$_i;done;if [ ${#_f} -ge $_B ];then echo $_f;_f=;fi;done;if [ "$_f" ];then echo $_f;fi;};};;esac',
  ].join(';'),
  // What is to be a command's input comes in pieces: base64 where it can be decoded, else escapes of `printf`.
  `_i(){ if [ $_E = b ];then printf '%s\\n' "$1">>"$_d/j";else printf "$1">>"$_d/i";fi;_a;}`,
  '_i0(){ { :;}>"$_d/j";{ :;}>"$_d/i";_a;}',
  '_i1(){ if [ $_E = b ];then base64 -d<"$_d/j">"$_d/i";fi;_a;}',
  // What the board is ready for, and the proof of what says so.
  '_R(){ _w "r.$_n.$_E.$_D.${_d:+w}.$_P";}',
  '_R',
].join(';')

/**
 * The functions as lines for a loop that runs without them. The hash function once more: only one that was proven itself
 * can prove the loop, whose text is `$_K`.
 */
export const LOAD = `${HASH_FUNCTION};_k "$_K" $_q;_P=$_c;${PRELUDE}`
/** Has the board say once more what it is ready for. */
export const READY = '_R'
