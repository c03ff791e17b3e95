const KEY = 'hil-report-theme'
const THEMES = ['system', 'light', 'dark']
let theme = remembered()
apply()

export function themeName() {
  return theme
}

/** The next of: as the system has it, light, dark. */
export function cycleTheme() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // A file opened by itself may have no storage: then it is for this time only.
  }
  apply()
}

function apply() {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEY) ?? ''
    return THEMES.includes(kept) ? kept : 'system'
  } catch {
    return 'system'
  }
}
