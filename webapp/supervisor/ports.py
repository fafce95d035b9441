"""Finding a port to listen on."""

import errno
import socket

PORTS_TRIED = 50


class NoFreePort(Exception):
    """Every port that was tried is taken."""


def listen(*, host: str, port: int) -> tuple[socket.socket, list[int]]:
    """A listening socket at the port or the next free one, and the taken ports passed over.

    Raises `NoFreePort` where none of the next ones is free either.
    """
    taken: list[int] = []
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            taken.append(candidate)
        else:
            listener.listen(512)
            return listener, taken
    raise NoFreePort(f"the ports {port} to {candidate} are all taken")
