from django.apps import AppConfig


class LegacyApiConfig(AppConfig):
    name = "legacy_api"
