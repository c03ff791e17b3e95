"""labgrid's own serial driver, without a network between it and the port.

usage: labgrid_console.py TTY rare | marks N
"""
import sys
import time

from labgrid import Target
from labgrid.driver import SerialDriver
from labgrid.resource import RawSerialPort


def main():
    tty, what, *count = sys.argv[1:]
    target = Target("bench")
    RawSerialPort(target, "port", port=tty, speed=115200)
    line = SerialDriver(target, "serial")
    target.activate(line)
    print("ready", flush=True)
    if what == "rare":
        line.expect(rb"RARE-MATCH-(\d{1,20}) ", timeout=300)
        print(f"matched {time.monotonic_ns()}", flush=True)
        return
    for _ in range(int(count[0])):
        _, _, match, _ = line.expect(rb"MARK (\d{1,20}) \r\n", timeout=30)
        print(f"trip {(time.monotonic_ns() - int(match.group(1))) / 1e6:.6f}", flush=True)
        line.write(b"\n")


main()
