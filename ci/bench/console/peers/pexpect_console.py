"""A pexpect script as somebody who cares about speed writes it: large reads, a bounded search window.

usage: pexpect_console.py TTY rare | marks N
"""
import os
import sys
import time

from pexpect import fdpexpect


def main():
    tty, what, *count = sys.argv[1:]
    line = fdpexpect.fdspawn(os.open(tty, os.O_RDWR | os.O_NOCTTY), maxread=65536, searchwindowsize=4096, timeout=120)
    print("ready", flush=True)
    if what == "rare":
        line.expect(rb"RARE-MATCH-(\d{1,20}) ")
        print(f"matched {time.monotonic_ns()}")
        return
    for _ in range(int(count[0])):
        line.expect(rb"MARK (\d{1,20}) \r\n")
        print(f"trip {(time.monotonic_ns() - int(line.match.group(1))) / 1e6:.6f}")
        line.send(b"\n")


main()
