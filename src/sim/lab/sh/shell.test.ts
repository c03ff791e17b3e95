import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { Files, scratch } from './files.ts'
import { parse } from './parse.ts'
import { cut, matches } from './pattern.ts'
import { Shell } from './shell.ts'
import { Incomplete, SyntaxFault } from './syntax.ts'

/** What the simulated shell says to a script. */
function simulated(script: string): string {
  const out = scratch()
  const shell = new Shell(new Files(), () => undefined, [scratch(), out, scratch()], 1)
  const running = shell.runAll(script)
  const { done, value } = running.next()
  assert.ok(done, 'it waits')
  return `${out.file.data}[${value}]`
}

function real(script: string): string {
  const out = execFileSync('sh', ['-c', `(${script}\n) 2>/dev/null; echo "[$?]"`], { encoding: 'latin1' })
  return out.replace(/\n$/, '')
}

/** What the serial shell's own text makes use of, and a little more. */
const SCRIPTS = [
  'echo a  "b  c" \'d $x\' \\e',
  'x=5; y=$((x*3+(7-2)%3)); echo "$y" "${y}z" ${#y}',
  'v=abc.def.g; echo ${v%%.*} ${v%.*} ${v#*.} ${v##*.}',
  'v="a*b"; echo "${v%"*b"}" "${v#?}" "${v%?}"',
  'q=abcdefg; t=${q#?}; echo "${q%"$t"}"; s=defg; echo ${q%%"$s"*}',
  'unset u; echo "${u:-no}" "${u-no}"; u=; echo "${u:-no}" "${u-no}" "${u:+yes}" "${u+yes}"',
  'for i in 1 2 3; do if [ $i -eq 2 ]; then continue; fi; echo $i; done; for i; do echo never; done',
  'i=0; while :; do i=$((i+1)); [ $i -gt 4 ] && break; echo $i; done; echo "end $i"',
  'case abc in x) echo 1;; a*c|z) echo 2;; *) echo 3;; esac; case "a*" in "a*") echo quoted;; esac',
  'case 7.x in [!0-9]*) echo word;; [0-9].?) echo number;; esac',
  'f(){ echo "<$1>" "$#"; return 3; }; f "a b" c; echo $?; set -- p "q r"; for a; do echo "[$a]"; done; echo "$@"',
  'x=$(printf "a\\nb\\n\\n"); echo "$x|"; echo $x; y=$(echo $(echo nested)); echo $y',
  'printf "%s-%s\\n" a b c; printf "\\101\\t%%\\n"; printf "%d\\n" 12',
  'printf "l1\\nl2" | while IFS= read -r l; do echo "[$l]"; done; printf " a  b c \\n" | { read -r x y; echo "$x|$y"; }',
  'v="~a~~b c~*"; IFS=\\~; set -f; set -- ${v}x; echo $#; for i; do echo "[$i]"; done; IFS=" "; set -- $v; echo $# "$1"',
  'printf "a b\\tc d\\n" | { IFS=$(printf "\\t") read -r x y; echo "$x|$y"; }',
  'f=/tmp/hil.$$; { echo "a b"; read -r x <&1 || echo end; } 1<>$f; { echo Q; } 1<>$f; cat $f; rm $f',
  'printf "a\\\\b\\n" | { IFS= read -r l; echo "$l"; }',
  'true && echo yes || echo no; false && echo yes || echo no; ! true; echo $?',
  '(x=1; exit 4); echo "$? ${x:-unset}"; { x=2; }; echo $x',
  'if false; then echo 1; elif [ a = a ]; then echo 2; else echo 3; fi; [ -n "" ]; echo $?; [ -z "" ]; echo $?; [ x ]; echo $?',
  'printf a | cksum; printf "a b\\n" | cksum; printf abcd | base64; printf YWJj | base64 -d; echo; printf abc | md5sum',
  'eval "x=1; echo \\$x"; x="a b"; set -- $x; echo $#; IFS=; echo done',
  'trap "echo bye" EXIT; echo first',
  'x=1; x=2 true; echo $x; y=3; echo "a\nb"; echo z # a comment',
  'echo one \\\n  two',
]

for (const script of SCRIPTS)
  test(`the simulated shell says what this host's says: ${script.slice(0, 60)}`, () =>
    assert.equal(simulated(script), real(script)))

/** Parses what may be no script; anything but a verdict on it is an error, and no end is none. */
function tryToParse(script: string): void {
  try {
    parse(script)
  } catch (error) {
    assert.ok(error instanceof Incomplete || error instanceof SyntaxFault, String(error))
  }
}

test('a script with a character damaged on its way is incomplete, wrong, or a script', () => {
  for (const script of SCRIPTS)
    for (let at = 0; at < script.length; at++)
      for (const damage of '()|&;<>\n{}#$`"\'\\') tryToParse(script.slice(0, at) + damage + script.slice(at + 1))
})

test('a script cut anywhere is incomplete, wrong, or a script', () => {
  const script = SCRIPTS.join('\n')
  for (let end = 0; end < script.length; end++) tryToParse(script.slice(0, end))
  for (const open of ['echo "a', "echo 'a", 'if true; then', 'f(){ echo', 'echo $(date', 'case x in', 'a &&', 'x=${y%'])
    assert.throws(() => parse(open), Incomplete, open)
})

/** Cuts by trying every length: slow, and plainly right. */
function cutPlainly(text: string, how: '#' | '##' | '%' | '%%', pattern: string): string {
  const lengths = Array.from({ length: text.length + 1 }, (_, n) => n)
  if (how === '##' || how === '%%') lengths.reverse()
  const isFront = how === '#' || how === '##'
  const part = (n: number): string => (isFront ? text.slice(0, n) : text.slice(text.length - n))
  const length = lengths.find(n => matches(part(n), pattern))
  if (length === undefined) return text
  return isFront ? text.slice(length) : text.slice(0, text.length - length)
}

test('what is cut off is the shortest or the longest that matches', () => {
  for (const text of ['', 'a', 'abc.a.b', '..a*b', 'aXa.', '*.*a', 'a\nb'])
    for (const how of ['#', '##', '%', '%%'] as const)
      for (const pattern of ['?', 'a', '*a', 'a*', '\\*', '*\\.', '\\.*', '[ab]*', '*', 'a?', '', '*a*', '[!a]'])
        assert.equal(cut(text, how, pattern), cutPlainly(text, how, pattern), JSON.stringify([text, how, pattern]))
})
