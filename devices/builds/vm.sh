# Builds what starts the tiny system as a virtual machine with its console on standard output.
set -eu
mkdir -p "$out/bin" "$out/share"
zstd -qdcf "$image" > disk
for file in vmlinuz initrd; do mcopy -n -i disk@@1M "::$file" "$out/share/$file"; done
cat > "$out/bin/run-ghaf-host-vm" <<S
#!/bin/sh
# A /dev/kvm without vmx or svm behind it opens, and cannot run this kernel.
accel=tcg cpu=max
if [ -w /dev/kvm ] && grep -qE '^flags.* (vmx|svm)( |\$)' /proc/cpuinfo; then accel=kvm cpu=host; fi
exec qemu-system-x86_64 -machine q35 -accel \$accel -cpu \$cpu -m 256 -nographic -no-reboot -nic none \\
  -kernel $out/share/vmlinuz -initrd $out/share/initrd \\
  -append "console=ttyS0,115200 quiet panic=-1 mitigations=off no_timer_check $more \${QEMU_KERNEL_PARAMS-}" \${QEMU_OPTS-}
S
chmod 755 "$out/bin/run-ghaf-host-vm"
