from django.contrib import admin, messages
from django.db.models import Sum

from store import services
from store.models import (
    Address,
    Brand,
    Carrier,
    Category,
    Coupon,
    CreditEntry,
    Customer,
    Invoice,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    PriceListEntry,
    Product,
    Promotion,
    PurchaseOrder,
    PurchaseOrderLine,
    Refund,
    ReturnRequest,
    Review,
    Shipment,
    ShippingRate,
    StockItem,
    StoreError,
    Supplier,
    Ticket,
    TicketMessage,
    Variant,
    Warehouse,
)


class AddressInline(admin.TabularInline):
    model = Address
    extra = 0


class CreditEntryInline(admin.TabularInline):
    model = CreditEntry
    extra = 0
    can_delete = False
    readonly_fields = ["order", "payment", "kind", "amount", "balance_after", "note", "created_at"]


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["email", "last_name", "tier", "credit_limit", "credit_used", "is_blocked"]
    list_filter = ["tier", "is_blocked"]
    search_fields = ["email", "last_name", "company"]
    readonly_fields = ["credit_used", "lifetime_value", "last_order_at"]
    inlines = [AddressInline, CreditEntryInline]
    actions = ["raise_credit"]

    @admin.action(description="Raise the credit limit by 10 %%")
    def raise_credit(self, request, queryset):
        for customer in queryset:
            services.set_credit_limit(
                customer, customer.credit_limit * 11 / 10, by=request.user.get_username()
            )


admin.site.register(Category, list_display=["name", "parent", "position", "is_visible"])
admin.site.register(Brand)


class VariantInline(admin.TabularInline):
    model = Variant
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "category", "brand", "status", "stock", "average_rating"]
    list_filter = ["status", "category", "brand"]
    search_fields = ["name", "variants__sku"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [VariantInline]
    actions = ["publish", "withdraw"]

    @admin.display(description="in stock")
    def stock(self, product):
        return product.total_stock()

    @admin.action(description="Publish")
    def publish(self, request, queryset):
        for product in queryset:
            try:
                product.publish()
            except StoreError as error:
                messages.error(request, str(error))

    @admin.action(description="Withdraw from sale")
    def withdraw(self, request, queryset):
        for product in queryset:
            product.withdraw()


class PriceListInline(admin.TabularInline):
    model = PriceListEntry
    extra = 1


@admin.register(Variant)
class VariantAdmin(admin.ModelAdmin):
    list_display = ["sku", "product", "price", "cost_price", "margin"]
    search_fields = ["sku", "product__name"]
    inlines = [PriceListInline]


@admin.register(StockItem)
class StockItemAdmin(admin.ModelAdmin):
    list_display = ["variant", "warehouse", "on_hand", "reserved", "reorder_level"]
    list_filter = ["warehouse"]
    search_fields = ["variant__sku"]
    readonly_fields = ["reserved"]

    def save_model(self, request, obj, form, change):
        if change and "on_hand" in form.changed_data:
            obj.count(form.cleaned_data["on_hand"], by=request.user.get_username())
        else:
            super().save_model(request, obj, form, change)


admin.site.register(Warehouse)
admin.site.register(Supplier)


class PurchaseOrderLineInline(admin.TabularInline):
    model = PurchaseOrderLine
    extra = 1


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(admin.ModelAdmin):
    list_display = ["number", "supplier", "warehouse", "status", "expected_on"]
    inlines = [PurchaseOrderLineInline]


class CouponInline(admin.TabularInline):
    model = Coupon
    extra = 1


@admin.register(Promotion)
class PromotionAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "value", "is_active", "spent", "budget"]
    filter_horizontal = ["categories"]
    inlines = [CouponInline]


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    extra = 0
    can_delete = False


class OrderEventInline(admin.TabularInline):
    model = OrderEvent
    extra = 0
    can_delete = False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "status", "total", "paid", "placed_at"]
    list_filter = ["status", "payment_method", "source"]
    search_fields = ["number", "customer__email"]
    inlines = [OrderLineInline, OrderEventInline]
    actions = ["cancel", "ship"]

    @admin.display(description="paid")
    def paid(self, order):
        return order.payments.filter(status=Payment.CAPTURED).aggregate(s=Sum("amount"))["s"]

    @admin.action(description="Cancel")
    def cancel(self, request, queryset):
        for order in queryset:
            try:
                services.cancel_order(order, "admin", by=request.user.get_username())
            except StoreError as error:
                messages.error(request, str(error))

    @admin.action(description="Ship")
    def ship(self, request, queryset):
        for order in queryset:
            try:
                services.ship_order(order, by=request.user.get_username())
            except StoreError as error:
                messages.error(request, str(error))


class RefundInline(admin.TabularInline):
    model = Refund
    extra = 0


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["order", "customer", "method", "amount", "status", "gateway_reference"]
    search_fields = ["order__number", "gateway_reference"]
    inlines = [RefundInline]


admin.site.register(Invoice, list_display=["number", "order", "status", "total", "due_on"])


class RateInline(admin.TabularInline):
    model = ShippingRate
    extra = 1


@admin.register(Carrier)
class CarrierAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "is_active"]
    inlines = [RateInline]


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):
    list_display = ["tracking_number", "order", "carrier", "status", "shipped_at"]
    search_fields = ["tracking_number", "order__number"]


admin.site.register(ReturnRequest, list_display=["number", "order", "status"])


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ["product", "customer", "rating", "status", "is_verified"]
    list_filter = ["status", "rating"]
    actions = ["approve"]

    @admin.action(description="Approve")
    def approve(self, request, queryset):
        for review in queryset:
            review.moderate(approve=True)


class TicketMessageInline(admin.StackedInline):
    model = TicketMessage
    extra = 0


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "subject", "status", "priority", "assigned_to"]
    list_filter = ["status", "priority"]
    inlines = [TicketMessageInline]
