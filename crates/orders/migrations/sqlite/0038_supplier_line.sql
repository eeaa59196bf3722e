-- The lines that an order stands in while it waits for a deposit: one for each supplier that could deliver it.
-- `shop_order.waits_for` is the first of them.

CREATE TABLE supplier_line (
    order_id TEXT NOT NULL REFERENCES shop_order (id),
    supplier TEXT NOT NULL,
    PRIMARY KEY (order_id, supplier)
);

CREATE INDEX supplier_line_of ON supplier_line (supplier, order_id);

INSERT INTO supplier_line (order_id, supplier)
SELECT id, waits_for FROM shop_order WHERE waits_for IS NOT NULL;
