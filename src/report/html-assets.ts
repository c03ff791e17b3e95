import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Markup } from './html-text.ts'

/** The page's script, as the files in `browser/` that its modules import one another by. */
const MODULES = [
  'main',
  'run',
  'filter',
  'toolbar',
  'results',
  'route',
  'detail',
  'test',
  'acts',
  'console',
  'files',
  'board',
  'keys',
  'theme',
  'words',
]
const FOLDER = new URL('browser/', import.meta.url)

/** The page's style sheet. */
export function pageStyle(): Markup {
  return new Markup(readFileSync(new URL('page.css', FOLDER), 'utf8'))
}

/**
 * The page's script: its modules as they stand and `lit-html`, in an import map of `data:` URLs.
 *
 * One file that works from `file://` has no place for other files; a module keeps its own names, and nothing is built.
 */
export function pageScript(): Markup {
  const lit = readFileSync(createRequire(import.meta.url).resolve('lit-html'), 'utf8')
  const imports = Object.fromEntries([
    ['lit-html', asUrl(lit)],
    ...MODULES.map(name => [`page/${name}`, asUrl(bare(readFileSync(new URL(`${name}.js`, FOLDER), 'utf8')))]),
  ])
  return new Markup(
    `<script type="importmap">${JSON.stringify({ imports })}</script>\n<script type="module">import 'page/main'</script>`,
  )
}

/** A `data:` URL has no neighbours to be relative to. */
function bare(source: string): string {
  return source.replaceAll(/from '\.\/([a-z]+)\.js'/g, "from 'page/$1'")
}

function asUrl(source: string): string {
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`
}
