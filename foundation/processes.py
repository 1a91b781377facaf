"""Child processes that cannot outlive us: a session of their own, a signal when their parent dies."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PROC = Path("/proc")
# What a program needs to be found, to find its files and to write dates and letters: nothing that is secret.
BASIC: Final = ("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
OF_PYTHON: Final = ("PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class User:
    """Whom a child runs as; `keeps_access` lets it pass folders that only root may enter."""

    uid: int
    gid: int
    keeps_access: bool = False


def passed_on(names: Iterable[str], *, beginning: tuple[str, ...] = ()) -> dict[str, str]:
    """Of our environment the variables of these names, in either case, and those that begin so."""
    wanted = {name.upper() for name in names}
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in wanted or name.startswith(beginning or "\0")
    }


def launch(
    command: Sequence[str | Path],
    *,
    dies_with: signal.Signals = signal.SIGTERM,
    user: User | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | str | None = None,
    output: IO[bytes] | int | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a child as leader of a session of its own (the terminal's Ctrl-C does not reach it).

    `environment` is all that it sees; without it what is `BASIC`, so that no server holds keys of providers.
    On Linux it gets `dies_with` when the calling thread ends, so call this from the main thread.
    """
    arguments = [str(part) for part in command]
    if user is not None and user.keeps_access:
        arguments, user = _with_access(arguments, user, dies_with), None
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=passed_on(BASIC) if environment is None else environment,
        cwd=folder,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
        preexec_fn=_dying_with(dies_with) if LINUX else None,
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=[] if user else None,
    )


def can_keep_access() -> bool:
    """Whether `setpriv` is there to drop root but keep its right to pass closed folders."""
    return LINUX and shutil.which("setpriv") is not None


def _with_access(command: list[str], user: User, dies_with: signal.Signals) -> list[str]:
    # A change of credentials clears the parent-death signal: setpriv has to set it again.
    capabilities = "+dac_override,+dac_read_search"
    return [
        "setpriv",
        f"--reuid={user.uid}",
        f"--regid={user.gid}",
        "--clear-groups",
        f"--inh-caps={capabilities}",
        f"--ambient-caps={capabilities}",
        # Else access(2) asks as somebody without them, and PostgreSQL's own look at its programs is refused.
        "--securebits=+no_setuid_fixup",
        f"--pdeathsig={dies_with.name.removeprefix('SIG')}",
        *command,
    ]


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _dying_with(death_signal: signal.Signals) -> Callable[[], None]:
    parent, prctl = os.getpid(), _libc().prctl

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return before_exec


def die_with_parent(death_signal: signal.Signals) -> None:
    """This process gets `death_signal` when its parent ends (Linux only)."""
    if LINUX:
        _libc().prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def adopt_orphans() -> None:
    """Descendants whose parent ended become our children, so that they can be ended and reaped (Linux only)."""
    if LINUX:
        _libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def is_alive(pid: int) -> bool:
    """Whether a process of that id runs (one that ended and was not reaped counts as gone)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = _stat(pid)
    return state is None or state[0] != "Z"


def identity_of(pid: int) -> str:
    """What tells this process from any later one that gets its id."""
    state = _stat(pid)
    return f"{pid}-{state[19] if state else 0}"


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """For the line that says so: by which signal, or with which exit code."""
    code = process.returncode
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended (exit code {code})"


def members(sessions: set[int]) -> list[int]:
    """Ids of the living processes of these sessions, whatever process group they moved to."""
    if not LINUX:
        return [pid for pid in sessions if is_alive(pid)]
    found = []
    for entry in PROC.iterdir():
        state = _stat(int(entry.name)) if entry.name.isdigit() else None
        if state and state[0] != "Z" and int(state[3]) in sessions:
            found.append(int(entry.name))
    return found


def kill_session(session: int) -> None:
    """SIGKILL for every process of a session that `launch` started."""
    for pid in members({session}):
        send(pid, signal.SIGKILL)


def send(pid: int, what: signal.Signals) -> None:
    """Sends a signal; a process that is gone already is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/<pid>/stat after the name: state, parent, group, session, …"""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
