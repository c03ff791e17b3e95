# Takes busybox out of a tiny image.
set -eu
mkdir "$out"
zstd -qdcf "$image" > disk
mcopy -n -i disk@@1M ::initrd initrd
zstd -qdcf < initrd | cpio -i --quiet -d bin/busybox
mv bin/busybox "$out/busybox"
