from django.contrib import admin

from reports.models import DailySales, SavedReport

admin.site.register(DailySales, list_display=["day", "orders", "turnover", "is_closed"])
admin.site.register(SavedReport, list_display=["name", "report", "owner", "is_active"])
