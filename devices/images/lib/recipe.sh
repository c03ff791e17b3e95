# What distinguishes one image from another, and the identity (hash, UUIDs) that follows from its recipe.
# Sourced; needs $here (this folder's parent).

IMAGES="tiny-amd64 tiny-arm64 tiny-imx8mp ghaf-amd64 ghaf-arm64 ghaf-imx8mp"
RELEASE=26.05.20261101   # the Ghaf release the boards claim to run

# recipe NAME: sets the variables that every later step reads.
recipe() {
  name=$1 kind=${1%%-*} board=${1#*-}
  case $board in
    amd64)  arch=amd64 kernel=cloud console=ttyS0   esp_mib=48 ;;
    arm64)  arch=arm64 kernel=cloud console=ttyAMA0 esp_mib=72 ;;
    imx8mp) arch=arm64 kernel=full  console=ttymxc1 esp_mib=72 ;;
    *) echo "no such image: $1 (there are: $IMAGES)" >&2; return 2 ;;
  esac
  # An SD card in QEMU must have a power-of-two size, so the imx8mp sizes are not free.
  case $kind-$board in
    tiny-amd64) disk_mib=52 ;;
    tiny-arm64) disk_mib=76 ;;
    tiny-imx8mp) disk_mib=128 ;;
    ghaf-*) disk_mib=512 ;;
    *) echo "no such image: $1 (there are: $IMAGES)" >&2; return 2 ;;
  esac
  # The kernel hangs after a panic (panic=0), as the real boards do: the harness must notice by itself.
  cmdline="console=$console,115200 quiet panic=0"
  case $board in
    amd64)  cmdline+=" mitigations=off" ;;  # only costs time under emulation
    # QEMU models only a part of the SoC: links to absent devices would defer the NIC and the SD host for ever.
    imx8mp) cmdline+=" fw_devlink=permissive random.trust_bootloader=1" ;;
  esac
}

# recipe_files: the files whose content decides what the image holds.
recipe_files() {
  printf '%s\n' "$here"/build "$here"/lib/*
  find "$here/$kind" -type f
  [ "$board" != imx8mp ] || find "$here/imx8mp" -type f
}

# recipe_hash NAME: 40 hex digits, playing the role of the git commit that an image was built from.
recipe_hash() (
  recipe "$1"
  { echo "$1"
    recipe_files | LC_ALL=C sort | while IFS= read -r f; do echo "${f#"$here"/}"; cat "$f"; done
  } | sha256sum | cut -c1-40
)

# uuid SALT: a UUID that only depends on the recipe, so that two recipes never share a partition identity.
uuid() {
  printf '%s %s' "$hash" "$1" | sha256sum |
    sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'
}
