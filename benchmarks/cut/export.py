"""Factor graphs of corpus projects as GRAPH.json: python -m benchmarks.cut.export NAME…"""

import json
import sys
import tempfile
from pathlib import Path

from analyzer import api, pipeline
from analyzer.partition.graph_document import graph_document
from benchmarks.cut.instances import GRAPHS

CORPUS = GRAPHS.parent / "corpus"


def export(name: str) -> None:
    """Analyse one project up to its factor graph."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot = api.take_snapshot(str(CORPUS / name), into=Path(folder) / "snapshot")
        run = pipeline.Run(api.Options(), api.SilentProgress(), api.MemoryStore())
        _, coupling = pipeline.weighed(snapshot, run)
    GRAPHS.mkdir(parents=True, exist_ok=True)
    (GRAPHS / f"{name}.json").write_text(json.dumps(graph_document(coupling.graph)))


if __name__ == "__main__":
    for project in sys.argv[1:]:
        export(project)
