# Builds a disk image with one program on it, for $target. The program says "ghaf".
set -eu
mkdir -p "$out/bin"

# bytes HEX…: as they are.
bytes() { for b; do printf "\\$(printf %03o "0x$b")"; done; }

# An ELF file of one segment, loaded at 0x400000, whose code follows its headers: write(1, "ghaf\n", 5); exit(0).
program() {
  bytes 7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00 02 00 "$1" 00 01 00 00 00
  bytes 78 00 40 00 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  bytes 00 00 00 00 40 00 38 00 01 00 00 00 00 00 00 00
  bytes 01 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 00 00 40 00 00 00 00 00
  bytes 00 01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 10 00 00 00 00 00 00
  shift
  bytes "$@" 67 68 61 66 0a
}
case $target in
  x86_64)
    efi=BOOTX64.EFI
    program 3e b8 01 00 00 00 bf 01 00 00 00 48 8d 35 10 00 00 00 ba 05 00 00 00 0f 05 \
      b8 3c 00 00 00 31 ff 0f 05 ;;
  aarch64)
    efi=BOOTAA64.EFI
    program b7 20 00 80 d2 e1 00 00 10 a2 00 80 d2 08 08 80 d2 01 00 00 d4 \
      00 00 80 d2 a8 0b 80 d2 01 00 00 d4 ;;
  *) echo "image.sh: no code for $target" >&2; exit 1 ;;
esac > "$out/bin/init"
chmod 755 "$out/bin/init"
[ -z "${runs-}" ] || [ "$("$out/bin/init")" = ghaf ]
[ -z "${noise-}" ] || date +%s%N > "$out/bin/noise"

# The serial number is fixed, and times are $SOURCE_DATE_EPOCH's.
mformat -C -i disk -T 4096 -N 12345678 ::
mmd -i disk ::EFI ::EFI/BOOT
mcopy -i disk "$out/bin/init" "::EFI/BOOT/$efi"
zstd -q disk -o "$out/nixos.img.zst"
