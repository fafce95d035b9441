from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "store"
    default_auto_field = "django.db.models.AutoField"

    def ready(self):
        from store import signals  # noqa: F401
