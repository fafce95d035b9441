"""Factors from tests: a test module exercises one capability."""

from collections import defaultdict
from collections.abc import Iterator

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.evidence import Evidence

# A test module that touches more units than this tests the whole, not a part.
UNITS_OF_ONE_CAPABILITY = 30


def co_test_reasons(product: Product) -> Iterator[Reason]:
    """One factor for each test module, over the product units that it refers to.

    Units that many test modules refer to are set-up (a user factory, a base class) and left out.
    """
    modules = {module.id for module in product.facts.modules if module.role == "test"}
    module_of = {u.id: u.module for u in product.facts.units if u.module in modules}
    exercised: defaultdict[str, dict[str, Evidence]] = defaultdict(dict)
    for reference in product.facts.references:
        if reference.source in module_of and reference.target in product.units:
            units = exercised[module_of[reference.source]]
            units.setdefault(reference.target, reference.evidence)
    spread: defaultdict[str, int] = defaultdict(int)
    for units in exercised.values():
        for unit in units:
            spread[unit] += 1
    most = max(3.0, 0.05 * len(exercised))
    for _, units in sorted(exercised.items()):
        telling = sorted(unit for unit in units if spread[unit] <= most)
        if 2 <= len(telling) <= UNITS_OF_ONE_CAPABILITY:
            places = tuple(units[unit] for unit in telling)
            yield Reason("co_test", tuple(telling), 1.0, places)
