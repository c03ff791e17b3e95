# The flashable disk: a GPT with one FAT partition that every firmware of the boards can boot from, and
# optionally an ext4 root file system behind it. Everything is written in place at an offset; no mounts, no root.

export MTOOLS_SKIP_CHECK=1
ESP_START=1   # MiB

# new_disk FILE: the empty partitioned disk with its FAT file system.
new_disk() {
  disk=$1 esp=$1@@${ESP_START}M
  local root_start=$((ESP_START + esp_mib))
  truncate -s "${disk_mib}M" "$disk"
  { echo "label: gpt"; echo "label-id: $(uuid disk)"
    echo "start=${ESP_START}MiB,size=${esp_mib}MiB,type=U,name=ESP,uuid=$(uuid esp),attrs=LegacyBIOSBootable"
    [ "$kind" = tiny ] ||
      echo "start=${root_start}MiB,size=$((disk_mib - root_start - 1))MiB,type=L,name=root,uuid=$(uuid root)"
  } | sfdisk -q "$disk"
  mkfs.vfat -F 32 -s 1 -n ESP -i "${hash:0:8}" --invariant --offset $((ESP_START * 2048)) "$disk" \
    $((esp_mib * 1024)) > "$work/mkfs.log" 2>&1   # it warns that the disk is larger than the file system
}

# boot_files KERNEL INITRD|'' DTB|'' ARGS: kernel and boot configurations of all boot loaders, saying the same.
boot_files() {
  local tmp; tmp=$(mktemp -d "$work/boot.XXXX")
  mmd -i "$esp" ::extlinux
  mcopy -i "$esp" "$1" ::vmlinuz
  [ -z "$2" ] || mcopy -i "$esp" "$2" ::initrd
  [ -z "$3" ] || mcopy -i "$esp" "$3" ::board.dtb
  # U-Boot (and our imx8mp power driver) reads this one.
  { echo "DEFAULT ghaf"; echo "PROMPT 0"; echo "TIMEOUT 0"; echo "LABEL ghaf"; echo "  LINUX /vmlinuz"
    [ -z "$2" ] || echo "  INITRD /initrd"
    [ -z "$3" ] || echo "  FDT /board.dtb"
    echo "  APPEND $4"
  } > "$tmp/extlinux.conf"
  mcopy -i "$esp" "$tmp/extlinux.conf" ::extlinux/extlinux.conf
  [ "$board" != imx8mp ] || return 0
  # UEFI: systemd-boot as the removable-media loader.
  { echo "title Ghaf"; echo "linux /vmlinuz"
    [ -z "$2" ] || echo "initrd /initrd"
    echo "options $4"
  } > "$tmp/ghaf.conf"
  printf 'timeout 0\ndefault ghaf\n' > "$tmp/loader.conf"
  mmd -i "$esp" ::EFI ::EFI/BOOT ::loader ::loader/entries
  mcopy -i "$esp" "$tmp/ghaf.conf" ::loader/entries/ghaf.conf
  mcopy -i "$esp" "$tmp/loader.conf" ::loader/loader.conf
  mkdir -p "$tmp/efi"; unpack boot "$tmp/efi"
  local x=x64 X=X64; [ "$arch" = amd64 ] || x=aa64 X=AA64
  mcopy -i "$esp" "$tmp/efi/usr/lib/systemd/boot/efi/systemd-boot$x.efi" "::EFI/BOOT/BOOT$X.EFI"
  # BIOS: syslinux, which reads a configuration of the same syntax as U-Boot's.
  [ "$arch" = amd64 ] || return 0
  mcopy -i "$esp" "$tmp/extlinux.conf" ::syslinux.cfg
  "$(tool syslinux /usr/bin/syslinux)" -t $((ESP_START * 1048576)) --install "$disk"
  dd if=/usr/lib/syslinux/mbr/gptmbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}

# root_fs DIR: fills the second partition from a directory.
root_fs() {
  local start=$((ESP_START + esp_mib))
  mke2fs -q -F -t ext4 -L root -U "$(uuid fs)" -O ^metadata_csum_seed \
    -E "offset=$((start * 1048576)),hash_seed=$(uuid seed),nodiscard" -d "$1" \
    "$disk" $(((disk_mib - start - 1) * 1024))k
}

# store RAW OUT.img.zst: compresses and writes the sidecar. Wants name, version, hash and variant set.
store() {
  local raw=$1 out=$2
  sha256sum < "$raw" > "$raw.sha256" & local job=$!
  zstd -q -T0 "-${zstd_level:-3}" -f -o "$out" "$raw"
  wait "$job"
  sidecar "$out" "$(stat -c %s "$raw")" "$(cut -c1-64 "$raw.sha256")" > "$out.json"
}

sidecar() {
  cat <<J
{
  "name": "$name",
  "version": "$version",
  "commit": "$hash",
  "variant": "${variant:-debug}",
  "sha256": "$(sha256sum < "$1" | cut -c1-64)",
  "rawSizeBytes": $2,
  "rawSha256": "$3"
}
J
}

# tool NAME PATH…: sbin folders are often missing from a normal user's PATH.
tool() { command -v "$1" || { shift; for p; do [ -x "$p" ] && echo "$p" && return; done; return 1; }; }
