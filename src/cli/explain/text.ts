import { shortPath } from '../../base/paths.ts'
import { count, readableLines } from '../../base/text.ts'
import type { Evidence } from '../../model/cell.ts'
import { diagnosisText } from '../../report/diagnosis-words.ts'
import { humanTime, MARKS, short } from '../../report/words.ts'
import type { Explained, Proof } from './explanation.ts'

const SINCE = 'since, in runs that are not taken into the evidence (hil matrix --from RUN.jsonl --write does)'

/** One cell for people: the rule, then what it rests on, indented below. */
export function explainedText({ type, twin, status, why, decidedBy, before, since, newest }: Explained): string {
  const lines = [
    `${status} ${type}${twin ? ' (twin)' : ''}: ${why}`,
    ...(decidedBy ? proofLines(decidedBy).map(line => `   ${line}`) : []),
    ...listed('before', before),
    ...(newest ? [`   ${SINCE}:`, ...proofLines(newest).map(line => `     ${line}`)] : []),
    ...listed('and', since.slice(1)),
  ]
  return `${lines.join('\n')}\n`
}

function proofLines({ evidence, ageDays, runFolder, troubles, console, diagnoses, attributions }: Proof): string[] {
  const { verdict, run, board, at, imageSha256, commit, line, variant, manual, slice, why } = evidence
  const age = ageDays < 1 ? 'less than a day ago' : `${count(ageDays, 'day')} ago`
  const seen = manual ? `${board}, manual, by ${manual.by}: ${manual.note}` : `${board}, run ${run}`
  return [
    `${verdict === 'pass' ? 'passed' : 'failed'} ${humanTime(at)} (${age}) on ${seen}`,
    `image ${short(imageSha256)} (${variant}), commit ${short(commit)}, ${
      line === null ? 'proven to come from no line: it moves no row of hardware' : `of line ${line}`
    }`,
    ...(troubles.length > 0 ? troubles.flatMap(troubleLines) : why ? [`because ${why}`] : []),
    ...attributions.map(({ board, is, why }) => `whose, as compared on ${board}: ${is}, ${why}`),
    ...diagnoses.map(made => `diagnosis: ${diagnosisText(made)}`),
    ...(manual
      ? []
      : [runFolder ? `see ${shortPath(runFolder)}` : 'its run is no longer here: the evidence is what is left']),
    ...consoleLines(console, slice, runFolder),
  ]
}

function troubleLines({ title, verdict, fault, reason }: Proof['troubles'][number]): string[] {
  const head = `${MARKS[verdict]} ${title}${fault ? `: ${fault.code}` : ''}`
  if (!fault) return [head, ...readableLines(reason ?? '').map(line => `  ${line}`)]
  return [
    head,
    `  expected ${fault.expected}`,
    `  saw ${fault.seen}`,
    ...fault.evidence.map(line => `    ${line}`),
    `  next: ${fault.next}`,
  ]
}

function consoleLines(heard: Proof['console'], slice: Evidence['slice'], runFolder: string | null): string[] {
  if (!slice) return []
  if (!heard) return runFolder ? ['its console recording is no longer there'] : []
  if (heard.lines.length === 0) return ['its console said nothing meanwhile']
  return [
    `console, bytes ${heard.from}–${heard.to} of ${shortPath(heard.path)}${heard.cut ? ', the end of them' : ''}:`,
    ...heard.lines.map(line => `  | ${line}`),
  ]
}

function listed(head: string, evidence: readonly Evidence[]): string[] {
  if (evidence.length === 0) return []
  return [
    `   ${head}:`,
    ...evidence.map(({ verdict, at, board, run, imageSha256, why, manual }) =>
      [
        `     ${MARKS[verdict]} ${humanTime(at)}  ${board}  ${short(imageSha256)}`,
        manual ? `manual, by ${manual.by}: ${manual.note}` : run,
        ...(why ? [why] : []),
      ].join('  '),
    ),
  ]
}
