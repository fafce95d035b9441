from django import template

from store import utils
from store.models import Promotion

register = template.Library()


@register.filter
def money(value, currency=None):
    return utils.format_money(value or 0, currency)


@register.filter
def stars(rating):
    if rating is None:
        return "not rated"
    full = int(round(float(rating)))
    return "★" * full + "☆" * (5 - full)


@register.simple_tag
def promotion_for(product):
    """The banner on the product page. A query per product, sorry."""
    for promotion in Promotion.objects.automatic().prefetch_related("categories"):
        ids = promotion.category_ids()
        if not ids or product.category_id in ids:
            return promotion
    return None
