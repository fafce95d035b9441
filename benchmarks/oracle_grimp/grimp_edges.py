"""What grimp says, in a process of its own: `python -m benchmarks.oracle_grimp.grimp_edges ROOT`.

Prints JSON: the import edges as pairs of paths, the modules as paths, and the modules of the tree
that were imported while the graph was built (which must be none: grimp parses and never runs).
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

MOST_UNPARSED = 200


def top_packages(root: Path) -> list[str]:
    """Packages directly below a folder that stands on the path."""
    found = (path.parent.name for path in root.glob("*/__init__.py"))
    return sorted(name for name in found if name.isidentifier())


def graph_of(root: Path) -> dict[str, Any]:
    """Edges, modules and unparsed files; files that grimp cannot parse are emptied in a copy."""
    unparsed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "tree")
        shutil.copytree(root, copy, ignore=_all_but_python, symlinks=True)
        sys.path.insert(0, str(copy))
        packages = top_packages(copy)
        imported: list[str] = []
        sys.addaudithook(lambda event, arguments: _note(event, arguments, packages, imported))
        while True:
            try:
                return _edges(copy, packages, unparsed, imported)
            except Exception as error:
                file = getattr(error, "filename", None)
                if not file or len(unparsed) >= MOST_UNPARSED:
                    raise
                Path(file).write_text("")
                unparsed.append(str(Path(file).relative_to(copy)))


def _edges(
    root: Path, packages: list[str], unparsed: list[str], imported: list[str]
) -> dict[str, Any]:
    import grimp

    first, *rest = packages
    graph = grimp.build_graph(first, *rest, cache_dir=None)
    paths = {name: _path_of(root, name) for name in graph.modules}
    edges = [
        (paths[importer], paths[target])
        for importer in sorted(graph.modules)
        for target in sorted(graph.find_modules_directly_imported_by(importer))
    ]
    return {
        "edges": edges,
        "modules": sorted(path for path in paths.values() if path),
        "unparsed": unparsed,
        "imported": imported,
    }


def _path_of(root: Path, name: str) -> str:
    stem = name.replace(".", "/")
    for path in (f"{stem}/__init__.py", f"{stem}.py"):
        if (root / path).is_file():
            return path
    return f"{stem}/"


def _note(event: str, arguments: tuple[Any, ...], packages: list[str], found: list[str]) -> None:
    if event == "import" and str(arguments[0]).split(".")[0] in packages:
        # grimp is in no corpus project; its own name would be here only if one were called so.
        found.append(str(arguments[0]))


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if not n.endswith(".py") and not Path(folder, n).is_dir()]


if __name__ == "__main__":
    print(json.dumps(graph_of(Path(sys.argv[1]))))
