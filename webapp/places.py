"""Where the installation keeps its things; everything lies inside one data directory."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from webapp import environment

# The kernel's limit for the path of a unix socket is 107 bytes; Redis adds nothing to it.
LONGEST_SOCKET_PATH = 100

SOURCE_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The folders and files below one root."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "seamline.sqlite3"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret-key"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        return self.root / "running.lock"

    @property
    def processes(self) -> Path:
        return self.root / "processes.json"

    @property
    def redis_socket(self) -> Path:
        """Inside the data directory, or in a private folder where that path is too long."""
        inside = self.redis / "redis.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"seamline-{os.getuid()}-{name}" / "redis.sock"

    @property
    def redis_url(self) -> str:
        return f"redis+socket://{self.redis_socket}"

    def make(self) -> None:
        """Create the folders, readable by their owner only."""
        socket_folder = self.redis_socket.parent
        for folder in (self.root, self.uploads, self.snapshots, self.redis, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket_folder.mkdir(mode=0o700, exist_ok=True)
        if socket_folder.stat().st_uid != os.getuid():
            raise environment.BadSetting(f"{socket_folder} belongs to somebody else")


def data_directory() -> DataDirectory:
    """The data directory that the environment names; `data` in the working directory otherwise."""
    return DataDirectory(Path(environment.text("SEAMLINE_DATA", "data")).expanduser().resolve())


def node_modules() -> Path:
    """Where `make install` puts the packages that run in the browser."""
    default = SOURCE_ROOT / ".venv" / "frontend" / "node_modules"
    return Path(environment.text("SEAMLINE_NODE_MODULES", str(default)))
