from django.conf import settings
from django.core.cache import cache

from store.models import Category


def shop(request):
    """What every page shows: the menu, the cart in the corner, who is signed in."""
    menu = cache.get("menu")
    if menu is None:
        menu = list(Category.objects.filter(parent=None, is_visible=True))
        cache.set("menu", menu, settings.PAGE_CACHE_SECONDS)
    return {
        "menu": menu,
        "shop_name": settings.SHOP_NAME,
        "support_phone": settings.SUPPORT_PHONE,
        "cart_items": _cart_items(request),
    }


def _cart_items(request):
    from store import utils

    # an anonymous visitor without a session has no cart, and must not get one by looking
    if not request.user.is_authenticated and not request.session.session_key:
        return 0
    cart = utils.cart_of(request, create=False)
    return cart.item_count if cart else 0
