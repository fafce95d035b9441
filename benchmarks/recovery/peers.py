"""Stock clustering of the same graph at the same number of services; runs in the bench environment.

Reads {"nodes": n, "edges": [[a, b, weight], ...], "services": k} from standard input and writes
{method: {"labels": [...], "seconds": s}}. Each method gets the number of services: directly where
it takes one, else by bisection over its resolution. Clusters beyond that number (isolated nodes)
go, smallest first, to the cluster they are tied to most.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import igraph
import leidenalg
import numpy as np
from infomap import Infomap
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.spatial.distance import squareform
from sklearn.cluster import SpectralClustering

DENSE_LIMIT = 3000  # nodes for which a matrix of distances, or its eigenvectors, are soon made
BISECTIONS = 8


class Task:
    """One graph and how many clusters are wanted."""

    def __init__(self, document: dict) -> None:
        self.nodes: int = document["nodes"]
        self.services: int = document["services"]
        self.pairs = [(a, b) for a, b, _ in document["edges"]]
        self.weights = [w for _, _, w in document["edges"]]
        self.graph = igraph.Graph(n=self.nodes, edges=self.pairs)

    def matrix(self) -> coo_matrix:
        ends = np.array(self.pairs).T
        half = coo_matrix((self.weights, (ends[0], ends[1])), shape=(self.nodes, self.nodes))
        return (half + half.T).tocsr()

    def exactly(self, labels: list[int]) -> list[int]:
        """Dissolve the smallest clusters until as many are left as are wanted."""
        size = Counter(labels)
        kept = {label for label, _ in size.most_common(self.services)}
        pull: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for (a, b), w in zip(self.pairs, self.weights, strict=True):
            for one, other in ((a, b), (b, a)):
                if labels[one] not in kept and labels[other] in kept:
                    pull[labels[one]][labels[other]] += w
        largest = size.most_common(1)[0][0]
        home = {c: pull[c].most_common(1)[0][0] if pull[c] else largest for c in size}
        return [label if label in kept else home[label] for label in labels]

    def bisect(self, cluster: Callable[[float], list[int]], start: float) -> list[int]:
        """The result whose number of clusters of three and more is nearest to the one wanted."""
        low, high, value = 0.0, None, start
        best: tuple[int, list[int]] | None = None
        for _ in range(BISECTIONS):
            labels = cluster(value)
            found = sum(size >= 3 for size in Counter(labels).values())
            if best is None or abs(found - self.services) < best[0]:
                best = (abs(found - self.services), labels)
            if found == self.services:
                break
            if found < self.services:
                low = value
                value = value * 2 if high is None else (value + high) / 2
            else:
                high = value
                value = (value + low) / 2
        assert best is not None
        return self.exactly(best[1])


def leiden_modularity(task: Task) -> list[int]:
    part = leidenalg.find_partition(
        task.graph, leidenalg.ModularityVertexPartition, weights=task.weights, seed=0
    )
    return task.exactly(part.membership)


def leiden_rb(task: Task) -> list[int]:
    return _leiden(task, leidenalg.RBConfigurationVertexPartition, 1.0)


def leiden_cpm(task: Task) -> list[int]:
    density = 2 * sum(task.weights) / task.nodes**2
    return _leiden(task, leidenalg.CPMVertexPartition, density * task.services / 2)


def _leiden(task: Task, kind: type, start: float) -> list[int]:
    def cluster(resolution: float) -> list[int]:
        return leidenalg.find_partition(
            task.graph, kind, weights=task.weights, resolution_parameter=resolution, seed=0
        ).membership

    return task.bisect(cluster, start)


def louvain(task: Task) -> list[int]:
    def cluster(resolution: float) -> list[int]:
        return task.graph.community_multilevel(
            weights=task.weights, resolution=resolution
        ).membership

    return task.bisect(cluster, 1.0)


def infomap(task: Task) -> list[int]:
    search = Infomap(
        f"--two-level --silent --seed 1 --num-trials 2 "
        f"--preferred-number-of-modules {task.services}"
    )
    search.add_nodes(range(task.nodes))
    for (a, b), w in zip(task.pairs, task.weights, strict=True):
        search.add_link(a, b, w)
    search.run()
    found = search.get_modules()
    return task.exactly([found.get(node, -1) for node in range(task.nodes)])


def spectral(task: Task) -> list[int] | None:
    if task.nodes > DENSE_LIMIT:
        return None
    model = SpectralClustering(
        task.services, affinity="precomputed", assign_labels="cluster_qr", random_state=0
    )
    weak = 1e-6 * float(np.mean(task.weights))
    nodes = np.arange(task.nodes - 1)
    chain = coo_matrix((np.full(len(nodes), weak), (nodes, nodes + 1)), shape=(task.nodes,) * 2)
    return model.fit_predict((task.matrix() + chain + chain.T).tocsr()).tolist()


def average_linkage(task: Task) -> list[int] | None:
    if task.nodes > DENSE_LIMIT:
        return None
    matrix = task.matrix().toarray()
    distances = 1 / (1 + matrix)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    low, high = task.services, task.nodes
    best = fcluster(tree, low, "maxclust").tolist()
    # One giant and dust is what a plain cut gives; cut deeper until enough real clusters stand.
    while high - low > 1:
        middle = (low + high) // 2
        labels = fcluster(tree, middle, "maxclust").tolist()
        if sum(size >= 3 for size in Counter(labels).values()) <= task.services:
            low, best = middle, labels
        else:
            high = middle
    return task.exactly(best)


def label_propagation(task: Task) -> list[int]:
    import random

    random.seed(0)
    igraph.set_random_number_generator(random)
    return task.exactly(task.graph.community_label_propagation(weights=task.weights).membership)


METHODS = {
    "Leiden, modularity": leiden_modularity,
    "Leiden, RB": leiden_rb,
    "Leiden, CPM": leiden_cpm,
    "Louvain": louvain,
    "Infomap": infomap,
    "spectral": spectral,
    "average linkage": average_linkage,
    "label propagation": label_propagation,
}


def main() -> None:
    task = Task(json.load(sys.stdin))
    found = {}
    for name, method in METHODS.items():
        started = time.process_time()
        try:
            labels = method(task)
        except Exception as error:
            print(f"{name}: {error!r}", file=sys.stderr)
            continue
        if labels is not None:
            found[name] = {"labels": labels, "seconds": time.process_time() - started}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
