"""labgrid's own ShellDriver on its own serial driver. usage: labgrid_shell.py TTY USER PASSWORD COMMANDS-AS-JSON

Logs in while the console is quiet, starts the noise by /tmp/noise, and prints one JSON object for each command.
"""
import json
import sys

from labgrid import Target
from labgrid.driver import SerialDriver, ShellDriver
from labgrid.resource import RawSerialPort


def main():
    tty, user, password, commands = sys.argv[1:]
    target = Target("bench")
    RawSerialPort(target, "port", port=tty, speed=115200)
    SerialDriver(target, "serial")
    shell = ShellDriver(target, "shell", prompt=r"ghaf@ghaf-host:\S*\$ ", login_prompt="login: ", username=user, password=password)
    target.activate(shell)
    run(shell, "touch /tmp/noise; sleep 2")
    for command in json.loads(commands):
        print(json.dumps(run(shell, command)), flush=True)
    for _ in range(10):
        if "failed" not in run(shell, "rm -f /tmp/noise; sleep 2"):
            break
    shell.console.sendline("exit")
    shell.console.expect("login: ", timeout=60)


def run(shell, command):
    try:
        lines, _, exit_code = shell.run(command)
        return {"exitCode": exit_code, "lines": lines}
    except Exception as error:  # TIMEOUT of pexpect, and what decoding or converting a mangled answer raises
        return {"failed": type(error).__name__}


main()
