"""All the pages of the shop, and the JSON that its JavaScript asks for.

The partner API is in legacy_api/, the reports are in reports/.
"""
import datetime
import json
import logging
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import get_user_model, login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Avg, Count, F, Prefetch, Q, Sum
from django.http import Http404, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import DetailView, ListView, UpdateView

from store import services, utils
from store.forms import (
    AddressForm,
    CheckoutForm,
    CreditLimitForm,
    PriceChangeForm,
    PurchaseOrderLineForm,
    RegistrationForm,
    ReturnForm,
    ReviewForm,
    StockCountForm,
    TicketForm,
)
from store.models import (
    ZERO,
    Address,
    Brand,
    Cart,
    CartLine,
    Category,
    CouponRedemption,
    CreditExceeded,
    Customer,
    Invoice,
    Order,
    OrderLine,
    Payment,
    PaymentDeclined,
    Product,
    Promotion,
    PurchaseOrder,
    Refund,
    ReturnRequest,
    Review,
    Shipment,
    ShippingRate,
    StockItem,
    StockMovement,
    StoreError,
    StoredCard,
    Supplier,
    Ticket,
    TicketMessage,
    Variant,
    Warehouse,
)
from store.signals import order_cancelled

log = logging.getLogger("store.views")


# ---------------------------------------------------------------------------------------------
# Shop window
# ---------------------------------------------------------------------------------------------


def home(request):
    page = cache.get("home")
    if page is None:
        page = {
            "bestsellers": list(Product.objects.bestsellers(8).select_related("brand")),
            "new": list(Product.objects.published().order_by("-created_at")[:8]),
            "promotions": list(Promotion.objects.automatic()[:3]),
        }
        cache.set("home", page, settings.PAGE_CACHE_SECONDS)
    customer = utils.customer_of(request)
    viewed = utils.recently_viewed(customer) if customer else []
    return render(request, "store/home.html", dict(page, viewed=viewed))


def category_page(request, slug):
    category = get_object_or_404(Category, slug=slug, is_visible=True)
    products = Product.objects.published().in_category(category).select_related("brand")
    brand = request.GET.get("brand")
    if brand:
        products = products.filter(brand__slug=brand)
    if request.GET.get("stock"):
        products = products.in_stock()
    order = {
        "price": "variants__price",
        "rating": "-average_rating",
        "popular": "-sold_count",
    }.get(request.GET.get("sort"), "name")
    products = products.order_by(order, "pk")
    if order == "variants__price":
        products = products.distinct()
    brands = Brand.objects.filter(products__category_id__in=category.descendant_ids()).distinct()
    page = utils.paginate(products, request)
    return render(
        request, "store/category.html", {"category": category, "page": page, "brands": brands}
    )


def product_page(request, slug):
    product = get_object_or_404(
        Product.objects.select_related("brand", "category").prefetch_related("variants"), slug=slug
    )
    if product.status != Product.PUBLISHED and not request.user.is_staff:
        raise Http404
    customer = utils.customer_of(request)
    if customer:
        utils.remember_viewed(customer, product)
    variants = [
        {
            "variant": variant,
            "price": variant.price_for(customer),
            "available": variant.available(),
        }
        for variant in product.variants.all()
        if variant.is_active
    ]
    reviews = (
        product.reviews.approved()
        .select_related("customer")
        .annotate(good=Count("votes", filter=Q(votes__is_helpful=True)))
        .order_by("-good", "-created_at")[:20]
    )
    key = "product:%d:page" % product.pk
    bought_with = cache.get(key)
    if bought_with is None:
        bought_with = list(product.bought_with())
        cache.set(key, bought_with, settings.PAGE_CACHE_SECONDS)
    return render(
        request,
        "store/product.html",
        {
            "product": product,
            "variants": variants,
            "reviews": reviews,
            "bought_with": bought_with,
            "related": product.related.filter(status=Product.PUBLISHED),
            "review_form": ReviewForm(),
        },
    )


def search(request):
    text = request.GET.get("q", "").strip()
    if utils.rate_limited("search:%s" % utils.client_ip(request), 60, 60):
        return HttpResponse("Too many searches", status=429)
    products = Product.objects.published().search(text) if text else Product.objects.none()
    # exact SKU: go there
    variant = Variant.objects.filter(sku=utils.clean_sku(text), is_active=True).first() if text else None
    if variant is not None and variant.product.status == Product.PUBLISHED:
        return redirect(variant.product)
    page = utils.paginate(products.select_related("brand"), request)
    return render(request, "store/search.html", {"page": page, "q": text})


@require_GET
def suggest(request):
    text = request.GET.get("q", "").strip()
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    names = Product.objects.published().filter(name__icontains=text).values("name", "slug")[:8]
    return JsonResponse({"suggestions": list(names)})


# ---------------------------------------------------------------------------------------------
# Cart
# ---------------------------------------------------------------------------------------------


def cart_page(request):
    cart = utils.cart_of(request, create=False)
    context = {"cart": cart, "lines": [], "discount": ZERO, "total": ZERO}
    if cart is not None:
        changed = cart.reprice()
        if changed:
            messages.info(request, "%d prices have changed" % changed)
        context["lines"] = cart.lines.select_related("variant__product")
        context["discount"] = cart.discount()
        context["total"] = cart.subtotal - context["discount"]
    return render(request, "store/cart.html", context)


@require_POST
def cart_add(request):
    variant = get_object_or_404(Variant, sku=request.POST.get("sku", ""))
    cart = utils.cart_of(request)
    if cart.customer_id is None:
        request.session["anonymous_cart"] = cart.pk
    try:
        cart.add(variant, int(request.POST.get("quantity") or 1))
    except (StoreError, ValueError) as error:
        messages.error(request, str(error))
        return redirect(variant.product)
    messages.success(request, "%s is in your cart" % variant)
    return redirect("cart")


@require_POST
def cart_update(request, line_id):
    cart = utils.cart_of(request, create=False)
    if cart is None or not cart.lines.filter(pk=line_id).exists():
        raise Http404
    try:
        cart.set_quantity(line_id, int(request.POST.get("quantity") or 0))
    except (StoreError, ValueError) as error:
        messages.error(request, str(error))
    return redirect("cart")


@require_POST
def cart_coupon(request):
    cart = utils.cart_of(request)
    if utils.rate_limited("coupon:%s" % utils.client_ip(request), 10, 300):
        return HttpResponse("Too many codes", status=429)
    try:
        coupon = services.apply_coupon(cart, request.POST.get("code"))
    except StoreError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Code %s applied" % coupon.code)
    return redirect("cart")


def cart_json(request):
    cart = utils.cart_of(request, create=False)
    if cart is None:
        return JsonResponse({"items": 0, "lines": [], "subtotal": "0.00"})
    lines = [
        {
            "sku": line.variant.sku,
            "title": line.variant.title,
            "quantity": line.quantity,
            "amount": str(line.amount),
        }
        for line in cart.lines.select_related("variant__product")
    ]
    return JsonResponse({"items": cart.item_count, "lines": lines, "subtotal": str(cart.subtotal)})


@require_GET
def shipping_quotes(request):
    cart = utils.cart_of(request, create=False)
    if cart is None:
        return JsonResponse({"quotes": []})
    quotes = services.quote_shipping(cart, request.GET.get("country", "GB"))
    return JsonResponse(
        {
            "quotes": [
                {"id": q["rate"].pk, "carrier": q["carrier"], "cost": str(q["cost"])} for q in quotes
            ]
        }
    )


# ---------------------------------------------------------------------------------------------
# Checkout
# ---------------------------------------------------------------------------------------------


@login_required
def checkout(request):
    customer = utils.customer_of(request)
    cart = utils.cart_of(request, create=False)
    if cart is None or not cart.lines.exists():
        messages.info(request, "Your cart is empty")
        return redirect("cart")
    form = CheckoutForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with utils.redis_lock("checkout:%d" % cart.pk, timeout=30) as got:
            if not got:
                messages.error(request, "Your order is being placed already")
                return redirect("cart")
            try:
                order = services.place_order(
                    cart,
                    data["address"],
                    method=data["method"],
                    card=data.get("card"),
                    token=data.get("token", ""),
                    notes=data.get("notes", ""),
                )
            except PaymentDeclined as error:
                # the transaction took the payment row with it, so keep a trace of it here
                log.warning("declined: customer %s: %s", customer.pk, error)
                form.add_error(None, str(error))
            except CreditExceeded as error:
                form.add_error("method", str(error))
            except StoreError as error:
                form.add_error(None, str(error))
            else:
                if data.get("remember") and data.get("token"):
                    StoredCard.objects.create(
                        customer=customer,
                        token=data["token"],
                        brand=data.get("brand") or "card",
                        last4=data["token"][-4:],
                        expires_on=timezone.localdate() + datetime.timedelta(days=730),
                    )
                return redirect(order)
    rates = services.quote_shipping(cart, customer.default_address().country) if customer.addresses.exists() else []
    return render(
        request,
        "store/checkout.html",
        {
            "form": form,
            "cart": cart,
            "rates": rates,
            "discount": cart.discount(),
            "credit": customer.available_credit if customer.is_trade else None,
        },
    )


@login_required
def order_page(request, number):
    order = get_object_or_404(Order.objects.select_related("customer", "coupon"), number=number)
    customer = utils.customer_of(request)
    if order.customer_id != getattr(customer, "pk", None) and not request.user.is_staff:
        raise Http404
    return render(
        request,
        "store/order.html",
        {
            "order": order,
            "lines": order.lines.select_related("variant__product"),
            "events": order.events.all() if request.user.is_staff else order.events.filter(kind="status"),
            "shipments": order.shipments.select_related("carrier").prefetch_related("tracking"),
            "payments": order.payments.prefetch_related("refunds"),
            "invoice": Invoice.objects.filter(order=order).first(),
            "returns": order.returns.all(),
        },
    )


@login_required
def order_list(request):
    customer = utils.customer_of(request)
    orders = customer.orders.prefetch_related("lines", "shipments") if customer else Order.objects.none()
    state = request.GET.get("status")
    if state:
        orders = orders.filter(status=state)
    return render(request, "store/orders.html", {"page": utils.paginate(orders, request)})


@login_required
@require_POST
def order_cancel(request, number):
    customer = utils.customer_of(request)
    order = get_object_or_404(Order, number=number, customer=customer)
    try:
        services.cancel_order(order, request.POST.get("reason", ""), by=str(customer))
    except StoreError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Your order is cancelled")
    return redirect(order)


@login_required
def order_return(request, number):
    customer = utils.customer_of(request)
    order = get_object_or_404(Order, number=number, customer=customer)
    form = ReturnForm(request.POST or None, order=order)
    if request.method == "POST" and form.is_valid():
        try:
            rma = services.request_return(order, form.quantities(), form.cleaned_data["reason"])
        except StoreError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Your return has the number %s" % rma.number)
            return redirect(order)
    return render(request, "store/return.html", {"order": order, "form": form})


@login_required
@require_POST
def order_again(request, number):
    """Put everything of an old order into the cart."""
    customer = utils.customer_of(request)
    order = get_object_or_404(Order, number=number, customer=customer)
    cart = utils.cart_of(request)
    for line in order.lines.select_related("variant__product"):
        try:
            cart.add(line.variant, line.quantity)
        except StoreError as error:
            messages.error(request, str(error))
    return redirect("cart")


@login_required
def invoice_page(request, number):
    invoice = get_object_or_404(Invoice.objects.select_related("order__customer"), number=number)
    customer = utils.customer_of(request)
    if invoice.order.customer_id != getattr(customer, "pk", None) and not request.user.is_staff:
        return HttpResponseForbidden()
    return render(
        request,
        "store/invoice.html",
        {"invoice": invoice, "order": invoice.order, "lines": invoice.order.lines.all()},
    )


# ---------------------------------------------------------------------------------------------
# Account
# ---------------------------------------------------------------------------------------------


def register(request):
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                user = get_user_model().objects.create_user(
                    data["email"].lower(), data["email"].lower(), data["password"]
                )
                customer = services.register_customer(
                    user,
                    first_name=data["first_name"],
                    last_name=data["last_name"],
                    marketing_opt_in=data["marketing_opt_in"],
                )
        except StoreError as error:
            form.add_error("email", str(error))
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            utils.send_mail_template("welcome", customer.email, {"customer": customer})
            return redirect("account")
    return render(request, "store/register.html", {"form": form})


def sign_in(request):
    if utils.rate_limited("sign-in:%s" % utils.client_ip(request), settings.SIGN_IN_LIMIT, 300):
        return HttpResponse("Too many attempts", status=429)
    form = AuthenticationForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        customer = Customer.objects.filter(user=user).first()
        if customer is not None and customer.anonymised_at:
            return HttpResponseForbidden("This account was deleted")
        login(request, user)
        return redirect(request.GET.get("next") or "account")
    return render(request, "store/sign_in.html", {"form": form})


@require_POST
def sign_out(request):
    logout(request)
    return redirect("home")


@login_required
def account(request):
    customer = utils.customer_of(request)
    if customer is None:
        raise Http404
    return render(
        request,
        "store/account.html",
        {
            "customer": customer,
            "summary": customer.summary(),
            "orders": customer.orders.all()[:5],
            "open_invoices": Invoice.objects.filter(order__customer=customer, status=Invoice.OPEN),
            "tickets": customer.tickets.exclude(status=Ticket.CLOSED),
            "cards": customer.cards.all(),
            "viewed": utils.recently_viewed(customer),
        },
    )


@login_required
def addresses(request):
    customer = utils.customer_of(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.save(commit=False)
        address.customer = customer
        address.save()
        return redirect("addresses")
    return render(
        request, "store/addresses.html", {"addresses": customer.addresses.all(), "form": form}
    )


@login_required
@require_POST
def address_delete(request, pk):
    customer = utils.customer_of(request)
    address = get_object_or_404(Address, pk=pk, customer=customer)
    if Order.objects.open().filter(shipping_address=address).exists():
        messages.error(request, "An open order goes to this address")
    else:
        address.delete()
    return redirect("addresses")


@login_required
@require_POST
def card_delete(request, pk):
    card = get_object_or_404(StoredCard, pk=pk, customer=utils.customer_of(request))
    card.delete()
    return redirect("account")


@login_required
@require_POST
def forget_me(request):
    customer = utils.customer_of(request)
    try:
        customer.anonymise()
    except StoreError as error:
        messages.error(request, str(error))
        return redirect("account")
    logout(request)
    return redirect("home")


class CustomerUpdate(UpdateView):
    """The customer's own data."""

    model = Customer
    fields = ["first_name", "last_name", "company", "phone", "tax_number", "marketing_opt_in"]
    template_name = "store/customer_form.html"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect("sign-in")
        return super().dispatch(request, *args, **kwargs)

    def get_object(self, queryset=None):
        return utils.customer_of(self.request)

    def form_valid(self, form):
        utils.forget_customer(self.object.pk)
        return super().form_valid(form)


# ---------------------------------------------------------------------------------------------
# Reviews
# ---------------------------------------------------------------------------------------------


@login_required
@require_POST
def review_add(request, slug):
    product = get_object_or_404(Product, slug=slug, status=Product.PUBLISHED)
    customer = utils.customer_of(request)
    review = Review.objects.filter(product=product, customer=customer).first()
    form = ReviewForm(request.POST, instance=review)
    if form.is_valid():
        review = form.save(commit=False)
        review.product = product
        review.customer = customer
        review.status = Review.WAITING
        review.check_purchase()
        if review.looks_like_spam():
            review.status = Review.REJECTED
        review.save()
        messages.success(request, "Thank you. We read every review before we publish it.")
    else:
        messages.error(request, "Please give one to five stars")
    return redirect(product)


@login_required
@require_POST
def review_vote(request, pk):
    review = get_object_or_404(Review, pk=pk, status=Review.APPROVED)
    try:
        review.vote(utils.customer_of(request), request.POST.get("helpful") != "0")
    except StoreError as error:
        return utils.json_error(error)
    return JsonResponse({"helpful": review.helpful})


@staff_member_required
def review_queue(request):
    if request.method == "POST":
        review = get_object_or_404(Review, pk=request.POST.get("review"))
        review.moderate(approve=request.POST.get("decision") == "approve")
        return redirect("review-queue")
    waiting = Review.objects.waiting().select_related("product", "customer")
    return render(request, "store/review_queue.html", {"reviews": waiting})


# ---------------------------------------------------------------------------------------------
# Support
# ---------------------------------------------------------------------------------------------


@login_required
def ticket_list(request):
    customer = utils.customer_of(request)
    form = TicketForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        ticket = Ticket.open_for(customer, data["subject"], data["body"], order=data["order"])
        return redirect("ticket", number=ticket.number)
    return render(request, "store/tickets.html", {"tickets": customer.tickets.all(), "form": form})


@login_required
def ticket_page(request, number):
    ticket = get_object_or_404(Ticket.objects.select_related("order", "customer"), number=number)
    customer = utils.customer_of(request)
    own = customer is not None and ticket.customer_id == customer.pk
    if not own and not request.user.is_staff:
        raise Http404
    if request.method == "POST":
        body = request.POST.get("body", "").strip()
        if not body:
            messages.error(request, "Please write something")
        elif own:
            ticket.customer_reply(body)
        else:
            ticket.answer(body, request.user, is_internal=bool(request.POST.get("internal")))
        return redirect("ticket", number=ticket.number)
    thread = ticket.messages.all() if request.user.is_staff else ticket.messages.filter(is_internal=False)
    return render(request, "store/ticket.html", {"ticket": ticket, "thread": thread})


@staff_member_required
def ticket_queue(request):
    """The support desk: open tickets, with what the customer ordered and paid lately."""
    tickets = Ticket.objects.unanswered().select_related("customer", "order", "assigned_to")
    month = timezone.now() - datetime.timedelta(days=30)
    rows = []
    for ticket in tickets[:50]:
        recent = Order.objects.filter(customer=ticket.customer, placed_at__gte=month)
        rows.append(
            {
                "ticket": ticket,
                "orders": recent.count(),
                "refunds": Refund.objects.filter(order__customer=ticket.customer).count(),
                "in_transit": Shipment.objects.filter(
                    order__customer=ticket.customer, status=Shipment.IN_TRANSIT
                ).count(),
            }
        )
    return render(request, "store/ticket_queue.html", {"rows": rows})


@staff_member_required
@require_POST
def ticket_voucher(request, number):
    ticket = get_object_or_404(Ticket, number=number)
    try:
        amount = utils.money(request.POST.get("amount"))
    except ValueError as error:
        return utils.json_error(error)
    if amount > settings.MAX_GOODWILL:
        return utils.json_error("Ask your manager", status=403)
    coupon = services.goodwill_coupon(ticket, amount, by=request.user.get_username())
    return JsonResponse({"code": coupon.code})


# ---------------------------------------------------------------------------------------------
# Back office: orders, payments, shipping
# ---------------------------------------------------------------------------------------------


class OrderDesk(ListView):
    """Orders for the staff; the search box takes anything."""

    template_name = "store/order_desk.html"
    paginate_by = 50
    context_object_name = "orders"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_staff:
            return redirect("sign-in")
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        orders = Order.objects.select_related("customer").annotate(n=Count("lines"))
        text = self.request.GET.get("q", "").strip()
        if text:
            orders = orders.filter(
                Q(number__icontains=text)
                | Q(customer__email__icontains=text)
                | Q(lines__sku__iexact=text)
                | Q(payments__gateway_reference=text)
                | Q(shipments__tracking_number=text)
            ).distinct()
        status = self.request.GET.get("status")
        if status:
            orders = orders.filter(status=status)
        return orders.order_by("-placed_at", "-pk")


@staff_member_required
@require_POST
def desk_ship(request, number):
    order = get_object_or_404(Order, number=number)
    try:
        shipments = services.ship_order(order, by=request.user.get_username())
    except StoreError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "%d parcels booked" % len(shipments))
    return redirect(order)


@staff_member_required
@require_POST
def desk_refund(request, number):
    order = get_object_or_404(Order, number=number)
    amount = request.POST.get("amount") or None
    if amount and utils.money(amount) > settings.REFUND_NEEDS_MANAGER and not request.user.is_superuser:
        return HttpResponseForbidden("Refunds of this size need a manager")
    try:
        done = services.refund_order(
            order, amount, request.POST.get("reason", ""), by=request.user.get_username()
        )
    except (StoreError, ValueError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "%s refunded" % utils.format_money(done))
    return redirect(order)


@staff_member_required
@require_POST
def desk_hold(request, number):
    order = get_object_or_404(Order, number=number)
    by = request.user.get_username()
    try:
        if order.status == Order.ON_HOLD:
            order.release_hold(by=by)
        else:
            order.put_on_hold(request.POST.get("reason") or "held by hand", by=by)
    except StoreError as error:
        messages.error(request, str(error))
    return redirect(order)


@staff_member_required
@require_POST
def desk_cancel(request, number):
    """Staff may cancel orders that are packed but not handed over.

    FIXME: a copy of services.cancel_order from before it was moved there; it knows nothing of
    coupons. Support wants the shipment part, so it stays for now.
    """
    by = request.user.get_username()
    with transaction.atomic():
        order = get_object_or_404(Order.objects.select_for_update(), number=number)
        if order.status in (Order.CANCELLED, Order.DELIVERED, Order.REFUNDED):
            return utils.json_error("Too late to cancel")
        shipments = list(Shipment.objects.select_for_update().filter(order=order))
        if any(shipment.status != Shipment.PACKING for shipment in shipments):
            return utils.json_error("A parcel is on its way")
        for line in OrderLine.objects.filter(order=order):
            stock = (
                StockItem.objects.select_for_update()
                .filter(variant=line.variant, warehouse=line.warehouse)
                .first()
            )
            if stock is None:
                continue
            if line.quantity_shipped:
                stock.on_hand += line.quantity_shipped
            stock.reserved = max(stock.reserved - (line.quantity - line.quantity_shipped), 0)
            stock.save()
            StockMovement.objects.create(
                stock_item=stock,
                kind=StockMovement.RELEASE,
                quantity=-line.quantity,
                order_line=line,
                reason="cancelled at the desk",
                user_name=by,
            )
        for shipment in shipments:
            shipment.tracking.all().delete()
            shipment.delete()
        for payment in Payment.objects.filter(order=order, status=Payment.CAPTURED):
            if payment.refundable > 0:
                services.refund_payment(payment, payment.refundable, "cancelled at the desk")
        if order.payment_method == Order.ACCOUNT and order.paid_at is None:
            customer = Customer.objects.select_for_update().get(pk=order.customer_id)
            customer.release_credit(order.total, order, note="cancelled at the desk")
        order.cancelled_at = timezone.now()
        order.change_status(Order.CANCELLED, "cancelled at the desk", by=by)
    order_cancelled.send(sender=Order, order=order, reason="desk")
    return JsonResponse({"status": order.status})


@staff_member_required
def return_desk(request):
    if request.method == "POST":
        rma = get_object_or_404(ReturnRequest, number=request.POST.get("number"))
        by = request.user.get_username()
        action = request.POST.get("action")
        try:
            if action == "approve":
                rma.approve(by=by)
            elif action == "reject":
                rma.reject(request.POST.get("why", ""), by=by)
            elif action == "receive":
                conditions = {
                    line.pk: request.POST.get("condition-%d" % line.pk, "good") for line in rma.lines.all()
                }
                services.receive_return(rma, conditions, by=by)
        except StoreError as error:
            messages.error(request, str(error))
        return redirect("return-desk")
    returns = ReturnRequest.objects.exclude(status__in=("refunded", "rejected"))
    returns = returns.select_related("order__customer").prefetch_related("lines__order_line")
    return render(request, "store/return_desk.html", {"returns": returns})


@staff_member_required
def invoice_desk(request):
    if request.method == "POST":
        invoice = get_object_or_404(Invoice, number=request.POST.get("number"))
        try:
            services.settle_invoice(
                invoice,
                utils.money(request.POST.get("amount")),
                request.POST.get("reference", ""),
                by=request.user.get_username(),
            )
        except (StoreError, ValueError) as error:
            messages.error(request, str(error))
        return redirect("invoice-desk")
    invoices = Invoice.objects.filter(status=Invoice.OPEN).select_related("order__customer").order_by("due_on")
    return render(
        request,
        "store/invoice_desk.html",
        {
            "invoices": invoices,
            "outstanding": invoices.aggregate(s=Sum("total"))["s"] or ZERO,
            "overdue": [invoice for invoice in invoices if invoice.is_overdue],
        },
    )


@csrf_exempt
@require_POST
def paygate_webhook(request):
    """PayGate tells us about chargebacks and late captures."""
    if not utils.signature_matches(request.body, request.headers.get("X-Signature")):
        return utils.json_error("bad signature", status=403)
    data = utils.json_body(request)
    if data is None:
        return utils.json_error("not JSON")
    # PayGate sends everything twice
    if not cache.add("paygate:%s" % data.get("event_id"), 1, 24 * 3600):
        return JsonResponse({"status": "seen"})
    payment = Payment.objects.filter(gateway_reference=data.get("charge")).select_related("order").first()
    if payment is None:
        utils.alarm("PayGate knows a charge that we do not", json.dumps(data))
        return JsonResponse({"status": "unknown"})
    if data.get("type") == "chargeback":
        with transaction.atomic():
            Refund.objects.create(
                payment=payment,
                order=payment.order,
                amount=payment.refundable,
                reason="chargeback",
                status=Refund.DONE,
                gateway_reference=data.get("id", ""),
            )
            payment.status = Payment.REFUNDED
            payment.save()
            customer = Customer.objects.select_for_update().get(pk=payment.customer_id)
            customer.block("chargeback on %s" % payment.order.number, by="paygate")
            Ticket.open_for(
                customer, "Chargeback on %s" % payment.order.number, order=payment.order, priority=Ticket.HIGH
            )
    elif data.get("type") == "captured" and payment.status == Payment.PENDING:
        with transaction.atomic():
            payment.mark_captured(data["charge"])
            payment.order.mark_paid(by="paygate")
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_POST
def tracking_webhook(request):
    """The parcel broker pushes what poll_tracking would find an hour later."""
    if request.headers.get("X-Broker-Key") != settings.PARCEL_WEBHOOK_KEY:
        return utils.json_error("bad key", status=403)
    data = utils.json_body(request) or {}
    shipment = Shipment.objects.filter(tracking_number=data.get("tracking_number", "-")).first()
    if shipment is None:
        return utils.json_error("unknown parcel", status=404)
    shipment.record(data.get("code", "update"), data.get("description", ""), data.get("place", ""))
    return JsonResponse({"status": shipment.status})


def track(request, tracking_number):
    """Public tracking page; the number is the secret."""
    shipment = get_object_or_404(
        Shipment.objects.select_related("carrier", "order").prefetch_related("tracking"),
        tracking_number=tracking_number,
    )
    return render(request, "store/track.html", {"shipment": shipment})


# ---------------------------------------------------------------------------------------------
# Back office: stock and purchasing
# ---------------------------------------------------------------------------------------------


@staff_member_required
def stock_desk(request):
    stock = StockItem.objects.select_related("variant__product", "warehouse")
    warehouse = request.GET.get("warehouse")
    if warehouse:
        stock = stock.filter(warehouse__code=warehouse)
    if request.GET.get("low"):
        stock = stock.below_reorder_level()
    totals = stock.aggregate(hand=Sum("on_hand"), reserved=Sum("reserved"))
    return render(
        request,
        "store/stock_desk.html",
        {
            "page": utils.paginate(stock, request),
            "totals": totals,
            "warehouses": [(w, w.stock_value()) for w in Warehouse.objects.filter(is_active=True)],
            "low": cache.get("low-stock:count"),
        },
    )


@staff_member_required
@require_POST
def stock_count(request, pk):
    form = StockCountForm(request.POST)
    if not form.is_valid():
        return utils.json_error(form.errors.as_text())
    with transaction.atomic():
        item = get_object_or_404(StockItem.objects.select_for_update(), pk=pk)
        if form.cleaned_data["counted"] < item.reserved:
            log.warning("%s: counted less than is promised to customers", item)
        item.count(form.cleaned_data["counted"], by=request.user.get_username())
    return JsonResponse({"on_hand": item.on_hand, "available": item.available})


@staff_member_required
@require_POST
def stock_transfer(request):
    variant = get_object_or_404(Variant, sku=request.POST.get("sku"))
    source = get_object_or_404(Warehouse, code=request.POST.get("source"))
    target = get_object_or_404(Warehouse, code=request.POST.get("target"))
    try:
        services.transfer_stock(
            variant, source, target, int(request.POST.get("quantity") or 0), by=request.user.get_username()
        )
    except StoreError as error:
        return utils.json_error(error)
    return JsonResponse({"available": variant.available()})


@staff_member_required
def stock_history(request, sku):
    variant = get_object_or_404(Variant, sku=sku)
    movements = StockMovement.objects.filter(stock_item__variant=variant).select_related(
        "stock_item__warehouse", "order_line__order", "purchase_order_line__purchase_order"
    )
    return render(
        request,
        "store/stock_history.html",
        {"variant": variant, "page": Paginator(movements, 100).get_page(request.GET.get("page"))},
    )


@staff_member_required
def purchase_orders(request):
    if request.method == "POST":
        created = services.suggest_purchase_orders(by=request.user.get_username())
        messages.success(request, "%d drafts" % len(created))
        return redirect("purchase-orders")
    orders = PurchaseOrder.objects.select_related("supplier", "warehouse").prefetch_related("lines")
    return render(
        request,
        "store/purchase_orders.html",
        {"orders": orders[:100], "suppliers": Supplier.objects.filter(is_active=True)},
    )


@staff_member_required
def purchase_order_page(request, number):
    order = get_object_or_404(PurchaseOrder, number=number)
    form = PurchaseOrderLineForm(request.POST or None)
    if request.method == "POST":
        action = request.POST.get("action")
        try:
            if action == "send":
                order.send()
            elif action == "receive":
                received = {
                    line.pk: int(request.POST.get("received-%d" % line.pk) or 0) for line in order.lines.all()
                }
                services.receive_purchase_order(order, received, by=request.user.get_username())
            elif action == "add" and form.is_valid():
                line = form.save(commit=False)
                line.purchase_order = order
                line.save()
        except (StoreError, ValueError) as error:
            messages.error(request, str(error))
        return redirect("purchase-order", number=order.number)
    lines = order.lines.select_related("variant__product")
    return render(request, "store/purchase_order.html", {"order": order, "lines": lines, "form": form})


# ---------------------------------------------------------------------------------------------
# Back office: customers, prices, promotions
# ---------------------------------------------------------------------------------------------


class CustomerDetail(DetailView):
    """Everything about a customer on one page. Slow, and support loves it."""

    model = Customer
    template_name = "store/customer_detail.html"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_staff:
            return redirect("sign-in")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        customer = self.object
        return super().get_context_data(
            orders=customer.orders.annotate(n=Count("lines"))[:20],
            tickets=customer.tickets.prefetch_related("messages"),
            payments=Payment.objects.filter(customer=customer).select_related("order"),
            entries=customer.credit_entries.all()[:50],
            reviews=customer.reviews.select_related("product"),
            redemptions=CouponRedemption.objects.filter(customer=customer).select_related("coupon"),
            credit_form=CreditLimitForm(initial={"limit": customer.credit_limit}),
            **kwargs,
        )


@staff_member_required
def customer_search(request):
    found = Customer.objects.search(request.GET.get("q"))[:50]
    if request.GET.get("format") == "json":
        return JsonResponse(
            {"customers": [{"id": c.pk, "name": str(c), "email": c.email, "tier": c.tier} for c in found]}
        )
    return render(request, "store/customer_search.html", {"customers": found})


@staff_member_required
@require_POST
def customer_credit(request, pk):
    customer = get_object_or_404(Customer, pk=pk)
    form = CreditLimitForm(request.POST)
    if form.is_valid():
        try:
            services.set_credit_limit(customer, form.cleaned_data["limit"], by=request.user.get_username())
        except StoreError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, "That is not an amount")
    return redirect("customer-detail", pk=customer.pk)


@staff_member_required
@require_POST
def customer_block(request, pk):
    customer = get_object_or_404(Customer, pk=pk)
    if customer.is_blocked:
        customer.unblock()
    else:
        customer.block(request.POST.get("reason") or "blocked by staff", by=request.user.get_username())
    return redirect("customer-detail", pk=customer.pk)


@staff_member_required
@require_POST
def customer_merge(request):
    keep = get_object_or_404(Customer, pk=request.POST.get("keep"))
    drop = get_object_or_404(Customer, pk=request.POST.get("drop"))
    try:
        services.merge_customers(keep, drop, by=request.user.get_username())
    except StoreError as error:
        messages.error(request, str(error))
    return redirect("customer-detail", pk=keep.pk)


@staff_member_required
def price_desk(request):
    form = PriceChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed = services.change_prices(
            form.cleaned_data["category"], form.cleaned_data["percent"], by=request.user.get_username()
        )
        messages.success(request, "%d prices changed" % changed)
        return redirect("price-desk")
    below_cost = Variant.objects.filter(price__lt=F("cost_price")).select_related("product")
    return render(request, "store/price_desk.html", {"form": form, "below_cost": below_cost})


@staff_member_required
def promotion_desk(request):
    """What the promotions brought in: redemptions next to the orders they were used on."""
    promotions = Promotion.objects.annotate(
        uses=Count("coupons__redemptions", filter=Q(coupons__redemptions__is_void=False)),
        given=Sum("coupons__redemptions__amount", filter=Q(coupons__redemptions__is_void=False)),
    )
    rows = []
    for promotion in promotions:
        orders = Order.objects.filter(coupon__promotion=promotion).exclude(status=Order.CANCELLED)
        rows.append({"promotion": promotion, "turnover": orders.aggregate(s=Sum("total"))["s"] or ZERO})
    return render(request, "store/promotion_desk.html", {"rows": rows})


@staff_member_required
@require_POST
def promotion_codes(request, pk):
    promotion = get_object_or_404(Promotion, pk=pk)
    try:
        count = int(request.POST.get("count") or 0)
    except ValueError:
        return utils.json_error("count is not a number")
    if not 0 < count <= 5000:
        return utils.json_error("Between 1 and 5000, please")
    coupons = services.issue_coupons(promotion, count, prefix=request.POST.get("prefix", "").upper())
    return utils.csv_response("codes.csv", ["code"], [[coupon.code] for coupon in coupons])


# ---------------------------------------------------------------------------------------------
# Feeds and operations
# ---------------------------------------------------------------------------------------------


def product_feed(request):
    """For the price comparison sites. One query, because the ORM took minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.name, p.slug, v.sku, v.price, b.name, c.name,
                   COALESCE(SUM(s.on_hand - s.reserved), 0)
              FROM store_product p
              JOIN store_variant v ON v.product_id = p.id
              JOIN store_category c ON c.id = p.category_id
              LEFT JOIN store_brand b ON b.id = p.brand_id
              LEFT JOIN store_stockitem s ON s.variant_id = v.id
             WHERE p.status = %s AND v.is_active
             GROUP BY p.name, p.slug, v.sku, v.price, b.name, c.name
             ORDER BY v.sku
            """,
            [Product.PUBLISHED],
        )
        rows = cursor.fetchall()
    header = ["name", "url", "sku", "price", "brand", "category", "stock"]
    out = [
        [name, "%s/p/%s/" % (settings.BASE_URL, slug), sku, price, brand or "", category, stock]
        for name, slug, sku, price, brand, category, stock in rows
    ]
    return utils.csv_response("feed.csv", header, out)


def health(request):
    """For the load balancer."""
    problems = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # whatever the driver throws
        problems.append("database: %s" % error)
    redis = utils.get_redis()
    redis.set("health", 1, ex=10)
    if redis.get("health") is None:
        problems.append("redis")
    return JsonResponse({"ok": not problems, "problems": problems}, status=503 if problems else 200)
