"""Somebody at a terminal who answers what a command asks."""

import base64
import os
import pty
import re
import select
import signal
import time
from urllib.parse import parse_qs, urlsplit

from django_otp.oath import totp

PATIENCE = 400.0  # seconds for a command
PASSWORD = "a long password for lena"  # of an account on a machine that is gone a minute later


def talk(command, answers):
    """Run a command at a terminal, and answer what it asks; return all that the terminal showed.

    `answers` are by a part of the question: text, or a function of what was shown so far that returns it.
    """
    pid, handle = pty.fork()
    if pid == 0:
        os.execvp(command[0], list(command))
    shown, answered, until = "", 0, time.monotonic() + PATIENCE
    while True:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"{command[-1]} waits for something:\n{shown[-3000:]}")
        if not select.select([handle], [], [], 0.2)[0]:
            answered += _answer(handle, shown[answered:], shown, answers)
            continue
        try:
            data = os.read(handle, 65536)
        except OSError:
            data = b""
        if not data:
            break
        shown += data.decode(errors="replace")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(handle)
    assert code == 0, f"{command[-1]} ended with {code}:\n{shown[-6000:]}"
    return shown


def _answer(handle, new, shown, answers):
    """Answer the question at the end of what is shown, if there is one; return how much of it that settles."""
    last = new.rstrip(" ").splitlines()[-1:] or [""]
    for question, answer in answers.items():
        if question in last[0]:
            os.write(handle, f"{answer(shown) if callable(answer) else answer}\n".encode())
            return len(new)
    return 0


def six_digits(shown):
    """Return what an authenticator app shows for the last otpauth address in a text."""
    address = re.findall(r"otpauth://\S+", shown)[-1]
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return f"{totp(base64.b32decode(secret + '=' * (-len(secret) % 8))):06d}"


def block(shown):
    """Return the block of the recovery sheet that was asked for last."""
    number = int(re.findall(r"Block (\d+) of the recovery identity", shown)[-1])
    return sheet(shown).removeprefix("AGE-SECRET-KEY-1")[6 * number - 6 : 6 * number]


DESK = {  # what a team lead answers who founds a desk, by a part of the question; the first that fits
    "of the recovery identity": block,
    "? Type yes": "yes",
    "The team's phone number": "",
    "Who is told when an adult": "",
    " [": "",  # what stands in brackets is right
    "Who is told when a child": "Sam Guard",
    "The duty contact's name": "Dana Duty",
    "for emails that an urgent tip is waiting": "dana@tips.test",
    "Username of the first team lead": "lena",
    "Password for signing in": PASSWORD,
    "Password again": PASSWORD,
    "The six digits": six_digits,
}


def passphrase(shown):
    """Return the team lead's words, as a terminal showed them last."""
    return re.findall(r"(?:Six words|New six words):\s+((?:[a-z]+ ?){6})", shown)[-1].strip()


def sheet(shown):
    """Return the recovery sheet's line."""
    return re.findall(r"AGE-SECRET-KEY-\w+", shown)[-1]


def team_lead(shown):
    """Return all that the team lead was shown once."""
    codes = re.findall(r"Recovery codes:((?:\s+[a-z0-9-]+)+?)\s+-{9}", shown)[-1].split()
    return {
        "username": "lena",
        "password": PASSWORD,
        "passphrase": passphrase(shown),
        "codes": codes,
    }
