#!/bin/sh
# Behaves and misbehaves like flash-ghaf-host and initrd-flash, with lines as the real ones print them: stand-in.sh HOW
cd "${STAND_IN_DIR:-/tmp}" || exit 1
rcm() {
  echo '[   0.0335 ] mb1_t234_prod_aligned_sigheader.bin.encrypt filename is from --mb1_bin'
  echo "board at USB port $HIL_USB_PORT, image $HIL_IMAGE"
  echo '[   0.2737 ] Sending bct_br'
}
usb_timeout() {
  rcm
  echo '[   0.4198 ] ERROR: might be timeout in USB write.'
  echo 'Error: Return value 3'
  echo 'Reading board information failed.'
}
case ${1-} in
  good)
    rcm
    for percent in 1 25 50 75 100; do
      printf '\r[   2.34 ] [................] %s%%' $percent >&2
    done
    echo >&2
    echo '  [device] FIRMWARE_DONE'
    echo 'Flash complete. Device is rebooting.' ;;
  once)   # fails as one that came too late, and works when it is tried again
    [ -e tried ] && exec "$0" good
    : > tried
    usb_timeout; exit 1 ;;
  timeout) usb_timeout; exit 1 ;;
  timeout-as-success) usb_timeout ;;   # a wrapper that forgets the exit code
  recovers)
    usb_timeout
    echo 'Retrying...'
    exec "$0" good ;;
  not-there) echo 'Error: probing the target board failed.' >&2; exit 1 ;;
  no-serial)
    rcm
    echo 'Waiting for Jetson device to appear via USB, this may take up to 4 minutes.....'
    echo 'ERROR: serial port did not appear'; exit 1 ;;
  silent-device)
    rcm
    echo 'ERROR: Timed out waiting for: FIRMWARE_DONE'
    echo 'ERROR: Host-side failure during Phase 2.'; exit 1 ;;
  refused)
    rcm
    echo '  [device] Flashing platform firmware unsuccessful.'
    echo 'ERROR: Device reported failure'; exit 1 ;;
  full) rcm; echo 'dd: error writing: No space left on device' >&2; exit 1 ;;
  no-rights) echo 'sudo: a terminal is required to read the password' >&2; exit 1 ;;
  unknown) rcm; echo 'something nobody has seen before' >&2; exit 7 ;;
  dies) rcm; kill -KILL $$ ;;
  hangs)
    rcm
    # A child of its own, as the real one runs tools: it must not outlive the flash.
    sleep 300 & echo $! > child
    wait ;;
  asks) printf 'Device /dev/sda is mounted. Overwrite? [y/N] '; read -r answer || exit 4 ;;
  asks-and-waits) printf 'Device /dev/sda is mounted. Overwrite? [y/N] '; sleep 300 ;;
  floods) yes 'spinning 50%' ;;
esac
