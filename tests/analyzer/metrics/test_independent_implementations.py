"""Metrics against other people's code, or against the definition carried out by brute force."""

from collections import deque
from itertools import product

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.metrics.agreement import adjusted_rand_index
from analyzer.metrics.modularity import newman_girvan_modularity
from analyzer.metrics.mojofm import mojo_distance, mojo_fm

MEMBERS = "abcde"
Blocks = frozenset[frozenset[str]]

labels = st.lists(st.integers(0, 4), min_size=5, max_size=5)


def grouping(numbers: list[int]) -> dict[str, str]:
    return {member: str(number) for member, number in zip(MEMBERS, numbers, strict=True)}


def blocks(assignment: dict[str, str]) -> Blocks:
    return frozenset(
        frozenset(m for m in assignment if assignment[m] == group) for group in assignment.values()
    )


def one_operation_away(state: Blocks) -> set[Blocks]:
    """All that a single Move or Join makes of a partition."""
    reached: set[Blocks] = set()
    for block in state:
        rest = state - {block}
        for member in block:
            left = block - {member}
            kept = rest | ({left} if left else set())
            reached.add(kept | {frozenset({member})})
            reached.update((kept - {other}) | {other | {member}} for other in rest)
        reached.update((rest - {other}) | {other | block} for other in rest)
    return reached


def fewest_operations(start: Blocks) -> dict[Blocks, int]:
    distances = {start: 0}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for reached in one_operation_away(state):
            if reached not in distances:
                distances[reached] = distances[state] + 1
                queue.append(reached)
    return distances


@given(found=labels, reference=labels)
@settings(max_examples=40, deadline=None)
def test_mojo_distance_is_the_fewest_moves_and_joins(
    found: list[int], reference: list[int]
) -> None:
    distances = fewest_operations(blocks(grouping(found)))
    assert (
        mojo_distance(found=grouping(found), reference=grouping(reference))
        == distances[blocks(grouping(reference))]
    )


@pytest.mark.parametrize(
    "reference", [[0, 0, 0, 0, 0], [0, 0, 1, 1, 1], [0, 1, 2, 3, 4], [0, 0, 1, 2, 2]]
)
def test_the_farthest_clustering_scores_zero_and_none_scores_less(reference: list[int]) -> None:
    scores = [
        mojo_fm(found=grouping(list(numbers)), reference=grouping(reference))
        for numbers in product(range(5), repeat=5)
    ]
    assert min(scores) == 0.0
    assert max(scores) == 100.0


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_modularity_equals_networkx(data: st.DataObject) -> None:
    ends = st.sampled_from("abcdefgh")
    calls = data.draw(
        st.dictionaries(
            st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]),
            st.integers(1, 5).map(float),
            min_size=1,
        )
    )
    assignment = {member: data.draw(st.sampled_from("xyz")) for member in "abcdefgh"}
    graph = nx.Graph()
    graph.add_nodes_from(assignment)
    for (source, target), volume in calls.items():
        known = graph.get_edge_data(source, target, {"weight": 0.0})["weight"]
        graph.add_edge(source, target, weight=known + volume)
    groups = [{m for m in assignment if assignment[m] == g} for g in "xyz"]
    expected = nx.community.modularity(graph, [group for group in groups if group])
    assert newman_girvan_modularity(calls, assignment=assignment) == pytest.approx(expected)


@given(found=st.lists(st.integers(0, 3), min_size=2, max_size=12), seed=st.randoms())
@settings(max_examples=60, deadline=None)
def test_ari_equals_its_definition_by_counting_pairs(found: list[int], seed) -> None:  # type: ignore[no-untyped-def]
    reference = [seed.randrange(4) for _ in found]
    pairs = [(i, j) for i in range(len(found)) for j in range(i)]
    tp = sum(found[i] == found[j] and reference[i] == reference[j] for i, j in pairs)
    fp = sum(found[i] == found[j] and reference[i] != reference[j] for i, j in pairs)
    fn = sum(found[i] != found[j] and reference[i] == reference[j] for i, j in pairs)
    tn = len(pairs) - tp - fp - fn
    divisor = (tp + fn) * (fn + tn) + (tp + fp) * (fp + tn)
    expected = 2 * (tp * tn - fn * fp) / divisor if divisor else 1.0
    ours = adjusted_rand_index(
        found={str(i): str(label) for i, label in enumerate(found)},
        reference={str(i): str(label) for i, label in enumerate(reference)},
    )
    assert ours == pytest.approx(expected)
