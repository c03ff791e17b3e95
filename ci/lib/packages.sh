# The distribution's packages: emulators, firmware, the tools that make disk images, and a browser and xmllint for the
# tests of reports.

PACKAGES=(qemu-system-x86 qemu-system-arm qemu-utils ovmf qemu-efi-aarch64 u-boot-qemu
  socat ser2net busybox openssh-client fakeroot mtools dosfstools fdisk e2fsprogs cpio zstd xz-utils bzip2 openssl kmod
  device-tree-compiler syslinux syslinux-common chromium libxml2-utils nix-bin qemu-user faketime)
TOOLS=(qemu-system-x86_64 qemu-system-aarch64 qemu-img socat ser2net busybox ssh fakeroot mcopy mkfs.vfat sfdisk mke2fs
  cpio zstd xz bzip2 openssl depmod fdtput syslinux apt-get dpkg-deb nix qemu-aarch64 faketime)
NIX_PACKAGES="qemu libfaketime socat ser2net busybox openssh fakeroot mtools dosfstools util-linux e2fsprogs cpio zstd xz bzip2 openssl kmod dtc syslinux apt dpkg chromium libxml2"

# as_root COMMAND…: directly, or through sudo, which must not ask anything in CI.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif [ -n "${CI-}" ]; then sudo -n "$@"
  else sudo "$@"
  fi
}

apt_install() {
  # RUNLEVEL=1 keeps freshly installed services from being started.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
}

# Lists that are missing or too old make the first attempt fail; only then they are worth an update.
apt_install_fresh() { apt_install "$@" || { as_root apt-get -q update; apt_install "$@"; }; }

# A package that was removed, or that another only suggests, is listed too: as "not-installed" or "config-files".
missing_packages() {
  local have
  have=$(dpkg-query -W -f='=${db:Status-Status} ${Package}=\n' "${PACKAGES[@]}" 2>/dev/null || true)
  local p
  for p in "${PACKAGES[@]}"; do [[ $have == *"=installed $p="* ]] || echo "$p"; done
}

install_packages() {
  command -v apt-get dpkg-query > /dev/null || { without_apt; return; }
  local missing; mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || command -v sudo > /dev/null ||
      stop 2 "packages are missing, and there is no sudo. As root, type:" \
        "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    say "installing ${#missing[@]} packages: ${missing[*]}"
    quietly "installing packages" apt_install_fresh "${missing[@]}" ||
      stop 1 "is the network up, and may this user call sudo? Then run ci/setup again."
    did=1
  fi
  if [ -n "$with_imx8mp" ]; then newer_qemu; fi
}

qemu_is_new() { dpkg --compare-versions "$(dpkg-query -W -f='${Version}' qemu-system-arm)" ge 1:10; }

# QEMU models the imx8mp-evk since version 10, which Debian 12 only has in its backports: those of the very
# server, and under the very key, that the system's packages already come from.
newer_qemu() {
  ! qemu_is_new || return 0
  local codename line uri entry key
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  if ! apt-get indextargets --format '$(RELEASE)' | grep -x "$codename-backports" > /dev/null; then
    line=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI) $(SOURCESENTRY)' 'Created-By: Packages' |
      sort -u | sed -n "s/^$codename //p" | head -1)
    [ -n "$codename" ] && [ -n "$line" ] ||
      stop 1 "QEMU 10 is needed for the imx8mp board, and apt's sources have no suite '$codename' to derive backports from."
    read -r uri entry <<< "$line"
    key=$(sed -nE 's/^Signed-By: *//p; s/^deb .*signed-by=([^] ]*).*/\1/p' "${entry%:*}" | head -1)
    say "adding the $codename-backports suite of $uri"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n%s' "$uri" "$codename-backports" \
      "${key:+Signed-By: $key$'\n'}" | as_root tee /etc/apt/sources.list.d/hil-backports.sources > /dev/null
    quietly "reading the package lists" as_root apt-get -q update || stop 1 "apt-get update must work first."
  fi
  say "installing QEMU 10"
  quietly "installing QEMU 10" apt_install_fresh -t "$codename-backports" qemu-system-x86 qemu-system-arm qemu-utils ||
    stop 1 "without QEMU 10 everything but the imx8mp board works: run ci/setup without --with-imx8mp."
  did=1
}

# Other systems: one command to type, unless all is there already.
without_apt() {
  local tool absent=()
  for tool in "${TOOLS[@]}"; do command -v "$tool" > /dev/null || absent+=("$tool"); done
  [ ${#absent[@]} -gt 0 ] || return 0
  if command -v nix-shell > /dev/null; then
    stop 2 "missing: ${absent[*]}" "type:  nix-shell -p $NIX_PACKAGES --run 'npm start'"
  fi
  stop 2 "this system has no apt-get; missing: ${absent[*]}" "install what provides them, then run ci/setup again."
}
