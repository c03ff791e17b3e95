# The JavaScript side: dependencies from the lock file, and the hil command.

stamp=$root/node_modules/.hil-lock-hash

# node_modules_stale: unless node_modules is already what package-lock.json says.
node_modules_stale() {
  [ -f "$root/package-lock.json" ] || { say "no package-lock.json yet: npm ci skipped"; return 1; }
  lock=$(sha256sum < "$root/package-lock.json")
  [ "$(cat "$stamp" 2> /dev/null)" != "$lock" ] || return 1
  # npm keeps its own copy of what it installed: newer than the lock file means that somebody ran it already.
  if [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; then echo "$lock" > "$stamp"; return 1; fi
}

install_node_modules() {
  command -v npm > /dev/null || stop 2 "npm is needed: install Node.js with npm (any version; hil's own Node.js is among its dependencies)."
  say "npm ci"
  cd "$root"
  quietly "npm ci" npm ci --no-audit --no-fund ||
    stop 1 "does package-lock.json match package.json, and does 'npm ping' answer?"
  echo "$lock" > "$stamp"
}

# link_hil: puts hil on PATH, without needing root.
link_hil() {
  local target=$root/src/cli/hil dir=$HOME/.local/bin
  [ -f "$target" ] || return 0
  # Root often has no ~/.local/bin on PATH, but may write where everybody looks.
  if [ "$(id -u)" = 0 ] && [[ :$PATH: != *":$dir:"* && :$PATH: == *:/usr/local/bin:* ]]; then dir=/usr/local/bin; fi
  [ "$(readlink "$dir/hil" || true)" != "$target" ] || return 0
  [ ! -e "$dir/hil" ] || [ -L "$dir/hil" ] || { say "$dir/hil is not ours: left alone"; return; }
  mkdir -p "$dir" && ln -sfn "$target" "$dir/hil"
  say "linked $dir/hil"
  did=1
  [[ :$PATH: == *":$dir:"* ]] || {
    say "add this line to your shell's profile, to have hil on PATH:"
    printf '  export PATH="%s:$PATH"\n' "$dir"
  }
}
