"""Field classes of Django and of libraries that snapshots use but do not contain.

What is written here was taken from the public documentation of each library. The internal type is
what `Field.get_internal_type()` answers, which decides the column's type in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal[
    "plain",
    "foreign_key",
    "one_to_one",
    "many_to_many",
    "generic",
    "generic_relation",
    "translations",  # fields of a table of translations
    "history",  # a table of earlier states
    "virtual",  # no column and no relation
]


@dataclass(frozen=True, slots=True)
class KnownField:
    """What a field class makes of a column."""

    kind: FieldKind = "plain"
    type: str = ""
    target: str = ""  # label, where the class fixes it
    through: str = ""  # label of the table between, where the class fixes it
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False
    extra: tuple[tuple[str, str], ...] = ()  # further columns: (pattern of the name, type)
    column: str = ""  # pattern of the column's name, `{}` for the field's
    on_delete: str = ""


def _plain(type: str) -> KnownField:
    return KnownField(type=type)


_FK = KnownField("foreign_key", "ForeignKey")
_O2O = KnownField("one_to_one", "OneToOneField", unique=True)
_M2M = KnownField("many_to_many", "ManyToManyField")
_VIRTUAL = KnownField("virtual")

# Classes that live in `django.*`, wherever they are imported from, by their last name. Those that
# are not listed and end in Field have their own name as internal type.
DJANGO: Mapping[str, KnownField] = {
    "ForeignKey": _FK,
    "ParentalKey": _FK,
    "OneToOneField": _O2O,
    "ManyToManyField": _M2M,
    "ForeignObject": _VIRTUAL,
    "GenericForeignKey": KnownField("generic"),
    "GenericRelation": KnownField("generic_relation"),
    "AutoField": KnownField(type="AutoField", primary_key=True, unique=True),
    "BigAutoField": KnownField(type="BigAutoField", primary_key=True, unique=True),
    "SmallAutoField": KnownField(type="SmallAutoField", primary_key=True, unique=True),
    "EmailField": _plain("CharField"),
    "URLField": _plain("CharField"),
    "CommaSeparatedIntegerField": _plain("CharField"),
    "ImageField": _plain("FileField"),
    "NullBooleanField": KnownField(type="NullBooleanField", nullable=True),
    "CompositePrimaryKey": _VIRTUAL,
    "OrderWrt": _plain("IntegerField"),
}

# By dotted prefix of the library, then by the class's name. "*" is what is not listed.
_CHAR, _TEXT, _FILE = _plain("CharField"), _plain("TextField"), _plain("FileField")
_INT, _DATETIME, _SLUG = _plain("IntegerField"), _plain("DateTimeField"), _plain("SlugField")
_JSON = _plain("JSONField")

LIBRARIES: Mapping[str, Mapping[str, KnownField]] = {
    "address": {"AddressField": KnownField("foreign_key", "ForeignKey", "address.Address")},
    "autoslug": {"AutoSlugField": _SLUG},
    "bitfield": {"BitField": _plain("BigIntegerField")},
    "ckeditor": {"*": _TEXT},
    "ckeditor_uploader": {"*": _TEXT},
    "django_ckeditor_5": {"*": _TEXT},
    "cms.models.fields": {
        "PlaceholderField": KnownField(
            "foreign_key", "ForeignKey", "cms.Placeholder", nullable=True, on_delete="CASCADE"
        ),
        "PlaceholderRelationField": KnownField("generic_relation", target="cms.Placeholder"),
        "PageField": KnownField("foreign_key", "ForeignKey", "cms.Page"),
    },
    "colorfield": {"*": _CHAR},
    "cryptography": {"*": _TEXT},
    "concurrency": {"*": _plain("BigIntegerField")},
    "dirtyfields": {"*": _VIRTUAL},
    "django_bleach": {"*": _TEXT},
    "django_countries": {"CountryField": _CHAR},
    "django_cryptography": {"*": _plain("BinaryField")},
    "django_enumfield": {"EnumField": _INT},
    "django_enum": {"EnumField": _CHAR},
    "enumfields": {"EnumField": _CHAR, "EnumIntegerField": _INT},
    "django_extensions.db.fields": {
        "AutoSlugField": _SLUG,
        "RandomCharField": _CHAR,
        "CreationDateTimeField": _DATETIME,
        "ModificationDateTimeField": _DATETIME,
        "ShortUUIDField": _CHAR,
        "JSONField": _TEXT,
    },
    "django_fsm": {
        "FSMField": _CHAR,
        "FSMIntegerField": _INT,
        "FSMKeyField": KnownField("foreign_key", "ForeignKey"),
    },
    "django_jsonform": {"JSONField": _JSON, "ArrayField": _plain("ArrayField")},
    "django_measurement": {"MeasurementField": _plain("FloatField")},
    "django_mysql": {"JSONField": _TEXT},
    "django_prices": {"MoneyField": _plain("DecimalField"), "TaxedMoneyField": _VIRTUAL},
    "django_resized": {"*": _FILE},
    "django_summernote": {"*": _TEXT},
    "django_svg_image_form_field": {"*": _FILE},
    "djblets": {
        "Base64Field": _TEXT,
        "Base64TextField": _TEXT,
        "JSONField": _TEXT,
        "CounterField": _INT,
        "RelationCounterField": _INT,
        "CommentField": _TEXT,
        "ModificationTimestampField": _DATETIME,
    },
    "djmoney": {
        "MoneyField": KnownField(type="DecimalField", extra=(("{}_currency", "CharField"),)),
        "CurrencyField": _CHAR,
    },
    "easy_thumbnails": {"*": _FILE},
    "encrypted_fields": {
        "EncryptedCharField": _TEXT,
        "EncryptedTextField": _TEXT,
        "EncryptedEmailField": _TEXT,
        "SearchField": _CHAR,
    },
    "encrypted_model_fields": {"*": _TEXT},
    "fernet_fields": {"*": _plain("BinaryField")},
    "filer": {
        "FilerFileField": KnownField("foreign_key", "ForeignKey", "filer.File"),
        "FilerImageField": KnownField("foreign_key", "ForeignKey", "filer.Image"),
        "FilerFolderField": KnownField("foreign_key", "ForeignKey", "filer.Folder"),
        "MultiStorageFileField": _FILE,
    },
    "froala_editor": {"*": _TEXT},
    "gm2m": {"*": _VIRTUAL},
    "i18nfield": {"I18nCharField": _TEXT, "I18nTextField": _TEXT},
    "django_i18nfield": {"*": _TEXT},
    "image_cropping": {"ImageRatioField": _CHAR, "ImageCropField": _FILE},
    "imagekit": {"ProcessedImageField": _FILE, "ImageSpecField": _VIRTUAL},
    "jsonfield": {"JSONField": _TEXT, "JSONCharField": _CHAR},
    "localflavor": {"*": _CHAR},
    "location_field": {"PlainLocationField": _CHAR, "LocationField": _plain("PointField")},
    "macaddress": {"MACAddressField": _plain("BigIntegerField")},
    "markdownfield": {"*": _TEXT},
    "markdownx": {"*": _TEXT},
    "markitup": {
        "MarkupField": KnownField(type="TextField", extra=(("_{}_rendered", "TextField"),))
    },
    "markupfield": {
        "MarkupField": KnownField(
            type="TextField",
            extra=(("{}_markup_type", "CharField"), ("_{}_rendered", "TextField")),
        )
    },
    "martor": {"*": _TEXT},
    "mdeditor": {"*": _TEXT},
    "model_utils": {
        "AutoCreatedField": _DATETIME,
        "AutoLastModifiedField": _DATETIME,
        "MonitorField": _DATETIME,
        "StatusField": _CHAR,
        "UUIDField": _plain("UUIDField"),
        "UrlsafeTokenField": _CHAR,
        "SplitField": KnownField(type="TextField", extra=(("_{}_excerpt", "TextField"),)),
    },
    "modelcluster": {
        "ParentalKey": _FK,
        "ParentalManyToManyField": _M2M,
        "ClusterTaggableManager": KnownField(
            "many_to_many", target="taggit.Tag", through="taggit.TaggedItem"
        ),
    },
    "mptt": {
        "TreeForeignKey": _FK,
        "TreeOneToOneField": _O2O,
        "TreeManyToManyField": _M2M,
    },
    "multiselectfield": {"MultiSelectField": _CHAR},
    "netfields": {
        "InetAddressField": _plain("InetAddressField"),
        "CidrAddressField": _plain("CidrAddressField"),
        "MACAddressField": _plain("MACAddressField"),
    },
    "oauth2_provider": {"ClientSecretField": _CHAR, "TokenChecksumField": _CHAR},
    "organizations": {"SlugField": _SLUG, "AutoSlugField": _SLUG},
    "oscar.models.fields": {
        "AutoSlugField": _SLUG,
        "UppercaseCharField": _CHAR,
        "NullCharField": _CHAR,
        "PhoneNumberField": _CHAR,
    },
    "partial_date": {"PartialDateField": _DATETIME},
    "pgcrypto": {"*": _TEXT},
    "pgvector": {"VectorField": _plain("VectorField")},
    "phonenumber_field": {"PhoneNumberField": _CHAR},
    "picklefield": {"PickledObjectField": _TEXT},
    "private_storage": {"*": _FILE},
    "psqlextra": {"*": _plain("HStoreField")},
    "recurrence": {"RecurrenceField": _TEXT},
    "redactor": {"*": _TEXT},
    "s3direct": {"S3DirectField": _TEXT},
    "select_multiple_field": {"SelectMultipleField": _CHAR},
    "shortuuid": {"*": _CHAR},
    "shortuuidfield": {"*": _CHAR},
    "simple_history": {"HistoricalRecords": KnownField("history")},
    "sizefield": {"FileSizeField": _plain("BigIntegerField")},
    "smart_selects": {
        "ChainedForeignKey": _FK,
        "GroupedForeignKey": _FK,
        "ChainedManyToManyField": _M2M,
    },
    "sorl": {"ImageField": _FILE},
    "sortedm2m": {
        "SortedManyToManyField": KnownField(
            "many_to_many", "ManyToManyField", extra=(("sort_value", "IntegerField"),)
        )
    },
    "sortedone2many": {"SortedOneToManyField": _M2M},
    "stdimage": {"*": _FILE},
    "tagging": {"TagField": _CHAR},
    "tagulous": {"SingleTagField": _FK, "TagField": _M2M},
    "taggit": {
        "TaggableManager": KnownField(
            "many_to_many", target="taggit.Tag", through="taggit.TaggedItem"
        ),
    },
    "parler": {"TranslatedFields": KnownField("translations"), "TranslatedField": _VIRTUAL},
    "hvad": {"TranslatedFields": KnownField("translations")},
    "timezone_field": {"TimeZoneField": _CHAR},
    "timezones": {"TimeZoneField": _CHAR},
    "tinymce": {"HTMLField": _TEXT},
    "tree_queries": {"TreeNodeForeignKey": _FK},
    "ulid": {"*": _CHAR},
    "uuidfield": {"UUIDField": _CHAR},
    "versatileimagefield": {"VersatileImageField": _FILE, "PPOIField": _CHAR},
    "wagtail": {
        "RichTextField": _TEXT,
        "StreamField": _JSON,
        "WagtailImageField": _FILE,
        "ParentalKey": _FK,
    },
    "weekday_field": {"*": _CHAR},
    "yamlfield": {"*": _TEXT},
    "annoying": {"AutoOneToOneField": _O2O, "JSONField": _TEXT},
    "jsonfallback": {"FallbackJSONField": _JSON},
    "jsoneditor": {"*": _JSON},
    "polymorphic": {"PolymorphicForeignKey": _FK},
    "positions": {"PositionField": _INT},
    "djangocms_text_ckeditor": {"HTMLField": _TEXT},
    "djangocms_text": {"HTMLField": _TEXT},
    "djangocms_attributes_field": {"AttributesField": _JSON},
    "djangocms_link": {"LinkField": _JSON},
    "djangocms_icon": {"IconField": _CHAR},
    "fontawesome_5": {"*": _CHAR},
}

# For classes of unknown libraries: how their name usually ends.
ENDINGS: tuple[tuple[str, KnownField], ...] = (
    ("ManyToManyField", _M2M),
    ("OneToOneField", _O2O),
    ("OneToOneKey", _O2O),
    ("ForeignKey", _FK),
    ("ForeignKeyField", _FK),
    ("GenericForeignKey", KnownField("generic")),
    ("GenericRelation", KnownField("generic_relation")),
)

# Classes of Django that end in Field but belong to forms, serializers and the like.
NOT_MODEL_FIELDS = ("forms", "serializers", "rest_framework", "graphene", "wtforms", "filters")


def known_field(path: str) -> KnownField | None:
    """What is known of a field class outside the snapshot, by its dotted name."""
    parts = path.split(".")
    name = parts[-1]
    if parts[0] == "django":
        return _of_django(parts)
    for length in range(len(parts) - 1, 0, -1):
        library = LIBRARIES.get(".".join(parts[:length]))
        if library is not None and (found := library.get(name) or library.get("*")):
            return found
    return None


def guessed_field(path: str) -> KnownField | None:
    """What a field class of an unknown library probably is, by its name; None if it is no field."""
    parts = path.split(".")
    name = parts[-1]
    if any(part in NOT_MODEL_FIELDS for part in parts[:-1]):
        return None
    for ending, known in ENDINGS:
        if name.endswith(ending):
            return known
    if not name.endswith("Field"):
        return None
    plain = next((base for base in _PLAIN_ENDINGS if name.endswith(base)), name)
    return DJANGO.get(plain, KnownField(type=plain))


_PLAIN_ENDINGS = (
    "PositiveBigIntegerField",
    "PositiveSmallIntegerField",
    "PositiveIntegerField",
    "SmallIntegerField",
    "BigIntegerField",
    "BigAutoField",
    "AutoField",
    "IntegerField",
    "CharField",
    "TextField",
    "JSONField",
    "DateTimeField",
    "DateField",
    "TimeField",
    "DecimalField",
    "FloatField",
    "NullBooleanField",
    "BooleanField",
    "UUIDField",
    "SlugField",
    "EmailField",
    "URLField",
    "ImageField",
    "FileField",
    "BinaryField",
    "ArrayField",
)


def _of_django(parts: list[str]) -> KnownField | None:
    name = parts[-1]
    if "forms" in parts:
        return None
    if name in DJANGO:
        return DJANGO[name]
    return KnownField(type=name) if name.endswith("Field") and name != "Field" else None
