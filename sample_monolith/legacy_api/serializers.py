"""Dictionaries for JSON. The names are those of version 1 and must not change."""


def product_data(product, customer=None):
    return {
        "id": product.pk,
        "title": product.name,
        "slug": product.slug,
        "category": product.category.name,
        "brand": product.brand.name if product.brand else None,
        "rating": float(product.average_rating) if product.average_rating is not None else None,
        "variants": [variant_data(variant, customer) for variant in product.variants.all()],
    }


def variant_data(variant, customer=None):
    return {
        "sku": variant.sku,
        "title": variant.name,
        "price": str(variant.price_for(customer)),
        "list_price": str(variant.price),
        "stock": min(variant.available(), 100),
    }


def order_data(order):
    return {
        "number": order.number,
        "status": order.status,
        "placed": order.placed_at.isoformat(),
        "total": str(order.total),
        "tax": str(order.tax),
        "currency": order.currency,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "shipped": line.quantity_shipped,
                "price": str(line.unit_price),
            }
            for line in order.lines.all()
        ],
        "parcels": [shipment_data(shipment) for shipment in order.shipments.all()],
    }


def shipment_data(shipment):
    return {
        "carrier": shipment.carrier.name,
        "tracking_number": shipment.tracking_number,
        "status": shipment.status,
        "events": [
            {"code": event.code, "at": event.happened_at.isoformat()} for event in shipment.tracking.all()
        ],
    }


def invoice_data(invoice):
    return {
        "number": invoice.number,
        "order": invoice.order.number,
        "status": invoice.status,
        "total": str(invoice.total),
        "issued": invoice.issued_on.isoformat(),
        "due": invoice.due_on.isoformat(),
    }


def customer_data(customer):
    return {
        "email": customer.email,
        "name": customer.full_name,
        "tier": customer.tier,
        "credit_limit": str(customer.credit_limit),
        "credit_available": str(customer.available_credit),
        "points": customer.loyalty_points,
    }
