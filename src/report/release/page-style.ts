const LIGHT = `
  --ground: #ffffff; --sunk: #f5f6f7; --line: #dfe3e8; --faint: #edf0f3; --ink: #17202b; --soft: #556170; --link: #1b5cab;
  --pass: #17693c; --pass-bg: #e3f3e9; --fail: #a8221b; --fail-bg: #fce7e5; --open: #7d4e00; --open-bg: #fbf0d9; --none: #5d6875; --none-bg: #f0f2f4;
  --to: #1b5cab; --from: #7b8794;`

const DARK = `
  --ground: #12161b; --sunk: #1a2027; --line: #313a45; --faint: #232b34; --ink: #e6eaef; --soft: #a3aebb; --link: #8fbcf5;
  --pass: #7ad69d; --pass-bg: #17301f; --fail: #ffa198; --fail-bg: #3f1d1b; --open: #f2c273; --open-bg: #37290f; --none: #a6b0bc; --none-bg: #232b34;
  --to: #8fbcf5; --from: #8b97a5;`

/** The style of a release's page: for the screen in light and dark, and for paper, which is always light. */
export const STYLE = `
:root {${LIGHT}
  color-scheme: light dark;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
  color: var(--ink); background: var(--ground); -webkit-text-size-adjust: 100%;
}
@media screen and (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; margin: 0; padding: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 3.5rem 2rem 5rem; }
section { margin-top: 4rem; }
h1 { font-size: 2.6rem; line-height: 1.1; font-weight: 680; letter-spacing: -.025em; overflow-wrap: anywhere; }
h2 { font-size: 1.45rem; line-height: 1.25; font-weight: 660; letter-spacing: -.012em; margin-bottom: .9rem; padding-bottom: .5rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.05rem; font-weight: 640; margin: 2rem 0 .5rem; }
h3 .n { color: var(--soft); font-weight: 500; margin-left: .3rem; }
p + p { margin-top: .6rem; }
a { color: var(--link); text-underline-offset: .18em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
small, .quiet { color: var(--soft); font-size: .86rem; }
.eyebrow { color: var(--soft); font-size: .8rem; font-weight: 600; letter-spacing: .09em; text-transform: uppercase; margin-bottom: .5rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.6rem; margin-top: .9rem; color: var(--soft); font-size: .92rem; }
.facts b { color: var(--ink); font-weight: 560; }
.lead { font-size: 1.25rem; line-height: 1.45; margin: 2.2rem 0 1.4rem; max-width: 46rem; text-wrap: pretty; }
.explain { color: var(--soft); max-width: 46rem; margin-bottom: 1rem; }
nav { margin-top: 2.4rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; font-size: .92rem; }

.bars { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1rem; align-items: center; }
.bars dt { font-weight: 560; font-size: .92rem; }
.bars dd { display: flex; gap: 3px; }
.bars span { padding: .22rem .6rem; border-radius: 5px; font-size: .86rem; font-weight: 560; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-width: max-content; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem; margin-top: 1.8rem; }
.tiles li { border: 1px solid var(--line); border-top: 3px solid var(--none); border-radius: 6px; padding: .7rem .9rem .75rem; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.15; font-weight: 640; font-variant-numeric: tabular-nums; }
.tiles a { color: inherit; font-size: .9rem; line-height: 1.3; display: inline-block; }
.tiles .fail { border-top-color: var(--fail); } .tiles .pass { border-top-color: var(--pass); } .tiles .open { border-top-color: var(--open); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.4; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .6rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem .8rem .6rem 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600; padding-top: .2rem; padding-bottom: .45rem; border-bottom: 1px solid var(--line); vertical-align: bottom; white-space: nowrap; }
tbody tr > * { border-bottom: 1px solid var(--faint); }
tbody th { font-weight: 560; }
tbody th small { display: block; font-weight: 400; }
.matrix tbody th small { display: inline; margin-left: .35rem; }
td code, dd code { overflow-wrap: anywhere; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.nowrap { white-space: nowrap; }

.pill { display: inline-block; padding: .08rem .55rem .1rem .4rem; border-radius: 5px; font-size: .86rem; font-weight: 560; white-space: nowrap; }
.pill i { font-style: normal; display: inline-block; width: 1.15em; text-align: center; font-weight: 700; }
.pass { --tone: var(--pass); --tone-bg: var(--pass-bg); } .fail { --tone: var(--fail); --tone-bg: var(--fail-bg); }
.open { --tone: var(--open); --tone-bg: var(--open-bg); } .none { --tone: var(--none); --tone-bg: var(--none-bg); }
.pill, .bars span { color: var(--tone); background: var(--tone-bg); }
.pill.bare { background: none; padding-left: 0; font-weight: 450; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 0 .4rem; font-size: .78rem; color: var(--soft); white-space: nowrap; }

.matrix th, .matrix td { padding: .38rem .8rem .38rem 0; }
.matrix .group th { padding-top: 1.7rem; border-bottom: 1px solid var(--line); font-size: .95rem; font-weight: 640; }
.matrix td .tag, .matrix td small { display: table; margin-top: .2rem; }
.matrix tbody th { min-width: 12rem; }

table.changes { table-layout: fixed; min-width: 52rem; }
.changes th:nth-child(1) { width: 16%; } .changes th:nth-child(2) { width: 11%; } .changes th:nth-child(3) { width: 19%; }
@media screen { .changes .turn { white-space: nowrap; } }
.proof { margin-top: .45rem; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .8rem; font-size: .84rem; color: var(--soft); }
.proof dd { overflow-wrap: anywhere; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 2rem 3rem; margin: 1.2rem 0 2rem; }
figure { min-width: 0; }
figcaption { font-size: .92rem; margin-bottom: .5rem; }
figcaption b { font-weight: 620; } figcaption span { display: block; color: var(--soft); font-size: .86rem; }
svg { display: block; width: 100%; height: auto; }
.key { display: flex; gap: .3rem 1.4rem; flex-wrap: wrap; font-size: .88rem; }
.key i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; border: 2px solid var(--to); margin-right: .45rem; vertical-align: -.05em; }
.key .to i { background: var(--to); } .key .from i { border-color: var(--from); }

.plain { list-style: none; } .plain li { padding: .35rem 0; border-bottom: 1px solid var(--faint); }
.inline { columns: 15rem; column-gap: 2rem; list-style: none; font-size: .92rem; } .inline li { padding: .15rem 0; break-inside: avoid; }
.words { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.4rem; font-size: .92rem; max-width: 52rem; }
.verdict + .bars { margin-top: 1.2rem; }
.verdict { border-left: 4px solid var(--tone); background: var(--tone-bg); color: var(--tone); padding: .8rem 1.1rem; border-radius: 0 6px 6px 0; font-weight: 560; max-width: 52rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .82rem; }
@media (max-width: 44rem) {
  main { padding: 2rem 1.1rem 4rem; } h1 { font-size: 2rem; } .lead { font-size: 1.1rem; }
  .bars, .words { grid-template-columns: 1fr; gap: .2rem; } .words dd { margin-bottom: .7rem; }
}
@page { size: A4; margin: 17mm 15mm 19mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #556170; } }
@media print {
  :root { font-size: 9.5pt; } main { max-width: none; padding: 0; } nav { display: none; }
  section { margin-top: 2.2rem; } .scroll { overflow: visible; } a { color: inherit; text-decoration: none; }
  h2, h3, figcaption, .explain, caption { break-after: avoid; } tr, figure, li, .tiles, .bars { break-inside: avoid; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(6rem, 1fr)); gap: .5rem; } .tiles li { padding: .5rem .6rem; }
  thead { display: table-header-group; } .charts { grid-template-columns: 1fr 1fr; gap: 1.2rem 1.6rem; }
  table.changes, .matrix tbody th { min-width: 0; } th, td { padding-right: .6rem; }
  .pill, .bars span, .verdict, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
