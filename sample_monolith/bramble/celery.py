import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bramble.settings")

app = Celery("bramble")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "cancel-unpaid-orders": {"task": "store.cancel_unpaid_orders", "schedule": crontab(minute="*/15")},
    "poll-tracking": {"task": "store.poll_tracking", "schedule": crontab(minute=5)},
    "abandon-carts": {"task": "store.abandon_carts", "schedule": crontab(hour=9, minute=0)},
    "remind-overdue": {"task": "store.remind_overdue_invoices", "schedule": crontab(hour=8, minute=0)},
    "reconcile-payments": {"task": "store.reconcile_payments", "schedule": crontab(hour=4, minute=30)},
    "check-credit": {"task": "store.check_credit", "schedule": crontab(hour=4, minute=0)},
    "reorder": {"task": "store.reorder", "schedule": crontab(hour=5, minute=0)},
    "expire-promotions": {"task": "store.expire_promotions", "schedule": crontab(minute=0)},
    "ask-for-reviews": {"task": "store.ask_for_reviews", "schedule": crontab(hour=10, minute=0)},
    "moderate-reviews": {"task": "store.moderate_reviews", "schedule": crontab(minute="*/10")},
    "close-stale-tickets": {"task": "store.close_stale_tickets", "schedule": crontab(hour=3, minute=0)},
    "recount-sold": {"task": "store.recount_sold", "schedule": crontab(day_of_week=0, hour=2, minute=0)},
    "warm-stock": {"task": "store.warm_stock", "schedule": crontab(hour=6, minute=30)},
    "close-day": {"task": "reports.close_day", "schedule": crontab(hour=0, minute=20)},
    "mail-reports": {"task": "reports.mail_reports", "schedule": crontab(hour=7, minute=0)},
}
