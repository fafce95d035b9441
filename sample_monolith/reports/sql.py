"""The reports, in SQL. They run on the live database, at night if we are lucky."""
import datetime

from django.db import connection

SALES_BY_CATEGORY = """
    SELECT c.name AS category, w.code AS warehouse, COUNT(DISTINCT o.id) AS orders,
           SUM(l.quantity) AS pieces, SUM(l.quantity * l.unit_price) AS turnover,
           SUM(l.quantity * (l.unit_price - l.unit_cost)) AS margin
      FROM order_lines l
      JOIN orders o ON o.id = l.order_id
      JOIN store_variant v ON v.id = l.variant_id
      JOIN store_product p ON p.id = v.product_id
      JOIN store_category c ON c.id = p.category_id
      LEFT JOIN store_warehouse w ON w.id = l.warehouse_id
     WHERE o.status <> 'cancelled' AND o.placed_at >= %s AND o.placed_at < %s
     GROUP BY c.name, w.code
     ORDER BY turnover DESC
"""

BEST_CUSTOMERS = """
    SELECT cu.id, cu.email, cu.tier, COUNT(DISTINCT o.id) AS orders, SUM(o.total) AS spent,
           COALESCE((SELECT SUM(r.amount) FROM store_refund r
                       JOIN orders ro ON ro.id = r.order_id
                      WHERE ro.customer_id = cu.id AND r.status = 'done'), 0) AS refunded,
           (SELECT COUNT(*) FROM store_ticket t WHERE t.customer_id = cu.id) AS tickets,
           (SELECT COUNT(*) FROM store_review rv WHERE rv.customer_id = cu.id) AS reviews
      FROM customers cu
      JOIN orders o ON o.customer_id = cu.id
     WHERE o.status <> 'cancelled' AND o.placed_at >= %s AND o.placed_at < %s
     GROUP BY cu.id, cu.email, cu.tier
     ORDER BY spent DESC
     LIMIT 50
"""

STOCK_COVER = """
    SELECT v.sku, p.name, w.code AS warehouse, s.on_hand, s.reserved,
           COALESCE(SUM(l.quantity), 0) AS sold
      FROM store_stockitem s
      JOIN store_variant v ON v.id = s.variant_id
      JOIN store_product p ON p.id = v.product_id
      JOIN store_warehouse w ON w.id = s.warehouse_id
      LEFT JOIN order_lines l ON l.variant_id = v.id AND l.warehouse_id = w.id
      LEFT JOIN orders o ON o.id = l.order_id AND o.placed_at >= %s AND o.placed_at < %s
     GROUP BY v.sku, p.name, w.code, s.on_hand, s.reserved
     ORDER BY sold DESC, v.sku
"""

OPEN_ITEMS = """
    SELECT i.number, cu.email, i.due_on, i.total, o.number AS order_number, cu.credit_limit,
           cu.credit_used,
           COALESCE((SELECT SUM(pa.amount) FROM payments pa
                      WHERE pa.order_id = o.id AND pa.status = 'captured'), 0) AS paid
      FROM store_invoice i
      JOIN orders o ON o.id = i.order_id
      JOIN customers cu ON cu.id = o.customer_id
     WHERE i.status = 'open' AND i.issued_on >= %s AND i.issued_on < %s
     ORDER BY i.due_on
"""

CARRIERS = """
    SELECT ca.name AS carrier, COUNT(*) AS parcels,
           SUM(CASE WHEN sh.status = 'delivered' THEN 1 ELSE 0 END) AS delivered,
           SUM(CASE WHEN sh.status = 'lost' THEN 1 ELSE 0 END) AS lost,
           SUM(o.shipping_cost) AS charged
      FROM store_shipment sh
      JOIN store_carrier ca ON ca.id = sh.carrier_id
      JOIN orders o ON o.id = sh.order_id
     WHERE sh.created_at >= %s AND sh.created_at < %s
     GROUP BY ca.name
     ORDER BY parcels DESC
"""

PROMOTIONS = """
    SELECT pr.name AS promotion, COUNT(re.id) AS uses, SUM(re.amount) AS given,
           SUM(o.total) AS turnover, COUNT(DISTINCT re.customer_id) AS customers
      FROM store_couponredemption re
      JOIN store_coupon co ON co.id = re.coupon_id
      JOIN store_promotion pr ON pr.id = co.promotion_id
      JOIN orders o ON o.id = re.order_id
     WHERE re.created_at >= %s AND re.created_at < %s
       AND o.status <> 'cancelled'
     GROUP BY pr.name
     ORDER BY turnover DESC
"""

RETURNS = """
    SELECT p.name AS product, SUM(rl.quantity) AS returned,
           SUM(CASE WHEN rl.condition = 'damaged' THEN rl.quantity ELSE 0 END) AS damaged,
           COUNT(DISTINCT r.id) AS returns
      FROM rma_line rl
      JOIN rma r ON r.id = rl.rma_id
      JOIN order_lines l ON l.id = rl.order_line_id
      JOIN store_variant v ON v.id = l.variant_id
      JOIN store_product p ON p.id = v.product_id
     WHERE r.created_at >= %s AND r.created_at < %s
     GROUP BY p.name
     ORDER BY returned DESC
"""

REPORTS = {
    "sales-by-category": SALES_BY_CATEGORY,
    "best-customers": BEST_CUSTOMERS,
    "stock-cover": STOCK_COVER,
    "open-items": OPEN_ITEMS,
    "carriers": CARRIERS,
    "promotions": PROMOTIONS,
    "returns": RETURNS,
}


def run(name, start, end):
    """Returns the header and the rows of a report for days from start up to and with end."""
    until = end + datetime.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(REPORTS[name], [start.isoformat(), until.isoformat()])
        header = [column[0] for column in cursor.description]
        return header, cursor.fetchall()
