# The ghaf image: Debian's packages unpacked into a root file system of Ghaf's shape. No maintainer script runs
# (it would have to run on the board's CPU): what they would have written is written here.

ghaf_image() {
  unpack_kernel "$work/kernel"
  new_disk "$work/disk"
  local initrd='' dtb=''
  if [ "$board" = imx8mp ]; then
    initrd=$work/initrd dtb=$work/board.dtb
    imx8mp_initramfs "$initrd"
    imx8mp_dtb "$dtb"
    cmdline+=" root=/dev/mmcblk2p2"
  else
    cmdline+=" root=PARTUUID=$(uuid root) rootwait rw"
  fi
  boot_files "$vmlinuz" "$initrd" "$dtb" "$cmdline"
  # fakeroot: files belong to root on the board, although nobody is root here.
  export here work name hash version arch kernel board kind disk esp_mib disk_mib kdir kver debs
  fakeroot bash -c 'set -euo pipefail
    for part in "$here"/lib/*.sh "$here"/ghaf/make.sh; do . "$part"; done
    ghaf_root "$work/root"; root_fs "$work/root"'
}

ghaf_root() {
  local root=$1 unit rules
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,proc,sys,run,tmp,boot,home,root,mnt,var/lib}
  (cd "$root" && ln -s usr/bin usr/sbin usr/lib usr/lib64 .)
  unpack ghaf "$root" --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
    --exclude='./usr/share/info' --exclude='./usr/share/bash-completion' --exclude='./usr/share/zoneinfo' \
    --exclude='./usr/lib/*/gconv' --exclude='./usr/lib/*/perl-base' --exclude='./usr/bin/perl*' \
    --exclude='./usr/lib/udev/hwdb.d' --exclude='./lib/udev/hwdb.d' --exclude='./usr/share/i18n' \
    --exclude='./lib/init' --exclude='./etc/init.d' --exclude='./usr/share/perl5'
  cp -r --no-preserve=ownership "$here/ghaf/overlay/." "$root/"
  chmod 755 "$root"/usr/libexec/hil/* "$root"/usr/libexec/hil/apps/* "$root"/etc/systemd/system-generators/hil \
    "$root"/usr/bin/{nixos-version,ghaf-version,ghaf-open,givc-cli,ota-update}
  chmod 440 "$root/etc/sudoers.d/wheel"
  chmod 1777 "$root/tmp"; chmod 700 "$root/root"
  ln -sf mawk "$root/usr/bin/awk"
  ln -sf which.debianutils "$root/usr/bin/which"
  ln -sf nc.openbsd "$root/usr/bin/nc"
  chmod u+s "$root/usr/bin/ping"
  # Empty, not absent: systemd then makes one at the first boot, and does not take it for a new installation.
  : > "$root/etc/machine-id"; : > "$root/etc/fstab"
  # No renaming: udev would rename the NIC under the feet of the script that configures it.
  ln -s /dev/null "$root/etc/systemd/network/99-default.link"
  # Every guest plugs network cards in, whose descriptions nobody reads: seconds under emulation.
  mkdir -p "$root/etc/udev/rules.d"
  for rules in 73-special-net-names 75-net-description 80-net-setup-link; do ln -s /dev/null "$root/etc/udev/rules.d/$rules.rules"; done
  image_identity "$root"
  ghaf_users "$root"
  ghaf_modules "$root"
  # It would mount the FAT partition on demand, which nobody needs.
  ln -s /dev/null "$root/etc/systemd/system-generators/systemd-gpt-auto-generator"
  while IFS= read -r unit; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done < "$here/ghaf/masked"
  enable() { mkdir -p "$root/etc/systemd/system/$2.wants"; ln -s "../$1" "$root/etc/systemd/system/$2.wants/$3"; }
  ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
  ln -s ssh.service "$root/etc/systemd/system/sshd.service"
  enable ssh.service sysinit.target ssh.service
  enable hil-net.service sysinit.target hil-net.service
  # Ghaf has no VMs on imx8mp. Elsewhere the kernel command line says which of them start.
  if [ "$board" = imx8mp ]; then rm -r "$root/etc/microvms"; else mkdir -p "$root/var/lib/microvms"; fi
}

# ghaf_users ROOT: Debian's fixed users, those that the packages' scripts would have made, and ours.
ghaf_users() {
  local root=$1 etc=$1/etc
  cp "$root/usr/share/base-passwd/passwd.master" "$etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$etc/group"
  sed -i 's|^root:[^:]*:0:0:root:/root:.*|root:x:0:0:root:/root:/bin/bash|; s/^\([^:]*\):\*:/\1:x:/' "$etc/passwd"
  cat >> "$etc/passwd" <<'U'
messagebus:x:100:101::/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
systemd-network:x:998:998::/:/usr/sbin/nologin
systemd-resolve:x:997:997::/:/usr/sbin/nologin
ghaf:x:1000:1000:ghaf:/home/ghaf:/bin/bash
U
  sed -i -E 's/^((adm|sudo):.*)/\1ghaf/' "$etc/group"
  cat >> "$etc/group" <<'U'
messagebus:x:101:
input:x:102:
sgx:x:103:
kvm:x:104:
render:x:105:
_ssh:x:106:
systemd-journal:x:999:ghaf
systemd-network:x:998:
systemd-resolve:x:997:
ghaf:x:1000:
U
  awk -F: -v hash="$PASSWORD" '{ print $1 ":" ($1 == "root" || $1 == "ghaf" ? hash : "*") ":19000:0:99999:7:::" }' \
    "$etc/passwd" > "$etc/shadow"
  chown 0:42 "$etc/shadow"; chmod 640 "$etc/shadow"
  mkdir -p "$root/home/ghaf"; chmod 700 "$root/home/ghaf"; chown 1000:1000 "$root/home/ghaf"
}

# ghaf_modules ROOT: only those that the board loads; the root file system's drivers are built in or in the initramfs.
ghaf_modules() {
  local root=$1 file rel wanted=(overlay bridge veth)
  [ "$board" = imx8mp ] || wanted+=(virtio_net virtio_rng)
  mkdir -p "$root/usr/lib/modules/$kver" "$root/etc/modules-load.d"
  cp "$kdir/lib/modules/$kver"/modules.{order,builtin,builtin.modinfo} "$root/usr/lib/modules/$kver/"
  # systemd asks for autofs4 by itself.
  module_files "${wanted[@]}" autofs4 | while IFS= read -r file; do
    rel=${file#"$kdir"/lib/modules/"$kver"/}
    mkdir -p "$root/usr/lib/modules/$kver/${rel%/*}"
    cp "$file" "$root/usr/lib/modules/$kver/$rel"
  done
  depmod -b "$root" "$kver"
  [ "$board" = imx8mp ] || printf '%s\n' "${wanted[@]}" > "$root/etc/modules-load.d/hil.conf"
}
