-- Staff look for orders of one state, or for one product, newest first, page by page.
CREATE INDEX shop_order_state_id ON shop_order (state, id);
CREATE INDEX shop_order_product_id ON shop_order (product_code, id);
