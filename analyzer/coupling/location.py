"""Factors from where code stands: authors put together what they think of as one thing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Set

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.coupling.semantic import TECHNICAL, words_of

# A package is only a container of others if less than this share of its units is directly in it.
OWN_SHARE = 0.15
# A package with more than half of all tables divides them less, and with this share not at all.
ALL_BUT_ALL_TABLES = 0.75
# Of fewer tables than this, all in one package are no sign.
FEWEST_TABLES = 6
# What packages still say where nearly everything is in one: its small neighbours were set apart.
LEAST_DIVIDED = 0.05
# Units up to which a file is one thing; of a longer one, two units rarely belong together.
FEW_IN_FILE = 6
# What a file still says that is named for a technical role (models, views): it is a layer.
OF_A_LAYER = 0.05
# Packages whose names frameworks prescribe.
PRESCRIBED = frozenset(["management", "templatetag"])
# Names of packages that hold the tables of everything, in a codebase divided by layers.
DATA = frozenset(
    ["dao", "database", "db", "entity", "model", "orm", "persistence", "repository", "table"]
)
# Technical words for packages of packages.
CONTAINING = frozenset(["app", "module", "plugin"])


def file_reasons(product: Product) -> Iterator[Reason]:
    """Each unit with the anchor of its module, and the table that it maps.

    Strength is 1 for a module of up to six units and falls with the square of their number beyond:
    a long file is a layer, or has grown into one, and says little of any two of its units. So does
    a file that is named for a technical role; its package says what it is of.
    """

    def telling(module: str, units: int) -> float:
        whole = OF_A_LAYER if _is_technical(module) else 1.0
        return whole * min(1.0, (FEW_IN_FILE / units) ** 2)

    yield from _stars(product, "module", _modules(product), telling)


def package_reasons(product: Product) -> Iterator[Reason]:
    """Each unit with the anchor of its package, and the table that it maps.

    The package of a unit is the outermost one around it that is more than a container of packages
    (`shop.apps` contains, `shop.apps.orders` is). Strength is 1 - 2s for a package with the
    share s of all units: what holds half of everything says nothing about what belongs together.
    It is further times 2D - 1, D = 1 - Σ s² being the chance that two units are in different
    packages: where one package holds nearly all, authors did not divide by package. Beyond half of
    all tables it falls to nothing at three quarters: that is where data is kept, whatever it is of.
    """
    modules = _modules(product)
    size = {module: len(units) for module, units in modules.items()}
    package_of = _packages(size, _layers(product, size))
    packages: defaultdict[str, list[str]] = defaultdict(list)
    for module, units in sorted(modules.items()):
        packages[package_of[module]] += units
    whole = max(1, len(product.units))
    apart = 1 - sum((len(units) / whole) ** 2 for units in packages.values())
    divided = max(LEAST_DIVIDED, 2 * apart - 1)

    def telling(package: str, units: int) -> float:
        tables = sum(unit in product.mappers for unit in packages[package])
        share = tables / max(FEWEST_TABLES, len(product.mappers))
        dividing = (ALL_BUT_ALL_TABLES - share) / (ALL_BUT_ALL_TABLES - 0.5)
        return divided * (1 - 2 * units / whole) * min(1.0, max(0.0, dividing))

    yield from _stars(product, "package", packages, telling)


def _modules(product: Product) -> dict[str, list[str]]:
    """Module → its units, as they stand in it."""
    modules: defaultdict[str, list[str]] = defaultdict(list)
    for unit in sorted(product.units.values(), key=lambda unit: (unit.module, unit.line, unit.id)):
        modules[unit.module].append(unit.id)
    return modules


def _stars(
    product: Product,
    kind: str,
    places: dict[str, list[str]],
    telling_of: Callable[[str, int], float],
) -> Iterator[Reason]:
    """Each unit of a place with its anchor, which is the unit that most others refer to."""
    for place, units in sorted(places.items()):
        telling = telling_of(place, len(units))
        anchor = max(units, key=lambda unit: (product.fan_in[unit], unit))
        for unit in units:
            if unit != anchor:
                yield Reason(kind, (anchor, unit), telling, (product.place_of(unit),))
            if unit in product.mappers:
                table = product.nodes[product.mappers[unit]]
                yield Reason(kind, (anchor, table), telling, (product.place_of(unit),))


def _layers(product: Product, size: Mapping[str, int]) -> set[str]:
    """Packages named for a technical role, in a codebase that is divided by layers; else none.

    It is where a package that is named for data (`shop.models`, `shop.db`) holds more than half of
    all tables, and the one around it more than half of all units: then packages say what code is
    made of, not what it is for.
    """
    units = _held(size)
    tables = _held(Counter(product.units[unit].module for unit in product.mappers))
    layered = any(
        _is_named_only(place, DATA)
        and count > len(product.mappers) / 2
        and units[place.rpartition(".")[0]] > sum(size.values()) / 2
        for place, count in tables.items()
    )
    return {place for place in units if _is_technical(place, also=DATA)} if layered else set()


def _held(size: Mapping[str, int]) -> Counter[str]:
    """How much is in each package, at any depth, by how much is in each module."""
    held: Counter[str] = Counter()
    for module, count in size.items():
        names = module.split(".")
        held.update({".".join(names[:length]): count for length in range(1, len(names))})
    return held


def _packages(size: dict[str, int], layers: Set[str]) -> dict[str, str]:
    """Module → the outermost package around it that is more than a container, or a layer.

    A package that holds more than half of everything says nothing of what it holds; the packages in
    it that are named for more than a technical role are then packages of their own.
    """
    inside: defaultdict[str, int] = defaultdict(int)
    directly: defaultdict[str, int] = defaultdict(int)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    around = {module.rpartition(".")[0] for module in size}
    for module, units in size.items():
        home = module if module in around else module.rpartition(".")[0]
        directly[home] += units
        place = home
        while place:
            inside[place] += units
            parent = place.rpartition(".")[0]
            parts[parent].add(place)
            place = parent
    containers = {
        place
        for place in inside
        if len(parts[place]) >= 2
        and directly[place] < OWN_SHARE * inside[place]
        and sum(inside[p] for p in parts[place] - layers if _is_technical(p)) < inside[place] / 2
    }
    only_child = {place for place in inside if len(parts[place]) == 1 and not directly[place]}
    whole = sum(size.values())
    wide = {place for place in inside if inside[place] > whole / 2}
    apart = {p for place in wide for p in parts[place] if not _is_technical(p, also=PRESCRIBED)}
    return {module: _outermost(module, containers | only_child | layers, apart) for module in size}


def _is_technical(place: str, *, also: Set[str] = frozenset()) -> bool:
    """Named for a technical role (models, api, views), which divides no capability."""
    return _is_named_only(place, (TECHNICAL - CONTAINING) | also)


def _is_named_only(place: str, words: Set[str]) -> bool:
    """Whether the last name of a place has words, and no others than these."""
    own = words_of(place.rpartition(".")[2])
    return bool(own) and words >= set(own)


def _outermost(module: str, containers: set[str], apart: set[str]) -> str:
    names = module.split(".")
    for length in range(1, len(names)):
        place = ".".join(names[:length])
        if place not in containers and ".".join(names[: length + 1]) not in apart:
            return place
    return module
