# Kernel and modules out of the distribution's package, cut down to what a virtual board uses.

# unpack_kernel DIR: sets $kdir and $kver; DIR/boot/vmlinuz-* and DIR/lib/modules/* appear.
unpack_kernel() {
  kdir=$1; mkdir -p "$kdir"
  # The big families that no virtual board has are not even unpacked (300 MB for the full kernel).
  unpack "kernel-$kernel" "$kdir" --exclude='./usr/share' --exclude='*/drivers/gpu' --exclude='*/drivers/media' \
    --exclude='*/sound' --exclude='*/drivers/infiniband' --exclude='*/drivers/staging' --exclude='*/net/wireless' \
    --exclude='*/drivers/scsi' --exclude='*/drivers/iio' --exclude='*/drivers/hid' --exclude='*/drivers/bluetooth'
  kver=$(ls "$kdir/lib/modules")
  vmlinuz=$kdir/boot/vmlinuz-$kver
  depmod -b "$kdir" "$kver"
}

# module_files NAME…: the files of the modules and of what they need, in the order to load them.
# Names that the kernel has built in yield nothing.
module_files() {
  local m
  for m; do
    modprobe -d "$kdir" -S "$kver" --show-depends "$m" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++'
}

# plain FILE DEST: a copy of a module without compression (busybox' insmod knows none).
plain() {
  case $1 in
    *.xz) xz -dc "$1" > "$2" ;;
    *.zst) zstd -qdc "$1" > "$2" ;;
    *) cp "$1" "$2" ;;
  esac
}

# initramfs_modules ROOT NAME…: copies them and writes etc/modules.load for init.
initramfs_modules() {
  local root=$1 file base; shift
  mkdir -p "$root/lib/modules" "$root/etc"
  module_files "$@" | while IFS= read -r file; do
    base=$(basename "$file"); base=${base%.xz}; base=${base%.zst}
    plain "$file" "$root/lib/modules/$base"
    echo "/lib/modules/$base"
  done > "$root/etc/modules.load"
}

# pack_initramfs ROOT OUT: everything belongs to root, whoever builds.
pack_initramfs() {
  (cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet --reproducible) |
    zstd -q -T0 -10 -f -o "$2"
}
