/**
 * Keys that work wherever the reader is: `/` searches, j and k go on and back, Enter opens what has the focus, Escape closes.
 * @param {{ close: () => boolean, step: (by: 1 | -1) => void, clear: () => void }} page
 */
export function listenToKeys({ close, step, clear }) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = /** @type {HTMLElement} */ (event.target)
    const typing = target.matches('input[type="search"], select, textarea')
    if (event.key === 'Escape') {
      if (target.id === 'search') {
        clear()
        target.blur()
      } else if (!close()) return
    } else if (typing) {
      // Down from the search field goes into what it found.
      if (target.id !== 'search' || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return
      step(1)
    } else if (event.key === '/') document.getElementById('search')?.focus()
    else if (event.key === 'j' || (event.key === 'ArrowDown' && target.matches('a.row'))) step(1)
    else if (event.key === 'k' || (event.key === 'ArrowUp' && target.matches('a.row'))) step(-1)
    else return
    event.preventDefault()
  })
}
