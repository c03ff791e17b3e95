# Who the image says it is, and how one logs in.

# The hash of "ghaf" (crypt $6$, few rounds: emulated CPUs are slow, and the password is public anyway).
PASSWORD='$6$rounds=1000$hilghaf$4lLgsSw9NrLSXnIOVyzT5mjavdmsCDVtAF0p9SwGzuYT/Q.tRjPizoL.GC5Yg/StrUQW6sl2UEL0Y.SDEy8d70'

# image_identity ROOT: what nixos-version and the harness read on the board.
image_identity() {
  printf 'name=%s\ncommit=%s\nversion=%s\n' "$name" "$hash" "$version" > "$1/etc/hil-image"
}
