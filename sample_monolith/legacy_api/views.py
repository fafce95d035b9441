"""The partner API, version 1. Version 2 was planned for 2021."""
from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from legacy_api.auth import needs_key
from legacy_api.serializers import (
    customer_data,
    invoice_data,
    order_data,
    product_data,
    variant_data,
)
from store import services, utils
from store.models import (
    Cart,
    CreditExceeded,
    Invoice,
    Order,
    OutOfStock,
    Product,
    StoreError,
    Variant,
)


@require_GET
@needs_key
def products(request):
    found = Product.objects.published().select_related("brand", "category").prefetch_related("variants")
    if request.GET.get("q"):
        found = found.search(request.GET["q"])
    page = utils.paginate(found, request, size=100)
    return JsonResponse(
        {
            "products": [product_data(product, request.customer) for product in page["items"]],
            "page": page["page"],
            "pages": page["pages"],
        }
    )


@require_GET
@needs_key
def product(request, slug):
    found = Product.objects.published().filter(slug=slug).first()
    if found is None:
        return utils.json_error("not found", status=404)
    return JsonResponse(product_data(found, request.customer))


@require_GET
@needs_key
def stock(request, sku):
    variant = Variant.objects.filter(sku=sku, is_active=True).first()
    if variant is None:
        return utils.json_error("not found", status=404)
    return JsonResponse(variant_data(variant, request.customer))


@require_GET
@needs_key
def orders(request):
    found = request.customer.orders.prefetch_related("lines", "shipments__carrier", "shipments__tracking")
    page = utils.paginate(found, request, size=50)
    return JsonResponse({"orders": [order_data(order) for order in page["items"]], "pages": page["pages"]})


@require_GET
@needs_key
def order(request, number):
    found = Order.objects.filter(customer=request.customer, number=number).first()
    if found is None:
        return utils.json_error("not found", status=404)
    return JsonResponse(order_data(found))


@csrf_exempt
@require_POST
@needs_key
def create_order(request):
    """Makes a cart behind the scenes and checks it out on account."""
    if not request.api_key.can_order:
        return utils.json_error("this key cannot order", status=403)
    data = utils.json_body(request)
    if not data or not isinstance(data.get("lines"), list) or not data["lines"]:
        return utils.json_error("lines are missing")
    address = request.customer.default_address()
    if address is None:
        return utils.json_error("no address")
    try:
        with transaction.atomic():
            cart = Cart.objects.create(customer=request.customer)
            for line in data["lines"]:
                variant = Variant.objects.filter(sku=str(line.get("sku"))).first()
                if variant is None:
                    raise StoreError("unknown sku %s" % line.get("sku"))
                cart.add(variant, int(line.get("quantity", 1)))
            if data.get("coupon"):
                services.apply_coupon(cart, data["coupon"])
            placed = services.place_order(
                cart, address, method=Order.ACCOUNT, notes=str(data.get("reference", "")), source="api"
            )
    except OutOfStock as error:
        return utils.json_error(error, status=409, sku=error.variant.sku, available=error.available)
    except CreditExceeded as error:
        return utils.json_error(error, status=402, available=str(request.customer.available_credit))
    except (StoreError, ValueError) as error:
        return utils.json_error(error)
    return JsonResponse(order_data(placed), status=201)


@csrf_exempt
@require_POST
@needs_key
def cancel_order(request, number):
    found = Order.objects.filter(customer=request.customer, number=number).first()
    if found is None:
        return utils.json_error("not found", status=404)
    try:
        cancelled = services.cancel_order(found, "cancelled by partner", by=str(request.api_key))
    except StoreError as error:
        return utils.json_error(error, status=409)
    return JsonResponse(order_data(cancelled))


@require_GET
@needs_key
def invoices(request):
    found = Invoice.objects.filter(order__customer=request.customer).select_related("order")
    if request.GET.get("open"):
        found = found.filter(status=Invoice.OPEN)
    return JsonResponse({"invoices": [invoice_data(invoice) for invoice in found[:200]]})


@require_GET
@needs_key
def me(request):
    return JsonResponse(customer_data(request.customer))
