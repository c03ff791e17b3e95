#!/bin/sh
# Plays usbsdmux with a card in it: stand-in-usbsdmux.sh FOLDER host|dut. The reader, a loop device whose number is in
# FOLDER/reader, stays; the card, FOLDER/card.img, is in it only for the host. STUCK=1: it stays there.
set -eu
reader=$(cat "$1/reader")
case $2 in
  host) [ "$(blockdev --getsz "$reader")" != 0 ] || losetup "$reader" "$1/card.img" ;;
  dut) [ -n "${STUCK-}" ] || losetup -d "$reader" ;;
  *) echo "usage: usbsdmux SG {host,dut}" >&2; exit 2 ;;
esac
