-- The orders that wait for a person are counted whenever the figures are read; there are few of them among all.
CREATE INDEX shop_order_attention ON shop_order (state) WHERE state = 'needs_attention';
