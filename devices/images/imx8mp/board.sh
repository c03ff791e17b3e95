# QEMU's imx8mp-evk: its device tree, the modules of its SD host and NIC, and the initramfs that finds the root.

# nvmem-imx-ocotp: the NIC's driver waits for the fuses with its MAC address.
IMX8MP_MODULES=(nvmem-imx-ocotp realtek fec sdhci_esdhc_imx ext4 mmc_block i2c-imx rtc-snvs at803x)

# imx8mp_dtb OUT: the kernel's own device tree, adapted to what QEMU models.
imx8mp_dtb() {
  cp "$(find "$kdir" -path '*/freescale/imx8mp-evk.dtb')" "$1"
  chmod u+w "$1"
  # QEMU fills this property with new random bytes at every start; without it the SSH server waits for entropy.
  fdtput -t bx "$1" /chosen rng-seed $(for ((i = 0; i < 64; i++)); do echo 0; done)
  # Devices that QEMU lacks: the kernel would complain at length about each.
  local node
  for node in /soc@0/pcie@33800000 /soc@0/bus@32c00000/blk-ctrl@32f10000 /soc@0/bus@32c00000/blk-ctrl@32ec0000 \
      /soc@0/blk-ctrl@38330000; do
    fdtput -t s "$1" "$node" status disabled
  done
}

# imx8mp_initramfs OUT: loads the drivers, mounts the card's root file system and hands over to its init.
imx8mp_initramfs() {
  local root=$work/initramfs src=$work/initramfs-src
  mkdir -p "$src"/{usr/bin,usr/sbin,usr/lib,usr/lib64} "$root"/{bin,proc,sys,dev,newroot}
  (cd "$src" && ln -s usr/bin usr/sbin usr/lib usr/lib64 .)
  unpack tiny "$src" --exclude='./usr/share'
  cp "$src/bin/busybox" "$root/bin/"
  install -m 755 "$here/imx8mp/init" "$root/init"
  initramfs_modules "$root" "${IMX8MP_MODULES[@]}"
  pack_initramfs "$root" "$1"
}
