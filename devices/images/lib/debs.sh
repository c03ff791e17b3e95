# Debian packages of any architecture through a private apt state: the host's dpkg database is never involved,
# so neither root nor a foreign architecture in the host's own configuration is needed.

cache=${HIL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hil}

# use_arch ARCH: points $apt at the private state of that architecture.
use_arch() {
  debs=$cache/debs/$1
  mkdir -p "$debs/lists/partial" "$debs/partial" "$debs/sets"
  touch "$debs/status"
  apt=(-q -o APT::Architecture="$1" -o APT::Architectures::="$1" -o APT::Sandbox::User=root
       -o Dir::State="$debs" -o Dir::State::Lists="$debs/lists" -o Dir::State::status="$debs/status"
       -o Dir::Cache="$debs" -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin
       -o Dir::Cache::archives="$debs" -o Acquire::Languages=none
       -o Acquire::Retries=3 -o APT::Install-Recommends=false -o Dpkg::Use-Pty=0)
}

# refresh [force]: apt's lists, at most once an hour. A broken third-party source of the host must not stop us,
# hence the tolerated exit code: what is really missing shows up when the packages are resolved.
refresh() {
  [ "${1-}" != force ] && [ -n "$(find "$debs/lists-stamp" -mmin -60 2>/dev/null)" ] && return
  apt-get "${apt[@]}" update || true
  touch "$debs/lists-stamp"
}

# closure PACKAGE…: file names of the packages and of all they depend on.
closure() {
  apt-get "${apt[@]}" -s install "$@" |
    sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*\[([a-z0-9]+)\].*/\1_\2_\3.deb/p' | sed 's/:/%3a/g'
}

# fetch_set SET PACKAGE…: downloads the closure and leaves its list of files in sets/SET.
fetch_set() {
  local set=$1; shift
  closure "$@" > "$debs/sets/$set.new"
  [ -s "$debs/sets/$set.new" ] || { echo "apt finds no such packages: $*" >&2; return 1; }
  apt-get "${apt[@]}" -y --download-only install "$@"
  mv "$debs/sets/$set.new" "$debs/sets/$set"
}

# fetch_alone SET PACKAGE: one package without what it depends on. A kernel's dependencies (initramfs-tools and
# its tail) are of no use to us; a metapackage (linux-image-cloud-amd64) stands for the newest real one.
fetch_alone() {
  local set=$1 package=$2 real file
  real=$(apt-cache "${apt[@]}" depends "$package" | sed -nE 's/^ +Depends: (linux-image-[0-9].*)/\1/p' | head -1)
  file=$(closure "${real:-$package}" | grep -F "${real:-$package}_")
  (cd "$debs" && apt-get "${apt[@]}" download "${real:-$package}")
  echo "$file" > "$debs/sets/$set"
}

# known PACKAGE: whether the configured sources have it.
known() { apt-cache "${apt[@]}" policy "$1" | grep 'Candidate: [0-9]' > /dev/null; }  # grep -q would break the pipe

# unpack SET DIR [TAR-OPTION…]: into DIR, keeping DIR's merged-/usr symlinks.
unpack() {
  local set=$1 dir=$2 deb; shift 2
  while IFS= read -r deb; do
    dpkg-deb --fsys-tarfile "$debs/$deb" | tar -x -C "$dir" --keep-directory-symlink "$@"
  done < "$debs/sets/$set"
}

# forget_debs: removes the packages that no set names any more.
forget_debs() { (cd "$debs" && { ls -- *.deb | grep -vxFf <(cat sets/*) || true; } | xargs -r rm -f); }
