from django.contrib import admin

from legacy_api.models import ApiKey

admin.site.register(ApiKey, list_display=["customer", "label", "can_order", "is_active", "last_used_at"])
