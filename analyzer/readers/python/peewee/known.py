"""What peewee, its playhouse and the libraries around them call things.

Taken from the public documentation of each library.
"""

# Packages outside the snapshot whose classes named `…Model` map tables, by their first name.
_PACKAGES = ("peewee", "playhouse", "flask_pw", "aiopeewee", "muffin_peewee", "apistar_peewee_orm")
# The same, whatever they are called.
_MODELS = frozenset({"KeyValue", "TModel"})
KEYS = frozenset({"ForeignKeyField", "DeferredForeignKey"})
MANY = "ManyToManyField"
# Fields without a column.
NO_COLUMNS = frozenset({MANY, "CompositeKey", "VirtualField", "MetaField"})
PRIMARY = frozenset(
    {"AutoField", "BigAutoField", "PrimaryKeyField", "IdentityField", "AutoIncrementField"}
    | {"RowIDField", "DocIDField"}
)
SIGNALLING = "playhouse.signals.Model"
FULL_TEXT = ("FTSModel", "FTS5Model")
# The primary key of models that name none, by their base: its name and kind.
IMPLICIT_KEY = ("id", "AutoField")
IMPLICIT_KEYS = {"FTS5Model": ("rowid", "RowIDField"), "FTSModel": ("docid", "DocIDField")}
# Names that a base has which only hands its fields on.
_ABSTRACT = ("Base", "Abstract", "_")
_ABSTRACT_ENDS = ("Base", "Mixin", "Model", "Abstract")


def is_peewee(path: str) -> bool:
    """Whether a dotted name outside the snapshot is of peewee or of a library around it."""
    root = path.partition(".")[0]
    return root in _PACKAGES or "peewee" in root


def is_base(path: str) -> bool:
    """Whether classes that extend what has this dotted name map a table."""
    name = path.rpartition(".")[2]
    return is_peewee(path) and (name.endswith("Model") or name in _MODELS)


def is_database(path: str) -> bool:
    """Whether the dotted name is a class of databases, or stands for one that comes later."""
    name = path.rpartition(".")[2]
    return is_peewee(path) and (name.endswith("Database") or name in ("Proxy", "DatabaseProxy"))


def field_of(path: str) -> str:
    """The kind of field that a dotted name outside the snapshot is; "" for anything else."""
    name = path.rpartition(".")[2]
    if name in KEYS or name == "CompositeKey":
        return name
    return name if name.endswith("Field") and name != "Field" else ""


def sounds_abstract(name: str) -> bool:
    """Whether a class of this name is likely only there to be extended."""
    return name.startswith(_ABSTRACT) or name.endswith(_ABSTRACT_ENDS)
