"""Who may read what lies in a state folder: nginx the pages and pictures that it serves, nobody else anything."""

import stat

SERVED = (
    "edition",
    "media",
    "place",
)  # what nginx, another user, reads by itself, and what is local: all public


def wrong(state):
    """Return the paths below a state folder whose mode is not as it has to be, with the mode that they have."""
    return [
        f"{path.relative_to(state)} {mode:04o}"
        for path, mode in modes(state)
        if not fits(path, state, mode)
    ]


def modes(state):
    """Yield everything below a state folder but links, with its mode."""
    for path in sorted(state.rglob("*")):
        try:
            facts = path.lstat()
        except FileNotFoundError:  # the service removed what it had built since
            continue
        if not stat.S_ISLNK(facts.st_mode):
            yield path, stat.S_IMODE(facts.st_mode)


def fits(path, state, mode):
    """Return whether a mode is right: what nginx serves is readable to all and writable to its owner, the rest shut."""
    parts = path.relative_to(state).parts
    if served(parts):
        return mode == (0o755 if path.is_dir() else 0o644)
    return not mode & 0o077


def served(parts):
    """Return whether nginx reads this path. Names with a leading dot are the builders' own."""
    return parts[0] in SERVED and not any(part.startswith(".") for part in parts)
