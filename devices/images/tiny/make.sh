# The tiny image: the kernel and an initramfs with busybox and dropbear; the board runs from RAM.

tiny_image() {
  local root=$work/root src=$work/src
  mkdir -p "$src"/{usr/bin,usr/sbin,usr/lib,usr/lib64} "$root"
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$src"
  unpack tiny "$src" --exclude='./usr/share'
  unpack_kernel "$work/kernel"
  tiny_root "$src" "$root"
  if [ "$board" = imx8mp ]; then
    initramfs_modules "$root" "${IMX8MP_MODULES[@]}"
    imx8mp_dtb "$work/board.dtb"
  else
    initramfs_modules "$root" virtio_pci virtio_net virtio_rng
  fi
  pack_initramfs "$root" "$work/initrd"
  new_disk "$work/disk"
  boot_files "$vmlinuz" "$work/initrd" "$( [ "$board" != imx8mp ] || echo "$work/board.dtb")" "$cmdline"
}

# tiny_root FROM TO: the few files of the packages that the board needs, and its configuration.
tiny_root() {
  local from=$1 to=$2 file triple=x86_64-linux-gnu loader=lib64/ld-linux-x86-64.so.2
  [ "$arch" = amd64 ] || triple=aarch64-linux-gnu loader=lib/ld-linux-aarch64.so.1
  mkdir -p "$to"/{bin,sbin,proc,sys,dev,run,tmp,lib64,"lib/$triple",usr/lib/openssh,root/.ssh,home/ghaf,var/log}
  mkdir -p "$to"/etc/{dropbear,ssh}
  chmod 700 "$to"/root "$to"/root/.ssh "$to"/home/ghaf
  ln -s ../bin ../sbin "$to/usr"
  cp "$from/bin/busybox" "$to/bin/"
  ln -s busybox "$to/bin/sh"
  cp "$from/usr/sbin/dropbear" "$to/sbin/"
  # Busybox' shell asks the terminal for its cursor position at every prompt, which a real board's does not;
  # and this busybox has no cksum.
  cp "$from/usr/bin/dropbearkey" "$from/usr/bin/cksum" "$from/bin/dash" "$to/bin/"
  cp "$from/usr/lib/openssh/sftp-server" "$to/usr/lib/openssh/"
  ln -s openssh/sftp-server "$to/usr/lib/sftp-server"
  cp -L "$from/$loader" "$to/$loader"
  for file in "$to/sbin/dropbear" "$to/bin/dropbearkey" "$to/bin/cksum" "$to/bin/dash" "$to/usr/lib/openssh/sftp-server"; do
    libraries "$file" "$from/lib/$triple" "$to/lib/$triple"
  done
  for file in libnss_files.so.2 libcrypt.so.1; do cp -L "$from/lib/$triple/$file" "$to/lib/$triple/"; done
  install -m 755 "$here/tiny/init" "$to/init"
  install -m 755 "$here/tiny/nixos-version" "$to/bin/nixos-version"
  image_identity "$to"
  printf 'root:x:0:0:root:/root:/bin/dash\nghaf:x:1000:1000:ghaf:/home/ghaf:/bin/dash\n' > "$to/etc/passwd"
  printf 'root:x:0:\nghaf:x:1000:\n' > "$to/etc/group"
  printf '%s:%s:19000:0:99999:7:::\n' root "$PASSWORD" ghaf "$PASSWORD" > "$to/etc/shadow"
  chmod 600 "$to/etc/shadow"
  echo ghaf-host > "$to/etc/hostname"
  printf '127.0.0.1 localhost ghaf-host\n' > "$to/etc/hosts"
  printf 'passwd: files\nshadow: files\ngroup: files\nhosts: files\n' > "$to/etc/nsswitch.conf"
  echo /bin/dash > "$to/etc/shells"
  cp "$here/tiny/profile" "$to/etc/profile"
}

# libraries FILE FROM TO: copies the shared libraries that FILE names, and those that they name. (A plain search
# for the names: reading the ELF header properly would cost one more tool that a machine may lack.)
libraries() {
  local lib
  for lib in $(grep -aoE 'lib[a-z0-9_+-]+\.so\.[0-9]+' "$1" | sort -u); do
    [ ! -e "$3/$lib" ] && [ -e "$2/$lib" ] || continue
    cp -L "$2/$lib" "$3/"
    libraries "$2/$lib" "$2" "$3"
  done
}
