-- Names of accounts that are bought ("Cek Username"): one row for each such purchase, written before it is sent.
CREATE TABLE name_check (
    reference TEXT NOT NULL PRIMARY KEY,
    supplier TEXT NOT NULL,
    sku TEXT NOT NULL,
    -- Whose name: a hash under the supplier's key, by which nobody else finds the account.
    account TEXT NOT NULL,
    -- In WIB. Within it the same account is asked about under the same reference, until that is over.
    day TEXT NOT NULL,
    max_price BIGINT NOT NULL CHECK (max_price > 0),
    -- What nobody has told is `asked` or `unknown`; it may have been bought.
    state TEXT NOT NULL CHECK (state IN ('asked', 'unknown', 'not_sent', 'bought', 'refused', 'taken_back')),
    price BIGINT,
    -- The supplier's last code.
    code TEXT,
    -- How often it was sent, and when first.
    asked BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- The account is not asked about again before this.
    quiet_until BIGINT NOT NULL,
    -- Whether the next question about the account is another purchase.
    is_over BIGINT NOT NULL DEFAULT 0 CHECK (is_over IN (0, 1)),
    decided_at BIGINT,
    taken_back_at BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX name_check_account ON name_check (account, quiet_until);
CREATE INDEX name_check_day ON name_check (supplier, day);
CREATE INDEX name_check_asked ON name_check (supplier, asked_at);
