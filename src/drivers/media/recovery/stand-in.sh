#!/bin/sh
# A board with relays on its recovery and reset lines and on its supply, played on a sysfs tree:
#   stand-in.sh FOLDER recovery|reset|power on|off
# It samples the recovery line when reset is let go, and shows on USB DELAY seconds later ($DELAY, $PORT, $ID may be set).
# BROKEN=line: the recovery line is not connected. BROKEN=stuck: it never leaves USB.
set -eu
folder=$1 what=$2 how=$3
device=$folder/bus/usb/devices/${PORT:-1-2.3}
mkdir -p "$folder/bus/usb/devices"
echo "$what $how" >> "$folder/steps"
case "$what $how" in
  'recovery on') : > "$folder/recovery" ;;
  'recovery off') rm -f "$folder/recovery" ;;
  'power off') [ "${BROKEN-}" = stuck ] || rm -rf "$device" ;;
  'reset off')
    [ -e "$folder/recovery" ] && [ "${BROKEN-}" != line ] || exit 0
    {
      sleep "${DELAY:-0.1}"
      mkdir -p "$device"
      id=${ID:-0955:7023}
      # The kernel makes the folder first and its files one after the other.
      echo "${id%:*}" > "$device/idVendor"
      echo "${id#*:}" > "$device/idProduct"
    } > /dev/null 2>&1 &
    ;;
esac
