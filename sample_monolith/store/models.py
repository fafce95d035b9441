"""All the models of the shop.

History: this started in 2014 as three tables (product, order, customer). The plan to move each
area into an app of its own is in the wiki; so far only reporting (2019) and the partner API (2020)
made it, and both still import from here.

Please keep the sections in order: customers, catalogue, inventory, promotions, carts and orders,
payments, shipping, returns, reviews, support.
"""
import datetime
import logging
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Avg, Count, F, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from store import utils

log = logging.getLogger("store")

ZERO = Decimal("0.00")
CENT = Decimal("0.01")

TIER_RETAIL = "retail"
TIER_TRADE = "trade"
TIER_WHOLESALE = "wholesale"
TIERS = [(TIER_RETAIL, "Retail"), (TIER_TRADE, "Trade"), (TIER_WHOLESALE, "Wholesale")]

COUNTRIES = [
    ("GB", "United Kingdom"),
    ("IE", "Ireland"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("NL", "Netherlands"),
    ("US", "United States"),
]


class StoreError(Exception):
    """Something the customer should be told, in words they understand."""


class OutOfStock(StoreError):
    def __init__(self, variant, wanted, available):
        self.variant = variant
        self.wanted = wanted
        self.available = available
        super().__init__("Only %d of %s left (you asked for %d)" % (available, variant.sku, wanted))


class CreditExceeded(StoreError):
    def __init__(self, customer, amount):
        self.customer = customer
        self.amount = amount
        super().__init__("This order would exceed your credit limit")


class PaymentDeclined(StoreError):
    pass


class CouponNotValid(StoreError):
    pass


class WrongState(StoreError):
    pass


class TimeStamped(models.Model):
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def touch(self):
        type(self).objects.filter(pk=self.pk).update(updated_at=timezone.now())

    @property
    def age(self):
        return timezone.now() - self.created_at


# ---------------------------------------------------------------------------------------------
# Customers
# ---------------------------------------------------------------------------------------------


class CustomerQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_blocked=False, anonymised_at__isnull=True)

    def with_credit(self):
        return self.active().filter(credit_limit__gt=0)

    def over_limit(self):
        return self.filter(credit_used__gt=F("credit_limit"))

    def search(self, text):
        text = (text or "").strip()
        if not text:
            return self.none()
        query = Q(email__icontains=text) | Q(last_name__icontains=text) | Q(phone__contains=text)
        if text.isdigit():
            query |= Q(pk=int(text))
        # staff paste order numbers in here all day
        query |= Q(orders__number__iexact=text)
        return self.filter(query).distinct()


class Customer(TimeStamped):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="customer",
    )
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    company = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    tier = models.CharField(max_length=12, choices=TIERS, default=TIER_RETAIL)
    tax_number = models.CharField(max_length=32, blank=True)
    credit_limit = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    credit_used = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    payment_terms_days = models.PositiveSmallIntegerField(default=30)
    marketing_opt_in = models.BooleanField(default=False)
    loyalty_points = models.IntegerField(default=0)
    # written by the order code, see Order.mark_paid and the nightly job
    lifetime_value = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    last_order_at = models.DateTimeField(null=True, blank=True)
    is_blocked = models.BooleanField(default=False)
    blocked_reason = models.CharField(max_length=200, blank=True)
    anonymised_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        db_table = "customers"
        ordering = ["last_name", "first_name"]

    def __str__(self):
        return self.full_name or self.email

    def get_absolute_url(self):
        return reverse("account")

    @property
    def full_name(self):
        return ("%s %s" % (self.first_name, self.last_name)).strip()

    @property
    def available_credit(self):
        return max(self.credit_limit - self.credit_used, ZERO)

    @property
    def is_trade(self):
        return self.tier in (TIER_TRADE, TIER_WHOLESALE)

    def can_buy_on_account(self, amount):
        if self.is_blocked or not self.is_trade:
            return False
        return self.available_credit >= amount

    # The three methods below expect the row to be locked by the caller.

    def reserve_credit(self, amount, order=None):
        if amount <= 0:
            raise ValueError("amount must be positive")
        if self.credit_used + amount > self.credit_limit:
            raise CreditExceeded(self, amount)
        self.credit_used += amount
        self.save(update_fields=["credit_used", "updated_at"])
        return self.credit_entries.create(
            order=order, kind=CreditEntry.RESERVE, amount=amount, balance_after=self.credit_used
        )

    def release_credit(self, amount, order=None, note=""):
        amount = min(amount, self.credit_used)
        if not amount:
            return None
        self.credit_used -= amount
        self.save(update_fields=["credit_used", "updated_at"])
        return self.credit_entries.create(
            order=order,
            kind=CreditEntry.RELEASE,
            amount=-amount,
            balance_after=self.credit_used,
            note=note,
        )

    def adjust_credit_limit(self, limit, by="", note=""):
        before = self.credit_limit
        self.credit_limit = limit
        self.save(update_fields=["credit_limit", "updated_at"])
        self.credit_entries.create(
            kind=CreditEntry.ADJUST,
            amount=limit - before,
            balance_after=self.credit_used,
            note=note or "limit %s -> %s" % (before, limit),
            created_by=by,
        )

    def credit_used_by_entries(self):
        """What credit_used ought to be; the nightly check compares the two."""
        total = self.credit_entries.exclude(kind=CreditEntry.ADJUST).aggregate(s=Sum("amount"))["s"]
        return total or ZERO

    def add_points(self, amount):
        points = int(amount // settings.LOYALTY_SPEND_PER_POINT)
        if points:
            Customer.objects.filter(pk=self.pk).update(loyalty_points=F("loyalty_points") + points)
            self.loyalty_points += points
        return points

    def block(self, reason, by=""):
        """Block the customer, and hold what they have on order."""
        self.is_blocked = True
        self.blocked_reason = reason
        self.save(update_fields=["is_blocked", "blocked_reason", "updated_at"])
        for order in self.orders.filter(status__in=Order.OPEN_STATES):
            order.put_on_hold("customer blocked: %s" % reason, by=by)
        utils.forget_customer(self.pk)

    def unblock(self):
        self.is_blocked = False
        self.blocked_reason = ""
        self.save(update_fields=["is_blocked", "blocked_reason", "updated_at"])
        utils.forget_customer(self.pk)

    def default_address(self, kind="shipping"):
        flag = "is_default_%s" % kind
        return self.addresses.order_by("-" + flag, "-pk").first()

    def anonymise(self):
        """GDPR: forget the person, keep the books."""
        if self.orders.filter(status__in=Order.OPEN_STATES).exists():
            raise WrongState("Customer has open orders")
        with transaction.atomic():
            self.email = "gone-%d@invalid.example" % self.pk
            self.first_name = self.last_name = self.phone = self.company = ""
            self.marketing_opt_in = False
            self.anonymised_at = timezone.now()
            self.save()
            self.addresses.all().delete()
            self.cards.all().delete()
            self.reviews.update(title="", body="", status=Review.REJECTED)
            TicketMessage.objects.filter(ticket__customer=self, is_staff=False).update(body="[removed]")
            if self.user_id:
                self.user.is_active = False
                self.user.save(update_fields=["is_active"])
        utils.forget_customer(self.pk)

    def summary(self):
        """For the sidebar of the customer page; cached because marketing loops over it."""
        key = "customer:%d:summary" % self.pk
        data = cache.get(key)
        if data is None:
            orders = self.orders.exclude(status=Order.CANCELLED)
            data = {
                "orders": orders.count(),
                "spent": orders.aggregate(s=Sum("total"))["s"] or ZERO,
                "open_tickets": self.tickets.exclude(status=Ticket.CLOSED).count(),
                "reviews": self.reviews.count(),
                "points": self.loyalty_points,
            }
            cache.set(key, data, 600)
        return data


class Address(TimeStamped):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=40, blank=True)
    recipient = models.CharField(max_length=120, blank=True)
    line1 = models.CharField(max_length=120)
    line2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80)
    postcode = models.CharField(max_length=16)
    country = models.CharField(max_length=2, choices=COUNTRIES, default="GB")
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self):
        return "%s, %s %s" % (self.line1, self.postcode, self.city)

    def save(self, *args, **kwargs):
        self.postcode = self.postcode.upper().strip()
        super().save(*args, **kwargs)
        for flag in ("is_default_shipping", "is_default_billing"):
            if getattr(self, flag):
                others = Address.objects.filter(customer_id=self.customer_id).exclude(pk=self.pk)
                others.update(**{flag: False})

    def as_text(self):
        parts = [self.recipient, self.line1, self.line2, "%s %s" % (self.postcode, self.city)]
        return "\n".join([p for p in parts if p] + [self.get_country_display()])


class CreditEntry(models.Model):
    """The account book. Finance reads it, checkout and payments write it."""

    RESERVE = "reserve"
    RELEASE = "release"
    SETTLE = "settle"
    ADJUST = "adjust"
    KINDS = [(RESERVE, "Reserved"), (RELEASE, "Released"), (SETTLE, "Settled"), (ADJUST, "Adjusted")]

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit_entries")
    order = models.ForeignKey("Order", null=True, blank=True, on_delete=models.SET_NULL)
    payment = models.ForeignKey("Payment", null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=KINDS)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    balance_after = models.DecimalField(max_digits=12, decimal_places=2)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return "%s %s" % (self.kind, self.amount)


# ---------------------------------------------------------------------------------------------
# Catalogue
# ---------------------------------------------------------------------------------------------


class Category(models.Model):
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    position = models.PositiveIntegerField(default=0)
    is_visible = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = slugify(self.name)
        super().save(*args, **kwargs)
        cache.delete("menu")

    def get_absolute_url(self):
        return reverse("category", args=[self.slug])

    def path(self):
        node, nodes = self, []
        while node is not None and node not in nodes:
            nodes.append(node)
            node = node.parent
        return list(reversed(nodes))

    def descendant_ids(self):
        ids, frontier = [self.pk], [self.pk]
        while frontier:
            frontier = list(
                Category.objects.filter(parent_id__in=frontier)
                .exclude(pk__in=ids)
                .values_list("pk", flat=True)
            )
            ids.extend(frontier)
        return ids


class Brand(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(unique=True)
    website = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Product.PUBLISHED)

    def in_category(self, category):
        return self.filter(category_id__in=category.descendant_ids())

    def search(self, text):
        query = Q()
        for word in (text or "").split():
            query &= (
                Q(name__icontains=word)
                | Q(description__icontains=word)
                | Q(brand__name__icontains=word)
                | Q(variants__sku__iexact=word)
            )
        return self.filter(query).distinct()

    def in_stock(self):
        return self.filter(
            variants__is_active=True,
            variants__stock__on_hand__gt=F("variants__stock__reserved"),
        ).distinct()

    def bestsellers(self, limit=10):
        return self.published().order_by("-sold_count", "name")[:limit]


class Product(TimeStamped):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    STATES = [(DRAFT, "Draft"), (PUBLISHED, "Published"), (WITHDRAWN, "Withdrawn")]

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.SET_NULL, related_name="products"
    )
    name = models.CharField(max_length=160)
    slug = models.SlugField(max_length=180, unique=True)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=STATES, default=DRAFT)
    vat_rate = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.20"))
    related = models.ManyToManyField("self", blank=True)
    # denormalised for the list pages
    average_rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    review_count = models.PositiveIntegerField(default=0)
    sold_count = models.PositiveIntegerField(default=0)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("product", args=[self.slug])

    def clean(self):
        if self.status == self.PUBLISHED and self.pk and not self.variants.exists():
            raise ValidationError("A product needs a variant before it is published")

    @property
    def is_buyable(self):
        return self.status == self.PUBLISHED and self.variants.filter(is_active=True).exists()

    def price_range(self):
        prices = list(self.variants.filter(is_active=True).values_list("price", flat=True))
        if not prices:
            return None
        return min(prices), max(prices)

    def publish(self):
        if not self.variants.filter(is_active=True).exists():
            raise WrongState("%s has no active variant" % self)
        self.status = self.PUBLISHED
        self.save(update_fields=["status", "updated_at"])
        utils.forget_product(self.pk)

    def withdraw(self):
        """Take it off sale, and out of everybody's cart."""
        self.status = self.WITHDRAWN
        self.save(update_fields=["status", "updated_at"])
        CartLine.objects.filter(variant__product=self, cart__status=Cart.OPEN).delete()
        utils.forget_product(self.pk)

    def recalculate_rating(self):
        figures = self.reviews.filter(status=Review.APPROVED).aggregate(a=Avg("rating"), n=Count("pk"))
        self.average_rating = figures["a"]
        self.review_count = figures["n"]
        self.save(update_fields=["average_rating", "review_count", "updated_at"])
        cache.delete("product:%d:rating" % self.pk)

    def total_stock(self):
        stock = StockItem.objects.filter(variant__product=self).aggregate(
            hand=Sum("on_hand"), reserved=Sum("reserved")
        )
        return (stock["hand"] or 0) - (stock["reserved"] or 0)

    def bought_with(self, limit=4):
        """Customers who bought this also bought."""
        orders = OrderLine.objects.filter(variant__product=self).values("order_id")[:500]
        return (
            Product.objects.published()
            .filter(variants__order_lines__order_id__in=orders)
            .exclude(pk=self.pk)
            .annotate(times=Count("variants__order_lines"))
            .order_by("-times", "name")[:limit]
        )


class Variant(TimeStamped):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80, blank=True)
    barcode = models.CharField(max_length=20, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(CENT)])
    cost_price = models.DecimalField(max_digits=10, decimal_places=2, default=ZERO)
    weight_grams = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["product", "sku"]

    def __str__(self):
        return self.title

    @property
    def title(self):
        return "%s (%s)" % (self.product.name, self.name) if self.name else self.product.name

    def price_for(self, customer=None, quantity=1):
        """List price, or the price list of the customer's tier when that is lower."""
        tier = customer.tier if customer else TIER_RETAIL
        today = timezone.localdate()
        entry = (
            self.price_list.filter(tier=tier, min_quantity__lte=quantity)
            .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=today))
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
            .order_by("price")
            .first()
        )
        if entry and entry.price < self.price:
            return entry.price
        return self.price

    def available(self):
        """Pieces that can be promised today; cached in Redis, the stock code drops the key."""
        redis = utils.get_redis()
        key = "stock:%s" % self.sku
        cached = redis.get(key)
        if cached is not None:
            return int(cached)
        figures = self.stock.filter(warehouse__is_active=True).aggregate(
            hand=Sum("on_hand"), reserved=Sum("reserved")
        )
        count = max((figures["hand"] or 0) - (figures["reserved"] or 0), 0)
        redis.set(key, count, ex=settings.STOCK_CACHE_SECONDS)
        return count

    def margin(self):
        if not self.price:
            return ZERO
        return ((self.price - self.cost_price) / self.price).quantize(CENT, ROUND_HALF_UP)


class PriceListEntry(models.Model):
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="price_list")
    tier = models.CharField(max_length=12, choices=TIERS)
    min_quantity = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["variant", "tier", "min_quantity"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "tier", "min_quantity", "valid_from"], name="one_price_per_tier"
            )
        ]

    def __str__(self):
        return "%s %s from %d: %s" % (self.variant.sku, self.tier, self.min_quantity, self.price)


# ---------------------------------------------------------------------------------------------
# Inventory
# ---------------------------------------------------------------------------------------------


class Warehouse(models.Model):
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2, choices=COUNTRIES, default="GB")
    priority = models.PositiveSmallIntegerField(default=10)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "code"]

    def __str__(self):
        return self.code

    def stock_value(self):
        value = self.stock.aggregate(v=Sum(F("on_hand") * F("variant__cost_price")))["v"]
        return value or ZERO


class StockItemQuerySet(models.QuerySet):
    def sellable(self):
        return self.filter(warehouse__is_active=True, on_hand__gt=F("reserved"))

    def below_reorder_level(self):
        return self.filter(on_hand__lte=F("reserved") + F("reorder_level"), reorder_level__gt=0)

    def for_picking(self, variant):
        """Locked, fullest shelf of the nearest warehouse first."""
        return (
            self.select_for_update()
            .filter(variant=variant, warehouse__is_active=True)
            .order_by("warehouse__priority", "-on_hand", "pk")
        )


class StockItem(TimeStamped):
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    reorder_level = models.PositiveIntegerField(default=0)
    reorder_quantity = models.PositiveIntegerField(default=0)
    bin_code = models.CharField(max_length=12, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)

    objects = StockItemQuerySet.as_manager()

    class Meta:
        ordering = ["variant", "warehouse"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="one_shelf_per_variant")
        ]

    def __str__(self):
        return "%s @ %s: %d" % (self.variant.sku, self.warehouse.code, self.on_hand)

    @property
    def available(self):
        return self.on_hand - self.reserved

    def _move(self, kind, quantity, **references):
        self.save()
        utils.get_redis().delete("stock:%s" % self.variant.sku)
        return self.movements.create(kind=kind, quantity=quantity, **references)

    def reserve(self, quantity, order_line=None):
        if quantity > self.available:
            raise OutOfStock(self.variant, quantity, self.available)
        self.reserved += quantity
        return self._move(StockMovement.RESERVE, quantity, order_line=order_line)

    def release(self, quantity, order_line=None, reason=""):
        quantity = min(quantity, self.reserved)
        self.reserved -= quantity
        return self._move(StockMovement.RELEASE, -quantity, order_line=order_line, reason=reason)

    def ship(self, quantity, order_line=None):
        if quantity > self.on_hand:
            raise OutOfStock(self.variant, quantity, self.on_hand)
        self.on_hand -= quantity
        self.reserved = max(self.reserved - quantity, 0)
        return self._move(StockMovement.SHIP, -quantity, order_line=order_line)

    def receive(self, quantity, purchase_order_line=None, order_line=None, reason=""):
        self.on_hand += quantity
        return self._move(
            StockMovement.RECEIVE,
            quantity,
            purchase_order_line=purchase_order_line,
            order_line=order_line,
            reason=reason,
        )

    def count(self, counted, by=""):
        """Stock taking: what is really on the shelf."""
        difference = counted - self.on_hand
        self.on_hand = counted
        self.counted_at = timezone.now()
        return self._move(StockMovement.COUNT, difference, reason="stock taking", user_name=by)


class StockMovement(models.Model):
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    RECEIVE = "receive"
    COUNT = "count"
    WRITE_OFF = "write_off"
    KINDS = [
        (RESERVE, "Reserved"),
        (RELEASE, "Released"),
        (SHIP, "Shipped"),
        (RECEIVE, "Received"),
        (COUNT, "Counted"),
        (WRITE_OFF, "Written off"),
    ]

    stock_item = models.ForeignKey(StockItem, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=10, choices=KINDS)
    quantity = models.IntegerField()
    order_line = models.ForeignKey(
        "OrderLine", null=True, blank=True, on_delete=models.SET_NULL, related_name="movements"
    )
    purchase_order_line = models.ForeignKey(
        "PurchaseOrderLine", null=True, blank=True, on_delete=models.SET_NULL
    )
    reason = models.CharField(max_length=120, blank=True)
    user_name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["kind", "created_at"])]

    def __str__(self):
        return "%s %+d" % (self.kind, self.quantity)


class Supplier(models.Model):
    name = models.CharField(max_length=120, unique=True)
    email = models.EmailField(blank=True)
    lead_time_days = models.PositiveSmallIntegerField(default=14)
    minimum_order = models.DecimalField(max_digits=10, decimal_places=2, default=ZERO)
    is_active = models.BooleanField(default=True)
    brands = models.CharField(max_length=200, blank=True, help_text="comma separated brand slugs")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def brand_slugs(self):
        return [slug.strip() for slug in self.brands.split(",") if slug.strip()]


class PurchaseOrder(TimeStamped):
    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    STATES = [(DRAFT, "Draft"), (SENT, "Sent"), (RECEIVED, "Received"), (CLOSED, "Closed")]

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchase_orders")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT)
    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, choices=STATES, default=DRAFT)
    expected_on = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.number

    def total(self):
        return sum((line.quantity * line.unit_cost for line in self.lines.all()), ZERO)

    def send(self):
        if self.status != self.DRAFT:
            raise WrongState("%s was sent already" % self.number)
        if self.total() < self.supplier.minimum_order:
            raise WrongState("Below the minimum order of %s" % self.supplier)
        self.status = self.SENT
        self.sent_at = timezone.now()
        self.expected_on = timezone.localdate() + datetime.timedelta(days=self.supplier.lead_time_days)
        self.save()
        utils.send_mail_template(
            "purchase_order", self.supplier.email, {"purchase_order": self, "lines": self.lines.all()}
        )

    @property
    def is_late(self):
        return bool(
            self.status == self.SENT and self.expected_on and self.expected_on < timezone.localdate()
        )


class PurchaseOrderLine(models.Model):
    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()
    quantity_received = models.PositiveIntegerField(default=0)
    unit_cost = models.DecimalField(max_digits=10, decimal_places=2)

    def __str__(self):
        return "%d x %s" % (self.quantity, self.variant.sku)

    @property
    def outstanding(self):
        return max(self.quantity - self.quantity_received, 0)


# ---------------------------------------------------------------------------------------------
# Promotions
# ---------------------------------------------------------------------------------------------


class PromotionQuerySet(models.QuerySet):
    def running(self, at=None):
        at = at or timezone.now()
        return (
            self.filter(is_active=True, starts_at__lte=at)
            .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
            .filter(Q(budget__isnull=True) | Q(spent__lt=F("budget")))
        )

    def automatic(self):
        return self.running().filter(needs_coupon=False)


class Promotion(TimeStamped):
    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"
    KINDS = [(PERCENT, "Percent off"), (AMOUNT, "Amount off"), (FREE_SHIPPING, "Free shipping")]

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=14, choices=KINDS)
    value = models.DecimalField(max_digits=8, decimal_places=2, default=ZERO)
    categories = models.ManyToManyField(Category, blank=True, related_name="promotions")
    minimum_order = models.DecimalField(max_digits=10, decimal_places=2, default=ZERO)
    needs_coupon = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def category_ids(self):
        ids = set()
        for category in self.categories.all():
            ids.update(category.descendant_ids())
        return ids

    def discount_on(self, lines):
        """`lines` are cart lines or anything with variant and amount."""
        wanted = self.category_ids()
        base = ZERO
        for line in lines:
            if not wanted or line.variant.product.category_id in wanted:
                base += line.amount
        if base <= 0 or base < self.minimum_order:
            return ZERO
        if self.kind == self.PERCENT:
            return (base * self.value / 100).quantize(CENT, ROUND_HALF_UP)
        if self.kind == self.AMOUNT:
            return min(self.value, base)
        return ZERO

    def spend(self, amount):
        Promotion.objects.filter(pk=self.pk).update(spent=F("spent") + amount)


class Coupon(TimeStamped):
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="coupons")
    code = models.CharField(max_length=24, unique=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    used_count = models.PositiveIntegerField(default=0)
    per_customer = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return self.code

    def save(self, *args, **kwargs):
        self.code = self.code.upper().strip()
        super().save(*args, **kwargs)

    def check_for(self, customer, amount):
        """Raise CouponNotValid with the reason, or return quietly."""
        if not self.is_active or not Promotion.objects.running().filter(pk=self.promotion_id).exists():
            raise CouponNotValid("This code is not valid any more")
        if self.expires_at and self.expires_at < timezone.now():
            raise CouponNotValid("This code has expired")
        if self.max_uses is not None and self.used_count >= self.max_uses:
            raise CouponNotValid("This code has been used up")
        if amount < self.promotion.minimum_order:
            raise CouponNotValid("This code needs an order of %s" % self.promotion.minimum_order)
        if customer and self.per_customer:
            used = self.redemptions.filter(customer=customer, is_void=False).count()
            if used >= self.per_customer:
                raise CouponNotValid("You have used this code already")

    def redeem(self, customer, order, amount):
        redemption = self.redemptions.create(customer=customer, order=order, amount=amount)
        Coupon.objects.filter(pk=self.pk).update(used_count=F("used_count") + 1)
        self.promotion.spend(amount)
        return redemption


class CouponRedemption(models.Model):
    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="redemptions")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="redemptions")
    order = models.ForeignKey("Order", on_delete=models.CASCADE, related_name="redemptions")
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    is_void = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return "%s on %s" % (self.coupon, self.order)

    def void(self):
        """Give the use back, when the order is cancelled."""
        if self.is_void:
            return
        self.is_void = True
        self.save(update_fields=["is_void"])
        Coupon.objects.filter(pk=self.coupon_id, used_count__gt=0).update(used_count=F("used_count") - 1)
        self.coupon.promotion.spend(-self.amount)


# ---------------------------------------------------------------------------------------------
# Carts and orders
# ---------------------------------------------------------------------------------------------


class Cart(TimeStamped):
    OPEN = "open"
    ORDERED = "ordered"
    ABANDONED = "abandoned"
    STATES = [(OPEN, "Open"), (ORDERED, "Ordered"), (ABANDONED, "Abandoned")]

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="carts"
    )
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    coupon = models.ForeignKey(Coupon, null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=STATES, default=OPEN)

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self):
        return "Cart %s" % self.pk

    def add(self, variant, quantity=1):
        if quantity < 1:
            raise StoreError("Quantity must be at least 1")
        if not variant.is_active or variant.product.status != Product.PUBLISHED:
            raise StoreError("%s is not for sale" % variant)
        line = self.lines.filter(variant=variant).first()
        wanted = quantity + (line.quantity if line else 0)
        available = variant.available()
        if wanted > available:
            raise OutOfStock(variant, wanted, available)
        price = variant.price_for(self.customer, wanted)
        if line is None:
            line = self.lines.create(variant=variant, quantity=wanted, unit_price=price)
        else:
            line.quantity = wanted
            line.unit_price = price
            line.save()
        self.touch()
        return line

    def set_quantity(self, line_id, quantity):
        line = self.lines.select_related("variant").get(pk=line_id)
        if quantity <= 0:
            line.delete()
            return None
        if quantity > line.variant.available():
            raise OutOfStock(line.variant, quantity, line.variant.available())
        line.quantity = quantity
        line.unit_price = line.variant.price_for(self.customer, quantity)
        line.save()
        return line

    def reprice(self):
        """Prices change at midnight; carts live for weeks."""
        changed = 0
        for line in self.lines.select_related("variant"):
            price = line.variant.price_for(self.customer, line.quantity)
            if price != line.unit_price:
                line.unit_price = price
                line.save(update_fields=["unit_price"])
                changed += 1
        return changed

    def absorb(self, other):
        """Join the anonymous cart to the customer's when they sign in."""
        for line in other.lines.select_related("variant__product"):
            try:
                self.add(line.variant, line.quantity)
            except StoreError as error:
                log.info("cart %s: dropped %s: %s", self.pk, line.variant.sku, error)
        if other.coupon_id and not self.coupon_id:
            self.coupon = other.coupon
            self.save()
        other.delete()

    @property
    def subtotal(self):
        return sum((line.amount for line in self.lines.all()), ZERO)

    @property
    def weight(self):
        return sum(line.quantity * line.variant.weight_grams for line in self.lines.select_related("variant"))

    @property
    def item_count(self):
        return self.lines.aggregate(n=Sum("quantity"))["n"] or 0

    def discount(self):
        """The best automatic promotion, plus the coupon."""
        lines = list(self.lines.select_related("variant__product"))
        automatic = [promotion.discount_on(lines) for promotion in Promotion.objects.automatic()]
        total = max(automatic, default=ZERO)
        if self.coupon:
            total += self.coupon.promotion.discount_on(lines)
        return min(total, self.subtotal)

    def has_free_shipping(self):
        return bool(self.coupon and self.coupon.promotion.kind == Promotion.FREE_SHIPPING)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField(default=1)
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return "%d x %s" % (self.quantity, self.variant.sku)

    @property
    def amount(self):
        return self.quantity * self.unit_price


class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status__in=Order.OPEN_STATES)

    def to_ship(self):
        return self.filter(status=Order.PAID).order_by("placed_at")

    def unpaid_since(self, moment):
        return self.filter(status=Order.PLACED, payment_method=Order.CARD, placed_at__lt=moment)

    def between(self, start, end):
        return self.filter(placed_at__date__gte=start, placed_at__date__lte=end)

    def turnover(self):
        return self.exclude(status=Order.CANCELLED).aggregate(s=Sum("total"))["s"] or ZERO


class Order(TimeStamped):
    PLACED = "placed"
    PAID = "paid"
    ON_HOLD = "on_hold"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    STATES = [
        (PLACED, "Placed"),
        (PAID, "Paid"),
        (ON_HOLD, "On hold"),
        (SHIPPED, "Shipped"),
        (DELIVERED, "Delivered"),
        (CANCELLED, "Cancelled"),
        (REFUNDED, "Refunded"),
    ]
    OPEN_STATES = (PLACED, PAID, ON_HOLD)

    CARD = "card"
    ACCOUNT = "account"
    METHODS = [(CARD, "Card"), (ACCOUNT, "On account")]

    number = models.CharField(max_length=16, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    cart = models.OneToOneField(Cart, null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=STATES, default=PLACED, db_index=True)
    payment_method = models.CharField(max_length=10, choices=METHODS, default=CARD)
    currency = models.CharField(max_length=3, default="GBP")
    subtotal = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    shipping_cost = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    tax = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)
    coupon = models.ForeignKey(Coupon, null=True, blank=True, on_delete=models.SET_NULL)
    shipping_address = models.ForeignKey(
        Address, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shipping_rate = models.ForeignKey("ShippingRate", null=True, blank=True, on_delete=models.SET_NULL)
    ship_to = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=12, default="web")
    placed_at = models.DateTimeField(default=timezone.now, db_index=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        db_table = "orders"
        ordering = ["-placed_at", "-pk"]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("order", args=[self.number])

    @property
    def is_open(self):
        return self.status in self.OPEN_STATES

    @property
    def can_cancel(self):
        return self.status in self.OPEN_STATES and not self.shipments.exists()

    @property
    def paid_amount(self):
        captured = self.payments.filter(status=Payment.CAPTURED).aggregate(s=Sum("amount"))["s"] or ZERO
        return captured - self.refunded_amount

    @property
    def refunded_amount(self):
        return self.refunds.filter(status=Refund.DONE).aggregate(s=Sum("amount"))["s"] or ZERO

    def calculate(self):
        """Totals from the lines; prices include VAT, so the tax is a part of the total."""
        lines = list(self.lines.all())
        self.subtotal = sum((line.amount for line in lines), ZERO)
        share = Decimal(1)
        if self.subtotal:
            share = (self.subtotal - self.discount) / self.subtotal
        self.tax = sum((line.tax_included(share) for line in lines), ZERO).quantize(CENT, ROUND_HALF_UP)
        self.total = self.subtotal - self.discount + self.shipping_cost

    def add_event(self, kind, message="", by="", **data):
        return self.events.create(kind=kind, message=message, user_name=by, data=data)

    def change_status(self, status, message="", by=""):
        before = self.status
        self.status = status
        self.save()
        self.add_event("status", message or "%s -> %s" % (before, status), by=by)

    def put_on_hold(self, reason, by=""):
        self.hold_reason = reason[:200]
        self.change_status(self.ON_HOLD, reason, by=by)

    def release_hold(self, by=""):
        if self.status != self.ON_HOLD:
            raise WrongState("%s is not on hold" % self.number)
        self.hold_reason = ""
        self.change_status(self.PAID if self.paid_at else self.PLACED, "hold released", by=by)

    def mark_paid(self, by=""):
        self.paid_at = timezone.now()
        self.change_status(self.PAID, "paid", by=by)
        Customer.objects.filter(pk=self.customer_id).update(
            lifetime_value=F("lifetime_value") + self.total, last_order_at=self.placed_at
        )
        self.customer.add_points(self.total)

    def open_shipping_address(self):
        """The address, or the text that was kept when the customer deleted it."""
        return self.shipping_address.as_text() if self.shipping_address else self.ship_to


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="order_lines")
    warehouse = models.ForeignKey(Warehouse, null=True, blank=True, on_delete=models.SET_NULL)
    description = models.CharField(max_length=250)
    sku = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()
    quantity_shipped = models.PositiveIntegerField(default=0)
    quantity_returned = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    unit_cost = models.DecimalField(max_digits=10, decimal_places=2, default=ZERO)
    vat_rate = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.20"))

    class Meta:
        db_table = "order_lines"
        ordering = ["pk"]

    def __str__(self):
        return "%d x %s" % (self.quantity, self.sku)

    @property
    def amount(self):
        return self.quantity * self.unit_price

    @property
    def returnable(self):
        return self.quantity_shipped - self.quantity_returned

    def tax_included(self, share=Decimal(1)):
        gross = self.amount * share
        return gross - gross / (1 + self.vat_rate)


class OrderEvent(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    message = models.CharField(max_length=250, blank=True)
    user_name = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self):
        return "%s: %s" % (self.kind, self.message)


# ---------------------------------------------------------------------------------------------
# Payments
# ---------------------------------------------------------------------------------------------


class StoredCard(TimeStamped):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cards")
    token = models.CharField(max_length=80)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    expires_on = models.DateField()
    is_default = models.BooleanField(default=False)

    def __str__(self):
        return "%s ending %s" % (self.brand, self.last4)

    @property
    def has_expired(self):
        return self.expires_on < timezone.localdate()


class Payment(TimeStamped):
    PENDING = "pending"
    CAPTURED = "captured"
    FAILED = "failed"
    REFUNDED = "refunded"
    STATES = [
        (PENDING, "Pending"),
        (CAPTURED, "Captured"),
        (FAILED, "Failed"),
        (REFUNDED, "Refunded"),
    ]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments")
    card = models.ForeignKey(StoredCard, null=True, blank=True, on_delete=models.SET_NULL)
    method = models.CharField(max_length=10, choices=Order.METHODS)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=10, choices=STATES, default=PENDING)
    gateway_reference = models.CharField(max_length=64, blank=True, db_index=True)
    failure = models.CharField(max_length=200, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payments"
        ordering = ["-created_at"]

    def __str__(self):
        return "%s %s (%s)" % (self.method, self.amount, self.status)

    @property
    def refundable(self):
        if self.status not in (self.CAPTURED, self.REFUNDED):
            return ZERO
        done = self.refunds.filter(status=Refund.DONE).aggregate(s=Sum("amount"))["s"] or ZERO
        return self.amount - done

    def mark_captured(self, reference):
        self.status = self.CAPTURED
        self.gateway_reference = reference
        self.captured_at = timezone.now()
        self.save()

    def mark_failed(self, message):
        self.status = self.FAILED
        self.failure = message[:200]
        self.save()


class Refund(TimeStamped):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    STATES = [(PENDING, "Pending"), (DONE, "Done"), (FAILED, "Failed")]

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    return_request = models.ForeignKey(
        "ReturnRequest", null=True, blank=True, on_delete=models.SET_NULL, related_name="refunds"
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=STATES, default=PENDING)
    gateway_reference = models.CharField(max_length=64, blank=True)

    def __str__(self):
        return "Refund of %s on %s" % (self.amount, self.order)


class Invoice(TimeStamped):
    OPEN = "open"
    PAID = "paid"
    CREDITED = "credited"
    STATES = [(OPEN, "Open"), (PAID, "Paid"), (CREDITED, "Credited")]

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    number = models.CharField(max_length=16, unique=True)
    status = models.CharField(max_length=10, choices=STATES, default=OPEN)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    issued_on = models.DateField(default=timezone.localdate)
    due_on = models.DateField()
    reminders_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-issued_on", "-number"]

    def __str__(self):
        return self.number

    @property
    def is_overdue(self):
        return self.status == self.OPEN and self.due_on < timezone.localdate()

    @property
    def days_overdue(self):
        return max((timezone.localdate() - self.due_on).days, 0) if self.is_overdue else 0


# ---------------------------------------------------------------------------------------------
# Shipping
# ---------------------------------------------------------------------------------------------


class Carrier(models.Model):
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    tracking_url = models.CharField(max_length=200, blank=True, help_text="with %s for the number")
    max_weight_grams = models.PositiveIntegerField(default=30000)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def url_for(self, tracking_number):
        return self.tracking_url.replace("%s", tracking_number) if self.tracking_url else ""


class ShippingRateQuerySet(models.QuerySet):
    def for_parcel(self, country, weight):
        return (
            self.filter(carrier__is_active=True, country=country)
            .filter(max_weight_grams__gte=weight, carrier__max_weight_grams__gte=weight)
            .select_related("carrier")
            .order_by("price", "pk")
        )


class ShippingRate(models.Model):
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="rates")
    country = models.CharField(max_length=2, choices=COUNTRIES)
    max_weight_grams = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    free_over = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    objects = ShippingRateQuerySet.as_manager()

    class Meta:
        ordering = ["country", "price"]

    def __str__(self):
        return "%s to %s" % (self.carrier, self.country)

    def cost(self, goods_value):
        if self.free_over is not None and goods_value >= self.free_over:
            return ZERO
        return self.price


class Shipment(TimeStamped):
    PACKING = "packing"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    LOST = "lost"
    STATES = [
        (PACKING, "Packing"),
        (IN_TRANSIT, "In transit"),
        (DELIVERED, "Delivered"),
        (LOST, "Lost"),
    ]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="shipments")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="shipments")
    status = models.CharField(max_length=12, choices=STATES, default=PACKING)
    tracking_number = models.CharField(max_length=40, blank=True, db_index=True)
    address = models.TextField()
    weight_grams = models.PositiveIntegerField(default=0)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.tracking_number or "Shipment %s" % self.pk

    @property
    def tracking_url(self):
        return self.carrier.url_for(self.tracking_number)

    def hand_over(self, tracking_number):
        self.tracking_number = tracking_number
        self.status = self.IN_TRANSIT
        self.shipped_at = timezone.now()
        self.save()
        self.tracking.create(code="handed_over", description="Handed to %s" % self.carrier)

    def record(self, code, description="", location="", happened_at=None):
        """A tracking event from the carrier. Delivery closes the order as well."""
        event = self.tracking.create(
            code=code,
            description=description,
            location=location,
            happened_at=happened_at or timezone.now(),
        )
        if code == "delivered" and self.status != self.DELIVERED:
            self.status = self.DELIVERED
            self.delivered_at = event.happened_at
            self.save()
            others = self.order.shipments.exclude(status=self.DELIVERED)
            if not others.exists() and self.order.status == Order.SHIPPED:
                self.order.change_status(Order.DELIVERED, "all parcels delivered", by="carrier")
        elif code == "lost":
            self.status = self.LOST
            self.save()
            Ticket.open_for(
                self.order.customer,
                "Parcel %s was lost" % self.tracking_number,
                order=self.order,
                priority=Ticket.HIGH,
            )
        return event


class TrackingEvent(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="tracking")
    code = models.CharField(max_length=20)
    description = models.CharField(max_length=200, blank=True)
    location = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["happened_at", "pk"]

    def __str__(self):
        return "%s %s" % (self.happened_at, self.code)


# ---------------------------------------------------------------------------------------------
# Returns. The tables have the names they had in the old PHP back office.
# ---------------------------------------------------------------------------------------------


class ReturnRequest(TimeStamped):
    REQUESTED = "requested"
    APPROVED = "approved"
    RECEIVED = "received"
    REFUNDED = "refunded"
    REJECTED = "rejected"
    STATES = [
        (REQUESTED, "Requested"),
        (APPROVED, "Approved"),
        (RECEIVED, "Received"),
        (REFUNDED, "Refunded"),
        (REJECTED, "Rejected"),
    ]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    number = models.CharField(max_length=16, unique=True)
    status = models.CharField(max_length=10, choices=STATES, default=REQUESTED)
    reason = models.CharField(max_length=200)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "rma"
        ordering = ["-created_at"]

    def __str__(self):
        return self.number

    def amount(self):
        """What the goods were worth after the order's discount."""
        order = self.order
        share = Decimal(1)
        if order.subtotal:
            share = (order.subtotal - order.discount) / order.subtotal
        total = ZERO
        for line in self.lines.select_related("order_line"):
            total += line.quantity * line.order_line.unit_price * share
        return total.quantize(CENT, ROUND_HALF_UP)

    def approve(self, by=""):
        if self.status != self.REQUESTED:
            raise WrongState("%s was decided already" % self.number)
        self.status = self.APPROVED
        self.save()
        self.order.add_event("return", "return %s approved" % self.number, by=by)

    def reject(self, why, by=""):
        if self.status != self.REQUESTED:
            raise WrongState("%s was decided already" % self.number)
        self.status = self.REJECTED
        self.save()
        self.order.add_event("return", "return %s rejected: %s" % (self.number, why), by=by)


class ReturnLine(models.Model):
    GOOD = "good"
    DAMAGED = "damaged"
    CONDITIONS = [(GOOD, "As new"), (DAMAGED, "Damaged")]

    return_request = models.ForeignKey(
        ReturnRequest, on_delete=models.CASCADE, related_name="lines", db_column="rma_id"
    )
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    condition = models.CharField(max_length=10, choices=CONDITIONS, blank=True)

    class Meta:
        db_table = "rma_line"

    def __str__(self):
        return "%d x %s" % (self.quantity, self.order_line.sku)

    def clean(self):
        if self.quantity > self.order_line.returnable:
            raise ValidationError("Only %d can be returned" % self.order_line.returnable)


# ---------------------------------------------------------------------------------------------
# Reviews
# ---------------------------------------------------------------------------------------------


class ReviewQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(status=Review.APPROVED)

    def waiting(self):
        return self.filter(status=Review.WAITING).order_by("created_at")


class Review(TimeStamped):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    STATES = [(WAITING, "Waiting"), (APPROVED, "Approved"), (REJECTED, "Rejected")]

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reviews")
    rating = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    title = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=STATES, default=WAITING)
    is_verified = models.BooleanField(default=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["product", "customer"], name="one_review_per_customer")
        ]

    def __str__(self):
        return "%d stars for %s" % (self.rating, self.product)

    @property
    def helpful(self):
        return self.votes.filter(is_helpful=True).count()

    def check_purchase(self):
        self.is_verified = OrderLine.objects.filter(
            order__customer_id=self.customer_id,
            variant__product_id=self.product_id,
            order__status__in=(Order.SHIPPED, Order.DELIVERED),
        ).exists()
        return self.is_verified

    def looks_like_spam(self):
        text = (self.title + " " + self.body).lower()
        return any(word in text for word in settings.REVIEW_BLOCKED_WORDS) or text.count("http") > 1

    def moderate(self, approve):
        self.status = self.APPROVED if approve else self.REJECTED
        self.save()
        self.product.recalculate_rating()

    def vote(self, customer, is_helpful=True):
        if customer.pk == self.customer_id:
            raise StoreError("You cannot vote for your own review")
        vote, _ = ReviewVote.objects.update_or_create(
            review=self, customer=customer, defaults={"is_helpful": is_helpful}
        )
        return vote


class ReviewVote(models.Model):
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    is_helpful = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        unique_together = [("review", "customer")]

    def __str__(self):
        return "%s: %s" % (self.review_id, "+" if self.is_helpful else "-")


# ---------------------------------------------------------------------------------------------
# Support
# ---------------------------------------------------------------------------------------------


class TicketQuerySet(models.QuerySet):
    def unanswered(self):
        return self.filter(status=Ticket.OPEN).order_by("-priority", "created_at")

    def stale(self, days):
        limit = timezone.now() - datetime.timedelta(days=days)
        return self.filter(status=Ticket.WAITING, updated_at__lt=limit)


class Ticket(TimeStamped):
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
    STATES = [(OPEN, "Open"), (WAITING, "Waiting for customer"), (CLOSED, "Closed")]

    LOW, NORMAL, HIGH = 1, 5, 9
    PRIORITIES = [(LOW, "Low"), (NORMAL, "Normal"), (HIGH, "High")]

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tickets")
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    number = models.CharField(max_length=16, unique=True)
    subject = models.CharField(max_length=160)
    status = models.CharField(max_length=10, choices=STATES, default=OPEN)
    priority = models.PositiveSmallIntegerField(choices=PRIORITIES, default=NORMAL)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    first_answer_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return "%s %s" % (self.number, self.subject)

    @classmethod
    def open_for(cls, customer, subject, body="", order=None, priority=None):
        ticket = cls.objects.create(
            customer=customer,
            order=order,
            number=utils.next_number("T"),
            subject=subject[:160],
            priority=priority or (cls.HIGH if customer.tier == TIER_WHOLESALE else cls.NORMAL),
        )
        if body:
            ticket.messages.create(body=body, author=str(customer))
        return ticket

    def answer(self, body, user, is_internal=False):
        message = self.messages.create(
            body=body, author=user.get_username(), is_staff=True, is_internal=is_internal
        )
        if not is_internal:
            self.status = self.WAITING
            self.first_answer_at = self.first_answer_at or timezone.now()
            self.assigned_to = self.assigned_to or user
            self.save()
            utils.send_mail_template(
                "ticket_answer", self.customer.email, {"ticket": self, "message": message}
            )
        return message

    def customer_reply(self, body):
        message = self.messages.create(body=body, author=str(self.customer))
        self.status = self.OPEN
        self.closed_at = None
        self.save()
        return message

    def close(self):
        self.status = self.CLOSED
        self.closed_at = timezone.now()
        self.save()


class TicketMessage(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=120)
    body = models.TextField()
    is_staff = models.BooleanField(default=False)
    is_internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self):
        return self.body[:60]
