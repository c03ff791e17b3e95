/** The page's style sheet: system fonts, one accent a verdict, light and dark by the reader's preference. */
export const STYLE = `
:root {
  --ground: #fbfbfa; --card: #ffffff; --line: #e4e4df; --ink: #1d2126; --soft: #5b636d; --sunk: #f3f3ef; --link: #1f5fae;
  --pass: #1d7a46; --pass-bg: #e4f3ea; --fail: #b3261e; --fail-bg: #fbe6e4; --error: #8f5700; --error-bg: #fbefd9;
  --miss: #5a5f86; --miss-bg: #ebecf5; --skip: #666d75; --skip-bg: #eeefef;
  --s-lease: #6b7380; --s-image: #65779e; --s-flash: #466cb0; --s-boot: #32738a; --s-login: #2f776a; --s-test: #3a7846; --s-release: #78735f;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  color: var(--ink); background: var(--ground); -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --card: #1b1f24; --line: #2e343c; --ink: #e4e7eb; --soft: #9aa4b0; --sunk: #12151a; --link: #8ab8f2;
    --pass: #74cf98; --pass-bg: #1a3226; --fail: #ff9a90; --fail-bg: #421f1d; --error: #f0bd6a; --error-bg: #3a2c14;
    --miss: #b3b8e0; --miss-bg: #272b40; --skip: #a2a9b1; --skip-bg: #262b31;
    --s-lease: #59616d; --s-image: #4f618a; --s-flash: #3f62a0; --s-boot: #2f6576; --s-login: #2d6c60; --s-test: #386e41; --s-release: #6b675c;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.5rem 6rem; }
h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; }
h2 { font-size: 1.15rem; font-weight: 650; margin: 3rem 0 .9rem; }
h3 { font-size: 1rem; font-weight: 620; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
small, .quiet, .caption, .by, .eyebrow, .facts, .legend, .counts, .time { color: var(--soft); font-size: .85rem; }
small { font-weight: 400; }
code, pre { font: .82rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--sunk); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; }
.eyebrow { margin-bottom: .15rem; }
.outcome { display: inline-block; vertical-align: .18em; font-size: .85rem; font-weight: 600; letter-spacing: 0; padding: .12rem .6rem; border-radius: 99px; margin-left: .35rem; }
.facts, .counts, .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
header .facts { margin: .5rem 0 1.3rem; }
.facts b { font-weight: 550; color: var(--ink); }
.bar { display: flex; gap: 3px; height: 8px; margin-bottom: .6rem; }
.bar i { border-radius: 3px; min-width: 6px; }
.bar .pass { background: var(--pass); } .bar .fail { background: var(--fail); } .bar .error { background: var(--error); }
.bar .miss { background: var(--miss); } .bar .skip { background: var(--skip); }
.counts { gap: .2rem 1.4rem; }
.mark { display: inline-block; width: 1.1em; text-align: center; font-weight: 700; }
:is(.pass, .pass > summary, .pass > .line) > :is(.mark, .word) { color: var(--pass); }
:is(.fail, .fail > summary, .fail > .line) > :is(.mark, .word) { color: var(--fail); }
:is(.error, .error > summary, .error > .line) > :is(.mark, .word) { color: var(--error); }
:is(.miss, .miss > summary, .miss > .line) > :is(.mark, .word) { color: var(--miss); }
:is(.skip, .skip > summary, .skip > .line) > :is(.mark, .word) { color: var(--skip); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.matrix { border-collapse: collapse; width: 100%; }
.matrix th { text-align: left; padding: .55rem .9rem; font-weight: 560; white-space: nowrap; }
.matrix td { padding: .3rem .5rem; }
.matrix th a { color: inherit; }
.matrix small { display: block; }
.matrix thead th { border-bottom: 1px solid var(--line); vertical-align: bottom; }
.matrix tbody tr + tr > * { border-top: 1px solid var(--line); }
.matrix tbody th { position: sticky; left: 0; background: var(--card); line-height: 1.35; }
.matrix td .quiet { padding-left: 1rem; }
.cell { display: block; min-width: 6.2rem; padding: .3rem .6rem .3rem .4rem; border-radius: 6px; font-size: .88rem; font-weight: 560; border: 1px solid transparent; white-space: nowrap; }
.cell .mark { margin-right: .3rem; }
.cell:hover { text-decoration: none; border-color: currentColor; }
.cell.pass, .outcome.pass { color: var(--pass); background: var(--pass-bg); }
.cell.fail, .outcome.fail { color: var(--fail); background: var(--fail-bg); }
.cell.error, .outcome.error { color: var(--error); background: var(--error-bg); }
.cell.miss, .outcome.miss { color: var(--miss); background: var(--miss-bg); }
.cell.skip { color: var(--skip); background: var(--skip-bg); }
.board { display: grid; grid-template-columns: 8.5rem 1fr; gap: .2rem 1rem; padding: .8rem 0; border-top: 1px solid var(--line); }
.who p { color: var(--soft); font-size: .85rem; }
.tag { border: 1px solid var(--line); border-radius: 99px; padding: 0 .5rem; font-size: .78rem; }
.legend { margin-bottom: .8rem; }
.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin-right: .4rem; }
.track { position: relative; height: 1.6rem; background: var(--sunk); border-radius: 6px; overflow: hidden; margin: .1rem 0 .45rem; }
.track i { position: absolute; top: 0; bottom: 0; min-width: 2px; padding: 0 .5rem; font: normal .75rem/1.6rem system-ui, sans-serif; color: #fff; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; border-radius: 4px; }
.track i:empty { padding: 0; }
.stage.lease { background: var(--s-lease); } .stage.image { background: var(--s-image); } .stage.flash { background: var(--s-flash); }
.stage.boot { background: var(--s-boot); } .stage.login { background: var(--s-login); } .stage.test { background: var(--s-test); }
.stage.release { background: var(--s-release); }
.axis { position: relative; height: 1.4rem; margin-left: 9.5rem; border-top: 1px solid var(--line); }
.axis span { position: absolute; padding-left: .35rem; border-left: 1px solid var(--line); color: var(--soft); font-size: .75rem; white-space: nowrap; }
.notes { list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.notes li { display: grid; grid-template-columns: 7.5rem 1fr; gap: 1rem; padding: .6rem .9rem; }
.notes li + li { border-top: 1px solid var(--line); }
.notes b { font-weight: 560; }
.feature { margin-bottom: 1.6rem; scroll-margin-top: 1rem; }
.feature h3 { margin-bottom: .5rem; }
.feature h3 small { margin-left: .35rem; }
details { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--skip); scroll-margin-top: 1rem; }
details + details { border-top: 0; }
details:first-of-type { border-radius: 8px 8px 0 0; } details:last-of-type { border-radius: 0 0 8px 8px; } details:only-of-type { border-radius: 8px; }
details.pass { border-left-color: var(--pass); } details.fail { border-left-color: var(--fail); }
details.error { border-left-color: var(--error); } details.miss { border-left-color: var(--miss); }
details:target { outline: 2px solid var(--link); outline-offset: 1px; position: relative; }
summary { display: flex; align-items: baseline; gap: .5rem; padding: .5rem .9rem .5rem .5rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "›"; width: .8rem; text-align: center; color: var(--soft); transition: transform .12s; }
details[open] > summary::before { transform: rotate(90deg); }
summary:hover { background: var(--sunk); }
summary b { font-weight: 560; min-width: 6rem; }
.time { margin-left: auto; font-variant-numeric: tabular-nums; white-space: nowrap; }
.word { font-size: .88rem; font-weight: 560; }
.story { padding: .3rem .9rem .9rem 2.6rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; }
.test { display: grid; grid-template-columns: minmax(0, 1fr); gap: .4rem; }
.test .line { display: flex; gap: .5rem; align-items: baseline; }
.test > :not(.line) { margin-left: 1.6rem; }
dl { display: grid; grid-template-columns: 5.2rem minmax(0, 1fr); gap: .15rem .6rem; }
dt { color: var(--soft); font-size: .85rem; padding-top: .06rem; }
dd { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 4rem; } .board, .notes li { grid-template-columns: 1fr; gap: .1rem; } .axis { margin-left: 0; } .story { padding-left: .9rem; }
}
@media print { details:not([open]) > .story { display: none; } .track i { print-color-adjust: exact; } }
@media (prefers-reduced-motion: reduce) { summary::before { transition: none; } }
`

/** Opens the story a link leads to; without it the reader opens it by hand. */
export const SCRIPT = `
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
}
addEventListener('hashchange', reveal)
reveal()
`
