"""The pairwise coupling graph, for tools that draw and measure graphs."""

import io
import re

import networkx as nx

from analyzer.coupling.coupling_graph import coupling_graph
from analyzer.report.report import Report
from analyzer.report.restore import assignment_of, graph_of
from analyzer.report.source_lines import SourceLines

_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, sources: SourceLines) -> bytes:
    """GraphML: units and tables with their service, edges with their weight."""
    homes = assignment_of(report)
    pairwise = coupling_graph(graph_of(report))
    plain = nx.Graph()
    for node, attributes in pairwise.nodes(data=True):
        plain.add_node(_text(node), kind=attributes.get("kind", ""), service=homes.get(node, ""))
    for first, second, attributes in pairwise.edges(data=True):
        weight = round(float(attributes.get("weight", 1.0)), 6)
        plain.add_edge(_text(first), _text(second), weight=weight)
    out = io.BytesIO()
    nx.write_graphml(plain, out, encoding="utf-8", prettyprint=True)
    return out.getvalue()


def _text(name: str) -> str:
    return _NOT_XML.sub("\ufffd", name)
