"""Model classes of libraries that snapshots use but do not contain.

Taken from the public documentation of each library: fields that an abstract base adds, and tables
that a foreign key can point to. Fields are (name, type, target label or "", flags): flags are `n`
for nullable, `p` primary key, `u` unique; types are internal types.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FieldRow = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A base class outside the snapshot."""

    fields: tuple[FieldRow, ...] = ()
    abstract: bool = True
    label: str = ""  # of a concrete one
    bases: tuple[str, ...] = ()  # dotted names
    table: str = ""  # of a concrete one, where it is not app_model
    primary_key: str = "id"
    swappable: str = ""  # the setting that names what replaces it
    whole: bool = True  # whether the fields are all there are


def _f(name: str, type: str, target: str = "", flags: str = "") -> FieldRow:
    return (name, type, target, flags)


_MODEL = KnownModel()
_CREATED = _f("created", "DateTimeField")
_MODIFIED = _f("modified", "DateTimeField")
_TYPE = "contenttypes.ContentType"

# Abstract bases by dotted name. A base that can be imported from several places stands once, under
# the top package and its own name: see `known_model`.
ABSTRACT: Mapping[str, KnownModel] = {
    "django.Model": _MODEL,
    "django.AbstractBaseUser": KnownModel(
        fields=(_f("password", "CharField"), _f("last_login", "DateTimeField", "", "n"))
    ),
    "django.PermissionsMixin": KnownModel(
        fields=(
            _f("is_superuser", "BooleanField"),
            _f("groups", "ManyToManyField", "auth.Group"),
            _f("user_permissions", "ManyToManyField", "auth.Permission"),
        )
    ),
    "django.AbstractUser": KnownModel(
        bases=("django.contrib.auth.AbstractBaseUser", "django.contrib.auth.PermissionsMixin"),
        fields=(
            _f("username", "CharField", "", "u"),
            _f("first_name", "CharField"),
            _f("last_name", "CharField"),
            _f("email", "CharField"),
            _f("is_staff", "BooleanField"),
            _f("is_active", "BooleanField"),
            _f("date_joined", "DateTimeField"),
        ),
    ),
    "django.AbstractBaseSession": KnownModel(
        fields=(
            _f("session_key", "CharField", "", "p"),
            _f("session_data", "TextField"),
            _f("expire_date", "DateTimeField"),
        )
    ),
    "mptt.MPTTModel": KnownModel(
        fields=(
            _f("lft", "PositiveIntegerField"),
            _f("rght", "PositiveIntegerField"),
            _f("tree_id", "PositiveIntegerField"),
            _f("level", "PositiveIntegerField"),
        )
    ),
    "polymorphic.PolymorphicModel": KnownModel(
        fields=(_f("polymorphic_ctype", "ForeignKey", _TYPE, "n"),)
    ),
    "polymorphic.ShowFieldContent": _MODEL,
    "polymorphic_tree.PolymorphicMPTTModel": KnownModel(
        bases=("mptt.MPTTModel", "polymorphic.PolymorphicModel")
    ),
    "treebeard.MP_Node": KnownModel(
        fields=(
            _f("path", "CharField", "", "u"),
            _f("depth", "PositiveIntegerField"),
            _f("numchild", "PositiveIntegerField"),
        )
    ),
    "treebeard.NS_Node": KnownModel(
        fields=(
            _f("lft", "PositiveIntegerField"),
            _f("rgt", "PositiveIntegerField"),
            _f("tree_id", "PositiveIntegerField"),
            _f("depth", "PositiveIntegerField"),
        )
    ),
    "treebeard.AL_Node": _MODEL,
    "treebeard.Node": _MODEL,
    "tree_queries.TreeNode": KnownModel(fields=(_f("parent", "ForeignKey", "self", "n"),)),
    "modelcluster.ClusterableModel": _MODEL,
    "wagtail.Orderable": KnownModel(fields=(_f("sort_order", "IntegerField", "", "n"),)),
    "wagtail.AbstractPage": KnownModel(bases=("treebeard.MP_Node",)),
    "wagtail.RevisionMixin": KnownModel(
        fields=(_f("latest_revision", "ForeignKey", "wagtailcore.Revision", "n"),)
    ),
    "wagtail.DraftStateMixin": KnownModel(
        fields=(
            _f("live", "BooleanField"),
            _f("has_unpublished_changes", "BooleanField"),
            _f("first_published_at", "DateTimeField", "", "n"),
            _f("last_published_at", "DateTimeField", "", "n"),
            _f("live_revision", "ForeignKey", "wagtailcore.Revision", "n"),
            _f("go_live_at", "DateTimeField", "", "n"),
            _f("expire_at", "DateTimeField", "", "n"),
            _f("expired", "BooleanField"),
        )
    ),
    "wagtail.LockableMixin": KnownModel(
        fields=(
            _f("locked", "BooleanField"),
            _f("locked_at", "DateTimeField", "", "n"),
            _f("locked_by", "ForeignKey", "AUTH_USER_MODEL", "n"),
        )
    ),
    "wagtail.WorkflowMixin": _MODEL,
    "wagtail.PreviewableMixin": _MODEL,
    "wagtail.TranslatableMixin": KnownModel(
        fields=(
            _f("translation_key", "UUIDField"),
            _f("locale", "ForeignKey", "wagtailcore.Locale"),
        )
    ),
    "wagtail.BootstrapTranslatableMixin": KnownModel(
        fields=(
            _f("translation_key", "UUIDField", "", "n"),
            _f("locale", "ForeignKey", "wagtailcore.Locale", "n"),
        )
    ),
    "wagtail.CollectionMember": KnownModel(
        fields=(_f("collection", "ForeignKey", "wagtailcore.Collection"),)
    ),
    "wagtail.BaseSiteSetting": KnownModel(
        fields=(_f("site", "OneToOneField", "wagtailcore.Site"),)
    ),
    "wagtail.BaseSetting": KnownModel(fields=(_f("site", "OneToOneField", "wagtailcore.Site"),)),
    "wagtail.BaseGenericSetting": _MODEL,
    "wagtail.AbstractFormSubmission": KnownModel(
        fields=(
            _f("form_data", "JSONField"),
            _f("page", "ForeignKey", "wagtailcore.Page"),
            _f("submit_time", "DateTimeField"),
        )
    ),
    "wagtail.AbstractFormField": KnownModel(
        bases=("wagtail.Orderable",),
        fields=(
            _f("clean_name", "CharField"),
            _f("label", "CharField"),
            _f("field_type", "CharField"),
            _f("required", "BooleanField"),
            _f("choices", "TextField"),
            _f("default_value", "TextField"),
            _f("help_text", "CharField"),
        ),
    ),
    "wagtail.AbstractForm": KnownModel(bases=("wagtail.models.Page",)),
    "wagtail.AbstractEmailForm": KnownModel(
        bases=("wagtail.models.Page",),
        fields=(
            _f("to_address", "CharField"),
            _f("from_address", "CharField"),
            _f("subject", "CharField"),
        ),
    ),
    "wagtail.AbstractImage": KnownModel(
        bases=("wagtail.CollectionMember",),
        fields=(
            _f("title", "CharField"),
            _f("file", "FileField"),
            _f("description", "CharField"),
            _f("width", "IntegerField"),
            _f("height", "IntegerField"),
            _f("created_at", "DateTimeField"),
            _f("uploaded_by_user", "ForeignKey", "AUTH_USER_MODEL", "n"),
            _f("focal_point_x", "PositiveIntegerField", "", "n"),
            _f("focal_point_y", "PositiveIntegerField", "", "n"),
            _f("focal_point_width", "PositiveIntegerField", "", "n"),
            _f("focal_point_height", "PositiveIntegerField", "", "n"),
            _f("file_size", "PositiveIntegerField", "", "n"),
            _f("file_hash", "CharField"),
            _f("tags", "TaggableManager", "taggit.Tag"),
        ),
    ),
    "wagtail.AbstractRendition": KnownModel(
        fields=(
            _f("filter_spec", "CharField"),
            _f("file", "FileField"),
            _f("width", "IntegerField"),
            _f("height", "IntegerField"),
            _f("focal_point_key", "CharField"),
        )
    ),
    "wagtail.AbstractDocument": KnownModel(
        bases=("wagtail.CollectionMember",),
        fields=(
            _f("title", "CharField"),
            _f("file", "FileField"),
            _f("created_at", "DateTimeField"),
            _f("uploaded_by_user", "ForeignKey", "AUTH_USER_MODEL", "n"),
            _f("file_size", "PositiveBigIntegerField", "", "n"),
            _f("file_hash", "CharField"),
            _f("tags", "TaggableManager", "taggit.Tag"),
        ),
    ),
    "guardian.GuardianUserMixin": _MODEL,
    "guardian.BaseObjectPermission": KnownModel(
        fields=(_f("permission", "ForeignKey", "auth.Permission"),)
    ),
    "guardian.UserObjectPermissionBase": KnownModel(
        bases=("guardian.BaseObjectPermission",),
        fields=(_f("user", "ForeignKey", "AUTH_USER_MODEL"),),
    ),
    "guardian.GroupObjectPermissionBase": KnownModel(
        bases=("guardian.BaseObjectPermission",),
        fields=(_f("group", "ForeignKey", "auth.Group"),),
    ),
    "guardian.UserObjectPermissionAbstract": KnownModel(
        bases=("guardian.UserObjectPermissionBase",),
        fields=(
            _f("content_type", "ForeignKey", _TYPE),
            _f("object_pk", "CharField"),
        ),
    ),
    "guardian.GroupObjectPermissionAbstract": KnownModel(
        bases=("guardian.GroupObjectPermissionBase",),
        fields=(
            _f("content_type", "ForeignKey", _TYPE),
            _f("object_pk", "CharField"),
        ),
    ),
    "taggit.CommonGenericTaggedItemBase": KnownModel(
        fields=(_f("content_type", "ForeignKey", _TYPE),)
    ),
    "taggit.ItemBase": _MODEL,
    "taggit.TagBase": KnownModel(
        fields=(_f("name", "CharField", "", "u"), _f("slug", "SlugField", "", "u"))
    ),
    "taggit.TaggedItemBase": KnownModel(
        bases=("taggit.ItemBase",), fields=(_f("tag", "ForeignKey", "taggit.Tag"),)
    ),
    "taggit.GenericTaggedItemBase": KnownModel(
        bases=("taggit.CommonGenericTaggedItemBase",),
        fields=(_f("object_id", "IntegerField"),),
    ),
    "taggit.GenericUUIDTaggedItemBase": KnownModel(
        bases=("taggit.CommonGenericTaggedItemBase",),
        fields=(_f("object_id", "UUIDField"),),
    ),
    "model_utils.TimeStampedModel": KnownModel(fields=(_CREATED, _MODIFIED)),
    "model_utils.TimeFramedModel": KnownModel(
        fields=(_f("start", "DateTimeField", "", "n"), _f("end", "DateTimeField", "", "n"))
    ),
    "model_utils.StatusModel": KnownModel(
        fields=(_f("status", "CharField"), _f("status_changed", "DateTimeField"))
    ),
    "model_utils.SoftDeletableModel": KnownModel(fields=(_f("is_removed", "BooleanField"),)),
    "model_utils.UUIDModel": KnownModel(fields=(_f("id", "UUIDField", "", "p"),)),
    "django_extensions.TimeStampedModel": KnownModel(fields=(_CREATED, _MODIFIED)),
    "django_extensions.ActivatorModel": KnownModel(
        fields=(
            _f("status", "IntegerField"),
            _f("activate_date", "DateTimeField", "", "n"),
            _f("deactivate_date", "DateTimeField", "", "n"),
        )
    ),
    "django_extensions.TitleDescriptionModel": KnownModel(
        fields=(_f("title", "CharField"), _f("description", "TextField", "", "n"))
    ),
    "django_extensions.TitleSlugDescriptionModel": KnownModel(
        bases=("django_extensions.TitleDescriptionModel",), fields=(_f("slug", "SlugField"),)
    ),
    "ordered_model.OrderedModel": KnownModel(fields=(_f("order", "PositiveIntegerField"),)),
    "ordered_model.OrderedModelBase": _MODEL,
    "adminsortable.SortableMixin": _MODEL,
    "solo.SingletonModel": _MODEL,
    "parler.TranslatableModel": _MODEL,
    "parler.TranslatedFieldsModel": KnownModel(fields=(_f("language_code", "CharField"),)),
    "parler.TranslatedFieldsModelBase": KnownModel(fields=(_f("language_code", "CharField"),)),
    "hvad.TranslatableModel": _MODEL,
    "safedelete.SafeDeleteModel": KnownModel(
        fields=(
            _f("deleted", "DateTimeField", "", "n"),
            _f("deleted_by_cascade", "BooleanField"),
        )
    ),
    "softdelete.SoftDeleteObject": KnownModel(fields=(_f("deleted_at", "DateTimeField", "", "n"),)),
    "cms.CMSPlugin": KnownModel(abstract=False, label="cms.CMSPlugin"),
    "cms.PageExtension": KnownModel(
        fields=(
            _f("public_extension", "OneToOneField", "self", "n"),
            _f("extended_object", "OneToOneField", "cms.Page"),
        ),
        whole=False,
    ),
    "cms.TitleExtension": KnownModel(
        fields=(
            _f("public_extension", "OneToOneField", "self", "n"),
            _f("extended_object", "OneToOneField", "cms.Title"),
        ),
        whole=False,
    ),
    "oauth2_provider.AbstractApplication": KnownModel(
        fields=(
            _f("id", "BigAutoField", "", "p"),
            _f("client_id", "CharField", "", "u"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL", "n"),
            _f("redirect_uris", "TextField"),
            _f("post_logout_redirect_uris", "TextField"),
            _f("client_type", "CharField"),
            _f("authorization_grant_type", "CharField"),
            _f("client_secret", "CharField"),
            _f("hash_client_secret", "BooleanField"),
            _f("name", "CharField"),
            _f("skip_authorization", "BooleanField"),
            _f("created", "DateTimeField"),
            _f("updated", "DateTimeField"),
            _f("algorithm", "CharField"),
            _f("allowed_origins", "TextField"),
        ),
        whole=False,
    ),
    "oauth2_provider.AbstractGrant": KnownModel(
        fields=(
            _f("id", "BigAutoField", "", "p"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL"),
            _f("code", "CharField", "", "u"),
            _f("application", "ForeignKey", "oauth2_provider.Application"),
            _f("expires", "DateTimeField"),
            _f("redirect_uri", "TextField"),
            _f("scope", "TextField"),
            _f("created", "DateTimeField"),
            _f("updated", "DateTimeField"),
            _f("code_challenge", "CharField"),
            _f("code_challenge_method", "CharField"),
            _f("nonce", "CharField"),
            _f("claims", "TextField"),
        ),
        whole=False,
    ),
    "oauth2_provider.AbstractAccessToken": KnownModel(
        fields=(
            _f("id", "BigAutoField", "", "p"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL", "n"),
            _f("source_refresh_token", "OneToOneField", "oauth2_provider.RefreshToken", "n"),
            _f("token", "TextField"),
            _f("token_checksum", "CharField", "", "u"),
            _f("id_token", "OneToOneField", "oauth2_provider.IDToken", "n"),
            _f("application", "ForeignKey", "oauth2_provider.Application", "n"),
            _f("expires", "DateTimeField"),
            _f("scope", "TextField"),
            _f("created", "DateTimeField"),
            _f("updated", "DateTimeField"),
        ),
        whole=False,
    ),
    "oauth2_provider.AbstractRefreshToken": KnownModel(
        fields=(
            _f("id", "BigAutoField", "", "p"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL"),
            _f("token", "CharField"),
            _f("application", "ForeignKey", "oauth2_provider.Application"),
            _f("access_token", "OneToOneField", "oauth2_provider.AccessToken", "n"),
            _f("token_family", "UUIDField", "", "n"),
            _f("created", "DateTimeField"),
            _f("updated", "DateTimeField"),
            _f("revoked", "DateTimeField", "", "n"),
        ),
        whole=False,
    ),
    "oauth2_provider.AbstractIDToken": KnownModel(
        fields=(
            _f("id", "BigAutoField", "", "p"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL", "n"),
            _f("jti", "UUIDField", "", "u"),
            _f("application", "ForeignKey", "oauth2_provider.Application", "n"),
            _f("expires", "DateTimeField"),
            _f("scope", "TextField"),
            _f("created", "DateTimeField"),
            _f("updated", "DateTimeField"),
        ),
        whole=False,
    ),
    "django_otp.Device": KnownModel(
        fields=(
            _f("user", "ForeignKey", "AUTH_USER_MODEL"),
            _f("name", "CharField"),
            _f("confirmed", "BooleanField"),
        )
    ),
    "django_otp.SideChannelDevice": KnownModel(
        bases=("django_otp.Device",),
        fields=(_f("token", "CharField", "", "n"), _f("valid_until", "DateTimeField")),
    ),
    "django_otp.ThrottlingMixin": KnownModel(
        fields=(
            _f("throttling_failure_timestamp", "DateTimeField", "", "n"),
            _f("throttling_failure_count", "PositiveIntegerField"),
        )
    ),
    "django_otp.CooldownMixin": KnownModel(
        fields=(_f("last_generated_timestamp", "DateTimeField", "", "n"),)
    ),
    "django_otp.TimestampMixin": KnownModel(
        fields=(
            _f("created_at", "DateTimeField", "", "n"),
            _f("last_used_at", "DateTimeField", "", "n"),
        )
    ),
    "social_django.AbstractUserSocialAuth": KnownModel(
        fields=(
            _f("user", "ForeignKey", "AUTH_USER_MODEL"),
            _f("provider", "CharField"),
            _f("uid", "CharField"),
            _f("extra_data", "JSONField"),
            _f("created", "DateTimeField"),
            _f("modified", "DateTimeField"),
        ),
        whole=False,
    ),
    "rest_framework_api_key.AbstractAPIKey": KnownModel(
        fields=(
            _f("id", "CharField", "", "pu"),
            _f("prefix", "CharField", "", "u"),
            _f("hashed_key", "CharField"),
            _f("created", "DateTimeField"),
            _f("name", "CharField"),
            _f("revoked", "BooleanField"),
            _f("expiry_date", "DateTimeField", "", "n"),
        )
    ),
    "import_export.ExportActionMixin": _MODEL,
    "django_scopes.ScopedModel": _MODEL,
    "django_fsm.FSMModelMixin": _MODEL,
    "django_lifecycle.LifecycleModel": _MODEL,
    "dirtyfields.DirtyFieldsMixin": _MODEL,
    "viewflow.Process": KnownModel(abstract=False, label="viewflow.Process"),
    "photologue.Photo": KnownModel(abstract=False, label="photologue.Photo"),
    "psqlextra.PostgresModel": _MODEL,
    "psqlextra.PostgresPartitionedModel": _MODEL,
    "django_prometheus.ExportModelOperationsMixin": _MODEL,
    "organizations.AbstractOrganization": KnownModel(whole=False),
    "organizations.AbstractOrganizationUser": KnownModel(whole=False),
    "organizations.AbstractOrganizationOwner": KnownModel(whole=False),
    "reversion.Version": KnownModel(abstract=False, label="reversion.Version"),
    "constance.Constance": KnownModel(abstract=False, label="constance.Constance"),
    "easyaudit.CRUDEvent": KnownModel(abstract=False, label="easyaudit.CRUDEvent"),
    "axes.AccessBase": KnownModel(
        fields=(
            _f("user_agent", "CharField"),
            _f("ip_address", "GenericIPAddressField", "", "n"),
            _f("username", "CharField", "", "n"),
            _f("http_accept", "CharField"),
            _f("path_info", "CharField"),
            _f("attempt_time", "DateTimeField"),
        )
    ),
    "actstream.Action": KnownModel(abstract=False, label="actstream.Action"),
    "notifications.AbstractNotification": KnownModel(
        fields=(
            _f("level", "CharField"),
            _f("recipient", "ForeignKey", "AUTH_USER_MODEL"),
            _f("unread", "BooleanField"),
            _f("actor_content_type", "ForeignKey", _TYPE),
            _f("actor_object_id", "CharField"),
            _f("verb", "CharField"),
            _f("description", "TextField", "", "n"),
            _f("target_content_type", "ForeignKey", _TYPE, "n"),
            _f("target_object_id", "CharField", "", "n"),
            _f("action_object_content_type", "ForeignKey", _TYPE, "n"),
            _f("action_object_object_id", "CharField", "", "n"),
            _f("timestamp", "DateTimeField"),
            _f("public", "BooleanField"),
            _f("deleted", "BooleanField"),
            _f("emailed", "BooleanField"),
            _f("data", "JSONField", "", "n"),
        ),
        whole=False,
    ),
}

# Concrete models that code refers to or extends: top package, class → what it is.
CONCRETE: Mapping[str, KnownModel] = {
    "django.User": KnownModel(
        abstract=False,
        label="auth.User",
        bases=("django.contrib.auth.AbstractUser",),
        swappable="AUTH_USER_MODEL",
    ),
    "django.Group": KnownModel(
        abstract=False,
        label="auth.Group",
        fields=(
            _f("name", "CharField", "", "u"),
            _f("permissions", "ManyToManyField", "auth.Permission"),
        ),
    ),
    "django.Permission": KnownModel(
        abstract=False,
        label="auth.Permission",
        fields=(
            _f("name", "CharField"),
            _f("content_type", "ForeignKey", _TYPE),
            _f("codename", "CharField"),
        ),
    ),
    "django.ContentType": KnownModel(
        abstract=False,
        label="contenttypes.ContentType",
        table="django_content_type",
        fields=(_f("app_label", "CharField"), _f("model", "CharField")),
    ),
    "django.Session": KnownModel(
        abstract=False,
        label="sessions.Session",
        table="django_session",
        bases=("django.AbstractBaseSession",),
        primary_key="session_key",
    ),
    "django.Site": KnownModel(
        abstract=False,
        label="sites.Site",
        table="django_site",
        fields=(_f("domain", "CharField", "", "u"), _f("name", "CharField")),
    ),
    "django.LogEntry": KnownModel(
        abstract=False,
        label="admin.LogEntry",
        table="django_admin_log",
        fields=(
            _f("action_time", "DateTimeField"),
            _f("user", "ForeignKey", "AUTH_USER_MODEL"),
            _f("content_type", "ForeignKey", _TYPE, "n"),
            _f("object_id", "TextField", "", "n"),
            _f("object_repr", "CharField"),
            _f("action_flag", "PositiveSmallIntegerField"),
            _f("change_message", "TextField"),
        ),
    ),
    "django.FlatPage": KnownModel(
        abstract=False,
        label="flatpages.FlatPage",
        table="django_flatpage",
        fields=(
            _f("url", "CharField"),
            _f("title", "CharField"),
            _f("content", "TextField"),
            _f("enable_comments", "BooleanField"),
            _f("template_name", "CharField"),
            _f("registration_required", "BooleanField"),
            _f("sites", "ManyToManyField", "sites.Site"),
        ),
    ),
    "django.Redirect": KnownModel(
        abstract=False,
        label="redirects.Redirect",
        table="django_redirect",
        fields=(
            _f("site", "ForeignKey", "sites.Site"),
            _f("old_path", "CharField"),
            _f("new_path", "CharField"),
        ),
    ),
    "wagtail.Page": KnownModel(abstract=False, label="wagtailcore.Page"),
    "wagtail.Site": KnownModel(abstract=False, label="wagtailcore.Site"),
    "wagtail.Locale": KnownModel(abstract=False, label="wagtailcore.Locale"),
    "wagtail.Collection": KnownModel(abstract=False, label="wagtailcore.Collection"),
    "wagtail.Revision": KnownModel(abstract=False, label="wagtailcore.Revision"),
    "wagtail.PageRevision": KnownModel(abstract=False, label="wagtailcore.PageRevision"),
    "wagtail.Workflow": KnownModel(abstract=False, label="wagtailcore.Workflow"),
    "wagtail.Task": KnownModel(abstract=False, label="wagtailcore.Task"),
    "wagtail.Image": KnownModel(abstract=False, label="wagtailimages.Image"),
    "wagtail.Rendition": KnownModel(abstract=False, label="wagtailimages.Rendition"),
    "wagtail.Document": KnownModel(abstract=False, label="wagtaildocs.Document"),
    "wagtail.FormSubmission": KnownModel(abstract=False, label="wagtailforms.FormSubmission"),
    "taggit.Tag": KnownModel(abstract=False, label="taggit.Tag", bases=("taggit.TagBase",)),
    "taggit.TaggedItem": KnownModel(
        abstract=False,
        label="taggit.TaggedItem",
        bases=("taggit.GenericTaggedItemBase", "taggit.TaggedItemBase"),
    ),
    "guardian.UserObjectPermission": KnownModel(
        abstract=False,
        label="guardian.UserObjectPermission",
        bases=("guardian.UserObjectPermissionAbstract",),
    ),
    "guardian.GroupObjectPermission": KnownModel(
        abstract=False,
        label="guardian.GroupObjectPermission",
        bases=("guardian.GroupObjectPermissionAbstract",),
    ),
    "rest_framework.Token": KnownModel(
        abstract=False,
        label="authtoken.Token",
        primary_key="key",
        fields=(
            _f("key", "CharField", "", "p"),
            _f("user", "OneToOneField", "AUTH_USER_MODEL"),
            _f("created", "DateTimeField"),
        ),
    ),
    "knox.AuthToken": KnownModel(abstract=False, label="knox.AuthToken"),
    "django_celery_beat.PeriodicTask": KnownModel(
        abstract=False, label="django_celery_beat.PeriodicTask"
    ),
    "django_celery_beat.CrontabSchedule": KnownModel(
        abstract=False, label="django_celery_beat.CrontabSchedule"
    ),
    "django_celery_beat.IntervalSchedule": KnownModel(
        abstract=False, label="django_celery_beat.IntervalSchedule"
    ),
    "django_celery_results.TaskResult": KnownModel(
        abstract=False, label="django_celery_results.TaskResult"
    ),
    "allauth.EmailAddress": KnownModel(abstract=False, label="account.EmailAddress"),
    "allauth.EmailConfirmation": KnownModel(abstract=False, label="account.EmailConfirmation"),
    "allauth.SocialAccount": KnownModel(abstract=False, label="socialaccount.SocialAccount"),
    "allauth.SocialApp": KnownModel(abstract=False, label="socialaccount.SocialApp"),
    "allauth.SocialToken": KnownModel(abstract=False, label="socialaccount.SocialToken"),
    "oauth2_provider.Application": KnownModel(
        abstract=False,
        label="oauth2_provider.Application",
        bases=("oauth2_provider.AbstractApplication",),
        swappable="OAUTH2_PROVIDER_APPLICATION_MODEL",
    ),
    "oauth2_provider.AccessToken": KnownModel(
        abstract=False,
        label="oauth2_provider.AccessToken",
        bases=("oauth2_provider.AbstractAccessToken",),
        swappable="OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL",
    ),
    "oauth2_provider.RefreshToken": KnownModel(
        abstract=False,
        label="oauth2_provider.RefreshToken",
        bases=("oauth2_provider.AbstractRefreshToken",),
        swappable="OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL",
    ),
    "social_django.UserSocialAuth": KnownModel(
        abstract=False,
        label="social_django.UserSocialAuth",
        table="social_auth_usersocialauth",
        bases=("social_django.AbstractUserSocialAuth",),
    ),
    "auditlog.LogEntry": KnownModel(abstract=False, label="auditlog.LogEntry"),
    "django_otp.TOTPDevice": KnownModel(
        abstract=False,
        label="otp_totp.TOTPDevice",
        bases=("django_otp.ThrottlingMixin", "django_otp.Device"),
    ),
    "django_otp.StaticDevice": KnownModel(
        abstract=False,
        label="otp_static.StaticDevice",
        bases=("django_otp.ThrottlingMixin", "django_otp.Device"),
    ),
    "filer.Image": KnownModel(
        abstract=False, label="filer.Image", swappable="FILER_IMAGE_MODEL", primary_key="file_ptr"
    ),
    "filer.File": KnownModel(abstract=False, label="filer.File"),
    "filer.Folder": KnownModel(abstract=False, label="filer.Folder"),
    "cms.Page": KnownModel(abstract=False, label="cms.Page"),
    "cms.Placeholder": KnownModel(abstract=False, label="cms.Placeholder"),
    "cms.CMSPlugin": KnownModel(abstract=False, label="cms.CMSPlugin"),
    "djcelery.PeriodicTask": KnownModel(abstract=False, label="djcelery.PeriodicTask"),
}

_BY_LABEL = {known.label.lower(): known for known in CONCRETE.values()}


def known_model(path: str) -> KnownModel | None:
    """What is known of a model class outside the snapshot, by its dotted name."""
    parts = path.removesuffix("()").split(".")
    if parts[0] == "django" and "db" in parts[:2] and parts[-1] != "Model":
        return None
    key = f"{parts[0]}.{parts[-1]}"
    if parts[0] == "django" and parts[-1] == "Model" and "models" not in parts:
        return None
    return ABSTRACT.get(key) or CONCRETE.get(key)


def known_by_label(label: str) -> KnownModel | None:
    """A concrete model of a library by "app.Model", in any case."""
    return _BY_LABEL.get(label.lower())
