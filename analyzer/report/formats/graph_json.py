"""The factor graph in the shape that `seamline partition` reads."""

import json

from analyzer.report.report import Report
from analyzer.report.source_lines import SourceLines


def render(report: Report, sources: SourceLines) -> bytes:
    """`GRAPH.json`: nodes with sizes, factors with weights and members."""
    document = {
        "nodes": [
            {"id": node["id"], "kind": node["kind"], "size": node["size"]}
            for node in report.document["nodes"]
        ],
        "factors": [
            {"kind": factor["kind"], "weight": factor["weight"], "members": factor["members"]}
            for factor in report.document["factors"]
        ],
    }
    return (json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n").encode()
