"""The coupling stage: facts → factor graph, with the shared kernel set aside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.coupling.agreement import in_agreement
from analyzer.coupling.co_test import co_test_reasons
from analyzer.coupling.data import data_reasons
from analyzer.coupling.entries import entry_reasons
from analyzer.coupling.evolutionary import evolutionary_reasons
from analyzer.coupling.factor import Factor, Node, NodeKind
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.coupling.location import file_reasons, package_reasons
from analyzer.coupling.product import Product, product_of
from analyzer.coupling.reason import Reason, factors_of
from analyzer.coupling.schema_changes import schema_change_reasons
from analyzer.coupling.semantic import semantic_reasons
from analyzer.coupling.shared_kernel import loose_bodies, shared_kernel
from analyzer.coupling.structural import structural_reasons
from analyzer.coupling.transactional import transactional_reasons
from analyzer.coupling.vocabulary import vocabulary_reasons
from analyzer.coupling.weights import LOAD_OF_PLACE, WEIGHTS, load_of
from analyzer.facts.codebase_facts import CodebaseFacts


@dataclass(frozen=True, slots=True)
class Coupling:
    """What is cut, and what is set aside before the cut."""

    graph: FactorGraph
    shared: tuple[tuple[str, str], ...]  # (unit, why it belongs to the shared kernel), sorted


def build_factor_graph(
    facts: CodebaseFacts,
    *,
    sighted: bool = True,
    files: bool = True,
    agreeing: bool = True,
    weights: Mapping[str, float] = WEIGHTS,
) -> Coupling:
    """Everything that speaks for keeping nodes together.

    Without sight, nothing that depends on a module's path is used: neither its package nor which
    modules change together. Without files, not even which units stand in one. Reasons count by how
    far their members agree in what else they are tied to (`agreement.py`), unless told otherwise.
    """
    shared = shared_kernel(product_of(facts))
    product = product_of(facts, without=frozenset(unit for unit, _ in shared))
    reasons = _reasons(product, sighted=sighted, files=files, agreeing=agreeing, weights=weights)
    factors = factors_of(reasons, weights=weights)
    loose = loose_bodies(product, factors)
    nodes = _nodes(product, factors, without={unit for unit, _ in loose})
    return Coupling(FactorGraph(nodes, factors), shared=tuple(sorted(shared + loose)))


def _reasons(
    product: Product,
    *,
    sighted: bool,
    files: bool,
    agreeing: bool,
    weights: Mapping[str, float],
) -> Iterator[Reason]:
    seen = [
        *structural_reasons(product),
        *data_reasons(product),
        *schema_change_reasons(product),
        *transactional_reasons(product),
        *entry_reasons(product),
        *semantic_reasons(product),
        *co_test_reasons(product),
    ]
    seen += vocabulary_reasons(product, others=seen)
    if files:
        seen += file_reasons(product)
    yield from in_agreement(seen, weights=weights) if agreeing else seen
    if sighted:
        yield from evolutionary_reasons(product)
        yield from package_reasons(product)


def _nodes(product: Product, factors: Iterable[Factor], *, without: set[str]) -> tuple[Node, ...]:
    """Units and tables, each with its load: the weight of its factors beside a node's usual one."""
    coupled: Counter[str] = Counter()
    for factor in factors:
        weight = factor.weight * (LOAD_OF_PLACE if factor.kind == "package" else 1.0)
        coupled.update(dict.fromkeys(factor.members, weight))
    kinds: dict[str, NodeKind] = dict.fromkeys(
        (u for u in product.units if u not in without), "unit"
    )
    kinds |= dict.fromkeys(product.nodes.values(), "table")
    usual = sum(coupled[node] for node in kinds) / max(1, len(kinds))
    return tuple(sorted(Node(n, kind, load_of(coupled[n], usual)) for n, kind in kinds.items()))
