"""A git repository as a source: a URL, or a repository or bundle on this machine.

Git is only ever asked to clone without a work tree, to list and to print objects. Nothing of the
repository's own configuration, hooks, filters or submodules is obeyed, because a clone takes none
of them along and no file is checked out.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from analyzer.errors import UnusableInput
from analyzer.intake.limits import MIB, Limits, Meter
from analyzer.intake.tree import Tree, UnreadableEntry

_URL = re.compile(r"^(?P<protocol>[a-z][a-z0-9+.-]*)://\S+$", re.IGNORECASE)
_SCP = re.compile(r"^[\w.-]+@[\w.-]+:[^\s:]\S*$")
_REVISION = re.compile(r"^[\w][\w./+-]*$")
_BUNDLE_MAGIC = b"# v"

# From the caller's environment, only what is needed to find programs and reach the network.
KEPT_ENVIRONMENT = (
    "PATH", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "SYSTEMROOT", "TMPDIR",
)  # fmt: skip
FIXED_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oClearAllForwardings=yes",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "LC_ALL": "C",
}
SAFE_CONFIGURATION = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "core.alternateRefsCommand": "true",
    "core.pager": "cat",
    "credential.helper": "",
    "protocol.allow": "never",
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.fsckObjects": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


# The copied repository may belong to someone else. Its side of a clone obeys none of the settings
# in it that could start a program, which is why it is copied before anything else is asked of it.
TRUST_FOR_COPYING = "[safe]\n\tdirectory = *\n"


@dataclass(frozen=True, slots=True)
class GitSource:
    """Where to clone from, and which branch or tag; the default one if none is named."""

    location: str
    revision: str = ""
    protocol: str = "file"
    is_bundle: bool = False

    @property
    def name(self) -> str:
        """The last part of the location, without what every location ends with."""
        last = re.split(r"[/:]", self.location.rstrip("/").removesuffix("/.git"))[-1]
        return last.removesuffix(".git").removesuffix(".bundle") or "repository"


def git_url(source: str) -> GitSource | None:
    """The source as a git URL, `#branch` or `#tag` behind it taken apart; None if it is none."""
    location, _, revision = source.partition("#")
    if _SCP.match(location):
        return GitSource(location=location, revision=revision, protocol="ssh")
    found = _URL.match(location)
    if not found:
        return None
    return GitSource(location=location, revision=revision, protocol=found["protocol"].lower())


def local_repository(path: Path) -> GitSource | None:
    """A bare repository or a bundle at this path, or None."""
    if path.is_file():
        with path.open("rb") as content:
            start = content.read(16)
        is_bundle = start.startswith(_BUNDLE_MAGIC) and b"git bundle" in start
        return GitSource(location=str(path.resolve()), is_bundle=True) if is_bundle else None
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
    return GitSource(location=f"file://{path.resolve()}") if bare else None


def clone(source: GitSource, *, into: Path, meter: Meter) -> None:
    """A bare clone of one branch, its history cut off at the limit.

    Raises `UnusableInput` if the protocol is not allowed, git is missing, or the clone fails.
    """
    _check(source, meter.limits)
    depth = max(1, meter.limits.history_commits)
    arguments = ["clone", "--quiet", "--bare", "--no-tags", "--single-branch", "--no-local"]
    if not source.is_bundle:
        arguments.append(f"--depth={depth}")
    if source.revision:
        arguments.append(f"--branch={source.revision}")
    with tempfile.TemporaryDirectory() as home:
        configuration = Path(home, "gitconfig")
        configuration.write_text(TRUST_FOR_COPYING)
        _run(
            [*arguments, "--", source.location, str(into)],
            meter=meter,
            environment=_environment(source.protocol, configuration=str(configuration)),
            source=source,
        )


def fill_from_repository(tree: Tree, repository: Path) -> None:
    """Copy the files of the newest commit of a bare clone, byte for byte as committed."""
    entries = list(_entries(repository, tree.meter))
    with _started(["cat-file", "--batch"], repository=repository) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for path, mode, object_id, size in entries:
            if mode == "160000":
                tree.leave_out(path, code="submodule")
            elif mode == "120000":
                tree.leave_out(path, code="not-a-file")
            else:
                chunks = _object(process.stdin, process.stdout, object_id)
                tree.add(path, chunks, size=size)
                chunks.close()
    tree.drop_marked_folders()


@contextmanager
def output_of(arguments: Sequence[str], *, repository: Path) -> Iterator[IO[bytes]]:
    """What git prints about a bare clone, as a stream; git is ended when the caller has enough."""
    with _started(arguments, repository=repository) as process:
        assert process.stdout is not None
        yield process.stdout


def newest_commit(repository: Path) -> str:
    """The id of the commit that the history ends with."""
    command = _command(["rev-parse", "--verify", "HEAD^{commit}"], repository=repository)
    done = subprocess.run(  # noqa: S603 - fixed program, checked arguments
        command, env=_environment(), capture_output=True, timeout=60, check=False
    )
    if done.returncode:
        raise UnusableInput("The repository has no commits. Commit the code first.")
    return done.stdout.decode("ascii").strip()


def _check(source: GitSource, limits: Limits) -> None:
    if source.protocol not in limits.protocols:
        raise UnusableInput(
            f"A repository cannot be reached by {source.protocol}: here. "
            f"These are allowed: {', '.join(limits.protocols)}."
        )
    if source.revision and not _REVISION.match(source.revision):
        raise UnusableInput("What stands behind # must be the name of a branch or a tag.")
    if source.location.startswith("-"):
        raise UnusableInput("A repository's location cannot begin with a dash.")


def _entries(repository: Path, meter: Meter) -> Iterator[tuple[str, str, str, int]]:
    """(path, mode, object id, size) of all files of the newest commit, sorted by path."""
    arguments = ["ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD"]
    listed = _run(arguments, meter=meter, environment=_environment(), repository=repository)
    for line in listed.split(b"\0")[:-1]:
        description, _, path = line.partition(b"\t")
        mode, _, object_id, size = description.decode("ascii").split()
        name = path.decode("utf-8", "surrogateescape")
        yield name, mode, object_id, int(size) if size.isdigit() else 0


def _object(ask: IO[bytes], answer: IO[bytes], object_id: str) -> Generator[bytes, None, None]:
    try:
        ask.write(f"{object_id}\n".encode("ascii"))
        ask.flush()
    except OSError as error:
        raise UnreadableEntry(object_id) from error
    header = answer.readline().split()
    if len(header) != 3:
        raise UnreadableEntry(object_id)
    missing = int(header[2])
    try:
        while missing and (chunk := answer.read(min(MIB, missing))):
            missing -= len(chunk)
            yield chunk
    finally:
        # Closed early or not: the next object begins after this one's end.
        while missing and (chunk := answer.read(min(MIB, missing))):
            missing -= len(chunk)
        answer.read(1)


def _run(
    arguments: Sequence[str],
    *,
    meter: Meter,
    environment: dict[str, str],
    source: GitSource | None = None,
    repository: Path | None = None,
) -> bytes:
    """Run git to its end within the time that is left; its output. Raises `UnusableInput`."""
    protocol = source.protocol if source else ""
    command = _command(arguments, repository=repository, protocol=protocol)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = _start(command, environment, stdout=output, stderr=errors)
        _bound_file_size(process.pid, meter.limits)
        try:
            code = process.wait(timeout=max(1.0, meter.seconds_left()))
        except subprocess.TimeoutExpired as error:
            raise UnusableInput(
                f"Cloning took longer than {meter.limits.seconds:,.0f} seconds. "
                "Give an archive of the repository instead."
            ) from error
        finally:
            _end(process)
        if code:
            errors.seek(0)
            raise _refusal(source, errors.read(64 * 1024).decode("utf-8", "replace"))
        output.seek(0)
        return output.read()


def _refusal(source: GitSource | None, said: str) -> UnusableInput:
    location = without_credentials(source.location) if source else "the repository"
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    reason = lines[-1].partition(":")[2].strip() if lines else "git gave no reason"
    if source:
        reason = reason.replace(source.location, location)
    reason = re.sub(r"//[^/\s@]*@", "//", reason)
    return UnusableInput(
        f"Git could not clone {location}: {reason}. Check the address and that it can be "
        "reached without a password, or give an archive of the repository."
    )


def without_credentials(location: str) -> str:
    """The location without the user name and password that a URL may carry."""
    if not _URL.match(location):
        return location
    parts = urlsplit(location)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


@contextmanager
def _started(arguments: Sequence[str], *, repository: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = _command(arguments, repository=repository)
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    process = _start(command, _environment(), stdin=pipe, stdout=pipe, stderr=nowhere)
    try:
        yield process
    finally:
        _end(process)


def _start(
    command: Sequence[str],
    environment: dict[str, str],
    *,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - fixed program, checked arguments
        command, env=environment, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
    )


def _command(
    arguments: Sequence[str], *, repository: Path | None = None, protocol: str = ""
) -> list[str]:
    program = shutil.which("git")
    if program is None:
        raise UnusableInput(
            "Git is not installed on this machine. Install git, or give an archive or a folder."
        )
    settings = dict(SAFE_CONFIGURATION)
    if protocol:
        settings[f"protocol.{protocol}.allow"] = "always"
    command = [program]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    if repository is not None:
        command += [f"--git-dir={repository}"]
    return [*command, *arguments]


def _environment(protocol: str = "", *, configuration: str = os.devnull) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        **kept,
        **FIXED_ENVIRONMENT,
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": configuration,
        "GIT_ALLOW_PROTOCOL": protocol,
    }


def _bound_file_size(pid: int, limits: Limits) -> None:
    """Let git write no file larger than the limit, where the system can be asked for that."""
    with suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        most = limits.total_bytes
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and all that it started."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()
    if process.poll() is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
