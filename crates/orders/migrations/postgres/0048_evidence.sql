-- What was told of one payment or purchase is looked up by its reference.
CREATE INDEX webhook_inbox_reference ON webhook_inbox (reference) WHERE reference IS NOT NULL;
