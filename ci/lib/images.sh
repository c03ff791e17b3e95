# The virtual boards' images, built once per recipe into a cache that all checkouts of this user share.

images=$root/devices/images
cache=${HIL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hil}
ALL=(tiny-amd64 tiny-arm64 tiny-imx8mp ghaf-amd64 ghaf-arm64 ghaf-imx8mp)
# Cheap copies of an image with other kernel arguments: NAME=BASE ARGUMENTS
VARIANTS=("ghaf-amd64-release=ghaf-amd64 ghaf.variant=release" "ghaf-amd64-netvm=ghaf-amd64 ghaf.ssh=net-vm"
  "ghaf-amd64-laptop=ghaf-amd64 ghaf.vms=laptop")

# plan: fills entry[NAME] with the path where the image must be.
declare -A entry
plan() {
  local name hash variant base
  while read -r name hash; do entry[$name]=$cache/images/$name-${hash:0:12}.img.zst; done \
    < <("$images/build" --hash "${ALL[@]}")
  for variant in "${VARIANTS[@]}"; do
    read -r base _ <<< "${variant#*=}"
    hash=$({ echo "$variant ${entry[$base]##*/}"; cat "$images/variant"; } | sha256sum)
    entry[${variant%%=*}]=$cache/images/${variant%%=*}-${hash:0:12}.img.zst
  done
}

# The sidecar is put in place last: an entry without one is unfinished.
have() { [ -f "${entry[$1]}.json" ] && [ -f "${entry[$1]}" ]; }

# into_cache NAME COMMAND… : runs "COMMAND… OUT", and gives the result its name only when it is complete.
into_cache() {
  local name=$1 out=${entry[$1]} tmp; shift
  tmp=$(mktemp -d "$cache/tmp/$name.XXXX")
  if TMPDIR=$tmp quietly "building image $name" in_folder "$tmp" "$@"; then
    mv "$tmp/image.img.zst" "$out" && mv "$tmp/image.img.zst.json" "$out.json"
  else
    rm -rf "$tmp"; return 1
  fi
  rm -rf "$tmp"
  say "built image $name"
}
in_folder() { local tmp=$1; shift; NAME=$name "$@" "$tmp/image.img.zst"; }

build_images() {
  plan
  local name variant base args todo=()
  for name in "${!entry[@]}"; do have "$name" || todo+=("$name"); done
  if [ ${#todo[@]} -gt 0 ]; then
    mkdir -p "$cache/images" "$cache/tmp"
    exec 9> "$cache/lock"
    flock -n 9 || { say "waiting for another setup that builds images"; flock 9; }
    rm -rf "$cache"/tmp/*   # what a killed setup left
    did=1
    fetch_debs
    build_all
    exec 9>&-
    forget_old
  fi
  link_images
}

# Two at a time: each is mostly one process that computes or waits for the disk.
build_all() {
  local jobs=() name bad=0
  for name in ghaf-imx8mp ghaf-arm64 ghaf-amd64 tiny-imx8mp tiny-arm64 tiny-amd64; do
    have "$name" && continue
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    say "building image $name"
    into_cache "$name" "$images/build" "$name" & jobs+=($!)
  done
  for name in "${jobs[@]}"; do wait "$name" || bad=1; done
  [ $bad = 0 ] || image_failure
  for variant in "${VARIANTS[@]}"; do
    name=${variant%%=*}
    read -r base args <<< "${variant#*=}"
    have "$name" || into_cache "$name" "$images/variant" "${entry[$base]}" --args "$args" || image_failure
  done
}

image_failure() { failed=1; stop 1 "an image could not be built; see above, then run ci/setup again."; }

fetch_debs() {
  local arch need=() pids=() bad=0
  have tiny-amd64 && have ghaf-amd64 || need+=(amd64)
  have tiny-arm64 && have ghaf-arm64 && have tiny-imx8mp && have ghaf-imx8mp || need+=(arm64)
  [ ${#need[@]} -gt 0 ] || return 0
  say "fetching Debian packages for ${need[*]}"
  for arch in "${need[@]}"; do quietly "fetching packages for $arch" "$images/build" --fetch "$arch" & pids+=($!); done
  for arch in "${pids[@]}"; do wait "$arch" || bad=1; done
  [ $bad = 0 ] || { failed=1; stop 1 "the images are made of Debian packages: apt needs Debian's sources and a working network."; }
}

# Consumers only look into the checkout's .cache.
link_images() {
  local name old
  mkdir -p "$root/.cache/images" "$root/.cache/firmware"
  for name in "${!entry[@]}"; do
    old=$(readlink "$root/.cache/images/$name.img.zst" || true)
    [ "$old" = "${entry[$name]}" ] && continue
    ln -sfn "${entry[$name]}" "$root/.cache/images/$name.img.zst"
    ln -sfn "${entry[$name]}.json" "$root/.cache/images/$name.img.zst.json"
    did=1
  done
  touch -c "${entry[@]}"   # in use: keeps forget_old away
  [ -e /usr/lib/u-boot/qemu_arm64/u-boot.bin ] &&
    ln -sfn /usr/lib/u-boot/qemu_arm64/u-boot.bin "$root/.cache/firmware/u-boot-arm64.bin" || true
}

forget_old() {
  find "$cache/images" -name '*.img.zst' -mtime +30 -exec sh -c 'rm -f "$0" "$0.json"' {} \;
}
