"""Runs the shell of deploy/ in a temporary folder: its functions alone, beside stand-ins for the machine's programs."""

import os
import subprocess

from tests.system.harness.homes import ROOT

PLACES = {
    "/etc/": "etc/", "/opt/streetlight": "opt/streetlight", "/var/lib/streetlight": "var/lib/streetlight",
    "/usr/local/sbin": "programs", "/run/streetlight.lock": "lock",
}  # fmt: skip
SHARED = 'set -eu\n. "$(dirname "$0")/steps.sh"\n'


class Scripts:
    """A machine's folders, and the scripts of deploy/ that know no others."""

    def __init__(self, root):
        self.root, self.programs = root, root / "programs"
        for folder in (
            "deploy",
            "programs",
            "etc/streetlight",
            "opt/streetlight",
            "var/lib/streetlight",
        ):
            (root / folder).mkdir(parents=True)
        self._lay("steps.sh", (ROOT / "deploy/steps.sh").read_text(encoding="utf-8"))

    @property
    def settings(self):
        """Return the settings file."""
        return self.root / "etc/streetlight/environment"

    def _lay(self, name, text):
        for place, own in PLACES.items():
            text = text.replace(place, f"{self.root}/{own}")
        (self.root / "deploy" / name).write_text(text, encoding="utf-8")
        return self.root / "deploy" / name

    def stand_in(self, name, text='echo "$(basename "$0") $*" >>"$ASKED"'):
        """Lay a program that is found before the machine's own; by default it notes what it was asked."""
        (self.programs / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (self.programs / name).chmod(0o755)

    @property
    def asked(self):
        """Return what the stand-ins were asked, in order."""
        noted = self.root / "asked"
        return noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []

    def command(self, text, *, script=""):
        """Return the command that runs `text` after the functions of steps.sh, and of a script if one is named."""
        whole = (
            (ROOT / "deploy" / script).read_text(encoding="utf-8").split("\nbe_root\n")[0]
            if script
            else SHARED
        )
        return ["sh", str(self._lay("run", f"{whole}\n{text}\n"))]

    def environment(self, **more):
        """Return the environment of a run."""
        path = f"{self.programs}:{os.environ['PATH']}"
        return {"PATH": path, "ASKED": str(self.root / "asked"), "LANG": "C.UTF-8", **more}

    def run(
        self,
        text,
        *options,
        script="",
        cwd=None,
        wrong=0,
        **environment,
    ):
        """Run `text`, of a script called with `options`, and return what it said; it must end with the code `wrong`."""
        ran = subprocess.run(
            [*self.command(text, script=script), *options], cwd=cwd or self.root, env=self.environment(**environment),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == wrong, f"it ended with {ran.returncode}:\n{ran.stdout}"
        return ran.stdout
