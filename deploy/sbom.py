"""Print the bill of materials of this tree, as CycloneDX 1.6 JSON: what is locked, and what others wrote in it.

The same tree gives the same bytes, on any machine: nothing is asked, and no dependency is needed.
"""

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.txt": "required", "requirements-dev.txt": "excluded"}  # what only development needs is excluded
LOCKED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+?))? \\\n(?P<rest>(?:^    .*\n?)+)", re.MULTILINE
)
CARRIED = {  # path: name, version, licence; docs/dependencies.md and the notices beside them say more
    "newsroom/imaging/DejaVuSans.ttf": ("DejaVu Sans", "2.37", {"name": "Bitstream Vera and public domain"}),
    "reports/sealing/words.txt": ("EFF long wordlist", "2016, four words changed", {"id": "CC-BY-3.0-US"}),
    "static/words.txt": ("EFF long wordlist", "2016, four words changed", {"id": "CC-BY-3.0-US"}),
    "static/vendor/file-attachment-element-3.2.0.js": ("@github/file-attachment-element", "3.2.0", {"id": "MIT"}),
    "static/vendor/markdown-toolbar-element-2.2.3.js": ("@github/markdown-toolbar-element", "2.2.3", {"id": "MIT"}),
}


def locked(text: str, scope: str) -> dict[str, dict[str, Any]]:
    """Return the components of one lock by name; each with those that ask for it, under "via"."""
    found = {}
    for entry in LOCKED.finditer(text):
        name, rest = entry["name"], entry["rest"]
        found[name] = {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{entry['version']}",
            "name": name,
            "version": entry["version"],
            "scope": scope,
            "purl": f"pkg:pypi/{name}@{entry['version']}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in re.findall(r"--hash=sha256:(\w{64})", rest)],
            **({"properties": [{"name": "marker", "value": entry["marker"]}]} if entry["marker"] else {}),
            "via": re.findall(r"^    #(?: via)? +(?!via$)(\w[\w.-]*)", rest, re.MULTILINE),
        }
    return found


def carried() -> list[dict[str, Any]]:
    """Return the files of others that lie in the tree as components, each with its hash."""
    return [
        {
            "type": "file",
            "bom-ref": path,
            "name": name,
            "version": version,
            "scope": "required",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256((ROOT / path).read_bytes()).hexdigest()}],
            "licenses": [{"license": licence}],
            "properties": [{"name": "path", "value": path}],
        }
        for path, (name, version, licence) in CARRIED.items()
    ]


def checker() -> dict[str, Any]:
    """Return the component that npm's lock pins, which checks our HTML and is no part of the site."""
    lock = json.loads((ROOT / "tests/system/browser/valid_html/package-lock.json").read_text(encoding="utf-8"))
    one = lock["packages"]["node_modules/vnu-jar"]
    purl = f"pkg:npm/vnu-jar@{one['version']}"
    return {
        "type": "application",
        "bom-ref": purl,
        "name": "vnu-jar",
        "version": one["version"],
        "scope": "excluded",
        "purl": purl,
        "licenses": [{"license": {"id": one["license"]}}],
        "properties": [{"name": "integrity", "value": one["integrity"]}],
    }


def document() -> dict[str, Any]:
    """Return the whole bill; raises ValueError when a line of a lock was not understood."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    here = f"pkg:generic/{project['name']}@{project['version']}"
    packages: dict[str, dict[str, Any]] = {}
    needs: dict[str, set[str]] = {here: {*CARRIED}}
    for lock, scope in LOCKS.items():
        text = (ROOT / lock).read_text(encoding="utf-8")
        found = locked(text, scope)
        if len(found) != len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)):
            message = f"{lock} has lines that are not understood here"
            raise ValueError(message)
        packages = found | packages
        for one in found.values():
            for parent in one.pop("via"):
                needs.setdefault(packages[parent]["bom-ref"] if parent in packages else here, set()).add(one["bom-ref"])
    components = [*(packages[name] for name in sorted(packages)), *carried(), checker()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": here,
                "name": project["name"],
                "version": project["version"],
                "purl": here,
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(needs.items())],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=1, ensure_ascii=False) + "\n")
