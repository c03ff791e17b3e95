# Builds a system that a twin can switch to: its version and what activates it.
set -eu
mkdir -p "$out/bin"
echo "$version" > "$out/nixos-version"
cp "$activate" "$out/bin/switch-to-configuration"
chmod 755 "$out/bin/switch-to-configuration"
