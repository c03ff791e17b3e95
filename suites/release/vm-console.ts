/** What a person sees who boots a virtual machine and logs in, once with a wrong password. */
export interface VmStory {
  /** A login prompt came. */
  readonly offersLogin: boolean
  /** The prompt came back after the wrong password. */
  readonly refuses: boolean
  /** A command typed after the right password was executed. */
  readonly entered: boolean
  /** `uname -m` there. */
  readonly machine: string | undefined
}

const PROMPT = /[\w.-]+ login: /g

/** Reads the console of `BOOT_VM`. Echoes do not count: answers are not what was typed. */
export function storyOf(console: string): VmStory {
  const answer = /^up-42 (\w+)\r*$/m.exec(console)
  return {
    offersLogin: console.search(PROMPT) >= 0,
    refuses: /Login incorrect/.test(console) && (console.match(PROMPT) ?? []).length > 1,
    entered: answer !== null,
    machine: answer?.[1],
  }
}

/**
 * Starts the program `$1`, waits for its login prompt, tries a wrong password, logs in as `$2` with `$3`, runs a command
 * and prints the console. `$4` is the limit in seconds for each of these. Nothing of it is left behind.
 */
export const BOOT_VM = `
dir=$(mktemp -d) && cd "$dir" && mkfifo in && exec 3<> in && : > console || exit 1
export TMPDIR=$dir NIX_DISK_IMAGE=$dir/disk.qcow2 QEMU_OPTS="-nographic \${QEMU_OPTS-}"
"$1" <&3 > console 2>&1 &
vm=$!
trap 'kill $vm 2> /dev/null; wait; rm -rf "$dir"' EXIT
trap exit INT TERM HUP
# shows COUNT PATTERN: waits until it is there that often; fails when the machine is gone or time is up.
shows() {
  i=0
  until [ "$(grep -aoE "$2" console | wc -l)" -ge "$1" ]; do
    kill -0 $vm 2> /dev/null && [ $i -lt $((limit * 5)) ] || return 1
    sleep 0.2; i=$((i + 1))
  done
}
limit=$4
shows 1 ' login: ' && echo "$2" >&3 &&
shows 1 'assword: ' && echo not-the-password >&3 &&
shows 2 ' login: ' && echo "$2" >&3 &&
shows 2 'assword: ' && echo "$3" >&3 && sleep 1 &&
echo 'echo up-$((40 + 2)) $(uname -m)' >&3 && shows 1 'up-42'
head -c 262144 console
`
