"""Analyses sources in this process under an audit hook; run in a process of its own.

    python watched_analysis.py WORK FOLDER ARCHIVE …

Prints, one a line, everything that happened and should not have.
"""

import sys
from pathlib import Path

work, *sources = (Path(argument).resolve() for argument in sys.argv[1:])
seen: list[str] = []
watching = False
importing_own = ("analyzer",)


def touches_analysed(path: object) -> bool:
    try:
        text = str(path) if isinstance(path, (str, Path)) else bytes(path).decode()  # type: ignore[arg-type]
    except Exception:
        return False
    return text.startswith((*map(str, sources), str(work / "snapshots")))


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if not watching:
        return
    if event == "import":
        name, filename, *_ = arguments
        if touches_analysed(filename or "") or str(name).split(".")[0] in HOSTILE_NAMES:
            seen.append(f"import {name} {filename}")
    elif event == "exec":
        code = arguments[0]
        if touches_analysed(getattr(code, "co_filename", "")):
            seen.append(f"exec {code}")
    elif event == "compile":
        if touches_analysed(arguments[1] or ""):
            seen.append(f"compile {arguments[1]!r}")
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork"):
        if Path(str(arguments[0])).name != "git":
            seen.append(f"{event} {arguments[0]!r}")
    elif event == "open":
        path, mode, flags = arguments
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        writes = writes or (isinstance(flags, int) and flags & 3)
        if writes and isinstance(path, (str, bytes)) and not is_allowed(path):
            seen.append(f"write {path!r}")
    elif event.startswith("socket.") and event != "socket.gethostname":
        seen.append(f"{event} {arguments[1:]!r}")
    elif event.startswith(
        ("pickle.find_class", "ctypes.dlopen", "webbrowser.", "ftplib.", "smtplib.")
    ):
        if touches_analysed(arguments[0] if arguments else ""):
            seen.append(f"{event} {arguments!r}")
    elif event in CHANGES and not is_allowed(str(arguments[0])):
        seen.append(f"{event} {arguments!r}")


CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "shutil.rmtree", "os.chmod"})


def is_allowed(path: str | bytes) -> bool:
    text = path.decode() if isinstance(path, bytes) else path
    if not text.startswith("/"):
        return True  # relative to a folder that was opened, as `shutil.rmtree` does
    return text.startswith((str(work), "/dev/null")) or is_kernel_cache(Path(text))


def is_kernel_cache(path: Path) -> bool:
    """Where numba keeps the analyzer's own compiled kernels, the first time they are called."""
    folder = path if path.name == "__pycache__" else path.parent
    own = Path(analyzer.__file__).parent
    return (
        folder.name == "__pycache__"
        and folder.is_relative_to(own)
        and not path.suffix.startswith(".py")
    )


HOSTILE_NAMES = {path.stem for path in sources[0].rglob("*.py")} - {"__init__", "settings", "types"}

import analyzer  # noqa: E402 - the hook watches only what comes after the imports
from analyzer import api  # noqa: E402

api.Report  # noqa: B018
# What is imported lazily on purpose is imported before the watch begins, with a harmless source.
harmless = work / "harmless"
harmless.mkdir()
(harmless / "models.py").write_text(
    "from django.db import models\n"
    "class A(models.Model):\n    b = models.ForeignKey('B', models.CASCADE)\n"
    "class B(models.Model):\n    n = models.TextField()\n"
    "def f():\n    A.objects.create(b=B.objects.get(pk=1))\n"
    "    A.objects.raw('select 1 from models_a')\n"
)
first = api.take_snapshot(str(harmless), into=work / "first")
for format in api.FORMATS:
    api.export(api.analyze(first, store=api.MemoryStore()), format=format.name)

sys.addaudithook(watch)
watching = True
for number, source in enumerate(sources):
    snapshot = api.take_snapshot(str(source), into=work / "snapshots" / str(number))
    report = api.analyze(snapshot, store=api.DirectoryStore(work / "store" / str(number)))
    for format in api.FORMATS:
        content = api.export(report, format=format.name, root=snapshot.root)
        (work / f"report-{number}.{format.name}").write_bytes(content)
    print(f"files {len(snapshot.files)}", file=sys.stderr)
watching = False

print("\n".join(seen))
