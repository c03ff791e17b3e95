"""A careful pexpect script: a prompt and marks of its own. usage: pexpect_shell.py TTY USER PASSWORD COMMANDS-AS-JSON

Logs in while the console is quiet, starts the noise by /tmp/noise, and prints one JSON object for each command.
"""
import json
import os
import sys
import termios
import tty as terminal

import pexpect
from pexpect import fdpexpect


def main():
    tty, user, password, commands = sys.argv[1:]
    fd = os.open(tty, os.O_RDWR | os.O_NOCTTY)
    terminal.setraw(fd)
    termios.tcflush(fd, termios.TCIOFLUSH)
    board = fdpexpect.fdspawn(fd, timeout=30, encoding="latin-1")
    board.sendline("")
    board.expect("login: ")
    board.sendline(user)
    board.expect("assword: ")
    board.sendline(password)
    board.expect(r"\$ ")
    board.sendline("stty -echo; PS1='[''hil-prompt]'")
    board.expect_exact("[hil-prompt]")
    run(board, "touch /tmp/noise; sleep 2")
    for command in json.loads(commands):
        print(json.dumps(run(board, command)), flush=True)
    for _ in range(10):
        if "failed" not in run(board, "rm -f /tmp/noise; sleep 2"):
            break
    board.sendline("exit")
    board.expect("login: ", timeout=60)


def run(board, command):
    try:
        board.sendline(f"echo BEGIN'-'; {{ {command}; }}; echo END'-'$?")
        board.expect_exact("BEGIN-\r\n")
        board.expect(r"END-(\d+)")
        said, code = board.before, int(board.match.group(1))
        board.expect_exact("[hil-prompt]")
        return {"exitCode": code, "lines": said.replace("\r\n", "\n").split("\n")}
    except pexpect.TIMEOUT:
        return {"failed": "TIMEOUT"}


main()
