"""A script as many write it: TTY USER PASSWORD. Login prompt, login, one command; prints when each was seen, as reader.c does."""

import os
import sys
import time

from pexpect import fdpexpect

tty, user, password = sys.argv[1:4]
board = fdpexpect.fdspawn(os.open(tty, os.O_RDWR | os.O_NOCTTY), timeout=180)


def say(what):
    print(what, time.time() * 1000, flush=True)


say("ready")
board.expect("login: ")
say("login")
board.sendline(user)
board.expect("[Pp]assword: ")
board.sendline(password)
board.expect(r"\$ ")
say("shell")
board.sendline('echo hello; echo END""-$?')
board.expect("END-0")
board.expect(r"\$ ")
say("first")
