"""The figures on the dashboard, by ORM (the new way) where somebody had the time."""
import datetime

from django.core.cache import cache
from django.db.models import Avg, Count, F, Sum
from django.utils import timezone

from reports.models import DailySales
from store.models import (
    Customer,
    Invoice,
    Order,
    OrderLine,
    Refund,
    Review,
    Shipment,
    StockItem,
    Ticket,
)


def dashboard(days=30):
    """Cached under one key; the shop's signals drop it when an order comes in."""
    data = cache.get("reports:dashboard")
    if data is None:
        start = timezone.localdate() - datetime.timedelta(days=days)
        rows = DailySales.objects.filter(day__gte=start)
        data = {
            "days": list(rows.order_by("day").values("day", "orders", "turnover")),
            "totals": rows.aggregate(orders=Sum("orders"), turnover=Sum("turnover"), refunded=Sum("refunded")),
            "open_orders": Order.objects.open().count(),
            "to_ship": Order.objects.to_ship().count(),
            "open_tickets": Ticket.objects.unanswered().count(),
            "receivables": Invoice.objects.filter(status=Invoice.OPEN).aggregate(s=Sum("total"))["s"] or 0,
            "low_stock": StockItem.objects.below_reorder_level().count(),
            "rating": Review.objects.approved().aggregate(a=Avg("rating"))["a"],
        }
        cache.set("reports:dashboard", data, 300)
    return data


def top_products(start, end, limit=20):
    return list(
        OrderLine.objects.filter(order__placed_at__date__range=(start, end))
        .exclude(order__status=Order.CANCELLED)
        .values("variant__product__name", "variant__product__category__name")
        .annotate(pieces=Sum("quantity"), turnover=Sum(F("quantity") * F("unit_price")))
        .order_by("-turnover")[:limit]
    )


def close_day(day):
    """Count the day again from the tables of the shop. Overwrites what the signals counted."""
    orders = Order.objects.filter(placed_at__date=day)
    refunded = Refund.objects.filter(created_at__date=day, status=Refund.DONE).aggregate(s=Sum("amount"))["s"]
    row, _ = DailySales.objects.update_or_create(
        day=day,
        defaults={
            "orders": orders.count(),
            "cancelled": orders.filter(status=Order.CANCELLED).count(),
            "turnover": orders.turnover(),
            "refunded": refunded or 0,
            "shipped": Shipment.objects.filter(shipped_at__date=day).count(),
            "new_customers": Customer.objects.filter(created_at__date=day).count(),
            "is_closed": True,
        },
    )
    cache.delete("reports:dashboard")
    return row


def support_load(start, end):
    tickets = Ticket.objects.filter(created_at__date__range=(start, end))
    by_state = dict(tickets.values_list("status").annotate(n=Count("pk")).order_by())
    answered = tickets.filter(first_answer_at__isnull=False)
    waits = [t.first_answer_at - t.created_at for t in answered]
    average = sum(waits, datetime.timedelta()) / len(waits) if waits else None
    return {"by_state": by_state, "average_wait": average, "with_order": tickets.exclude(order=None).count()}
