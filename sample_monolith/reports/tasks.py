import csv
import datetime
import io

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from reports import figures, sql
from reports.models import SavedReport
from store import utils


@shared_task(name="reports.close_day")
def close_day(day=None):
    day = utils.parse_date(day) or timezone.localdate() - datetime.timedelta(days=1)
    with utils.redis_lock("close-day", timeout=1800) as got:
        if not got:
            return None
        return str(figures.close_day(day))


@shared_task(name="reports.mail_reports")
def mail_reports():
    sent = 0
    end = timezone.localdate() - datetime.timedelta(days=1)
    for saved in SavedReport.objects.filter(is_active=True):
        header, rows = sql.run(saved.report, end - datetime.timedelta(days=saved.days - 1), end)
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(header)
        writer.writerows(rows)
        message = EmailMessage(
            "%s: %s" % (settings.SHOP_NAME, saved.name),
            "%d rows, see the attachment." % len(rows),
            settings.DEFAULT_FROM_EMAIL,
            saved.addresses() or settings.REPORT_RECIPIENTS,
        )
        message.attach("%s.csv" % saved.report, buffer.getvalue(), "text/csv")
        sent += message.send()
        saved.last_sent_at = timezone.now()
        saved.save(update_fields=["last_sent_at"])
    return sent
