"""The socket that all web processes share, bound before anything else is started."""

from __future__ import annotations

import errno
import os
import socket

from foundation.servers.folder import CannotStart

BACKLOG = 2048
WHY = {
    errno.EADDRINUSE: "another program uses it",
    errno.EACCES: "this user may not use ports that low",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


class CannotListen(CannotStart):
    """The address is taken, not ours to take, or none."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        self.busy = error.errno == errno.EADDRINUSE
        name = "HOST" if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL else "PORT"
        why = WHY.get(error.errno or 0, error.strerror or str(error))
        super().__init__(f"{name}: cannot listen on {host}:{port}: {why}. Set {name} to another value.")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket for the web processes to inherit; raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted connections inherit it. The web server cannot set it: it takes an inherited socket for a
            # UNIX one. Without it each answer waits 40 ms for the reader's delayed acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise CannotListen(host, port, error) from None
    os.set_inheritable(listener.fileno(), True)
    return listener


def url(host: str, port: int) -> str:
    """Where a person on this machine opens it."""
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{name}]' if ':' in name and not name.startswith('[') else name}:{port}"
