-- What the suppliers beside Digiflazz have written down: orders, the shop's deposit, and scripts for what comes next.
CREATE TABLE world_goods_order (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    -- Empty where the party takes no reference of the shop's.
    ref_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    account TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    price BIGINT NOT NULL,
    charged BIGINT NOT NULL,
    times_charged BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    last_deposit BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    next_state TEXT,
    due_at BIGINT
);
CREATE INDEX world_goods_order_ref ON world_goods_order (target, ref_id);
CREATE INDEX world_goods_order_at ON world_goods_order (target, created_at);
CREATE INDEX world_goods_order_due ON world_goods_order (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE world_goods_account (
    target TEXT NOT NULL PRIMARY KEY,
    deposit BIGINT NOT NULL
);

CREATE TABLE world_goods_script (
    seq BIGINT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    customer_no TEXT NOT NULL,
    outcome TEXT NOT NULL,
    then_after_ms BIGINT NOT NULL,
    price BIGINT,
    note TEXT
);
CREATE INDEX world_goods_script_customer ON world_goods_script (target, customer_no, seq);

INSERT INTO world_goods_account (target, deposit) VALUES ('vip-reseller', 100000000), ('apigames', 100000000);
