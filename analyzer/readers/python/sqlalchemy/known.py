"""What SQLAlchemy and the libraries around it call things.

Taken from the public documentation of each library.
"""

from collections.abc import Mapping

# Bases from outside the snapshot that make a class declarative, by the end of their dotted name.
DECLARATIVE_BASES = (
    "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.orm.DeclarativeBaseNoMeta",
    "declarative_base()",
    "automap_base()",
    "generate_base()",
    "flask_appbuilder.Model",
    "flask_appbuilder.models.sqla.Model",
    "flask_sqlalchemy.model.Model",
    "sqlmodel.SQLModel",
    "advanced_alchemy.base.UUIDBase",
    "advanced_alchemy.base.UUIDAuditBase",
    "advanced_alchemy.base.BigIntBase",
    "advanced_alchemy.base.BigIntAuditBase",
    "gino.declarative.Model",
)
# Classes whose instances have a declarative base as attribute `Model`.
EXTENSIONS = frozenset({"SQLAlchemy", "SQLAlchemyAlchemy", "Alchemical", "Gino"})
# Those that name a table after its class where the class gives no name.
NAMING_EXTENSIONS = frozenset({"SQLAlchemy", "Alchemical"})
DECORATORS = frozenset({"as_declarative", "mapped", "mapped_as_dataclass"})

COLUMN_CALLS = frozenset({"Column", "mapped_column"})
WRAPPING_CALLS = frozenset({"deferred", "column_property", "encrypted", "undeferred"})
RELATIONSHIP_CALLS = frozenset(
    {"relationship", "relation", "dynamic_loader", "hybrid_relationship"}
)
DECLARED = frozenset({"declared_attr", "cascading", "directive", "classproperty"})

# Python types in `Mapped[…]` → SQLAlchemy's own default types.
ANNOTATED_TYPES: Mapping[str, str] = {
    "int": "Integer",
    "str": "String",
    "bool": "Boolean",
    "float": "Float",
    "bytes": "LargeBinary",
    "datetime": "DateTime",
    "date": "Date",
    "time": "Time",
    "timedelta": "Interval",
    "Decimal": "Numeric",
    "UUID": "Uuid",
    "dict": "JSON",
    "Any": "JSON",
}

# Mixins of libraries: (column, type, nullable, primary key, target "table.column").
MixinColumn = tuple[str, str, bool, bool, str]
MIXINS: Mapping[str, tuple[MixinColumn, ...]] = {
    "flask_appbuilder.models.mixins.AuditMixin": (
        ("created_on", "DateTime", False, False, ""),
        ("changed_on", "DateTime", False, False, ""),
        ("created_by_fk", "Integer", False, False, "ab_user.id"),
        ("changed_by_fk", "Integer", False, False, "ab_user.id"),
    ),
    "sqlalchemy_mixins.TimestampsMixin": (
        ("created_at", "DateTime", False, False, ""),
        ("updated_at", "DateTime", False, False, ""),
    ),
    "sqlalchemy_utils.Timestamp": (
        ("created", "DateTime", False, False, ""),
        ("updated", "DateTime", False, False, ""),
    ),
    "flask_dance.consumer.storage.sqla.OAuthConsumerMixin": (
        ("id", "Integer", False, True, ""),
        ("provider", "String", False, False, ""),
        ("created_at", "DateTime", False, False, ""),
        ("token", "MutableJson", False, False, ""),
    ),
    "fastapi_users.db.SQLAlchemyBaseUserTableUUID": (
        ("id", "GUID", False, True, ""),
        ("email", "String", False, False, ""),
        ("hashed_password", "String", False, False, ""),
        ("is_active", "Boolean", False, False, ""),
        ("is_superuser", "Boolean", False, False, ""),
        ("is_verified", "Boolean", False, False, ""),
    ),
    "fastapi_users.db.SQLAlchemyBaseUserTable": (
        ("email", "String", False, False, ""),
        ("hashed_password", "String", False, False, ""),
        ("is_active", "Boolean", False, False, ""),
        ("is_superuser", "Boolean", False, False, ""),
        ("is_verified", "Boolean", False, False, ""),
    ),
}

# Bases of the class whose rows log in, by the end of their dotted name.
USER_BASES = (".UserMixin", "SQLAlchemyBaseUserTable", "SQLAlchemyBaseUserTableUUID")

# Mapped classes of libraries, by dotted name → their table.
LIBRARY_TABLES: Mapping[str, str] = {
    "flask_appbuilder.security.sqla.models.User": "ab_user",
    "flask_appbuilder.security.sqla.models.Role": "ab_role",
    "flask_appbuilder.security.sqla.models.Group": "ab_group",
    "flask_appbuilder.security.sqla.models.Permission": "ab_permission",
    "flask_appbuilder.security.sqla.models.ViewMenu": "ab_view_menu",
    "flask_appbuilder.security.sqla.models.PermissionView": "ab_permission_view",
    "flask_appbuilder.security.sqla.models.RegisterUser": "ab_register_user",
}
