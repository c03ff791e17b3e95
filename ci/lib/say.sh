# Progress with elapsed time, and a log that keeps quiet what the tools say until it matters.

began=${EPOCHREALTIME/[.,]/}
log=$(mktemp "${TMPDIR:-/tmp}/hil-setup.XXXXXX.log")

say() {
  local us=$((${EPOCHREALTIME/[.,]/} - began))
  printf '[%3d.%d s] %s\n' $((us / 1000000)) $((us / 100000 % 10)) "$*"
}

# stop CODE TEXT…: gives up, saying what to do next.
stop() {
  local code=$1; shift
  printf 'setup: %s\n' "$@" >&2
  exit "$code"
}

# quietly WHAT COMMAND…: output goes to the log; on failure its first complaints and its last lines are shown
# (some tools say what is wrong at once and then explain themselves at length, others the other way round).
quietly() {
  local what=$1 own=$log.$BASHPID; shift
  local ok=1 code=0
  "$@" > "$own" 2>&1 < /dev/null || { ok=; code=$?; echo "(exit status $code)" >> "$own"; }
  { echo "== $what: $*"; cat "$own"; } >> "$log"
  [ -n "$ok" ] || {
    failed=1
    printf 'setup: %s failed:\n' "$what" >&2
    if [ "$(wc -l < "$own")" -gt 14 ]; then
      { grep -iE 'error|^E:|cannot|fail|denied' "$own" | head -n 6; echo "..."; tail -n 4 "$own"; }
    else cat "$own"; fi |
      sed 's/^/  | /' >&2
    printf 'setup: the whole output is in %s\n' "$log" >&2
  }
  rm -f "$own"
  [ -n "$ok" ]
}

# An uninteresting log is not left behind.
failed=
forget_log() { [ -n "$failed" ] || rm -f "$log"; }
