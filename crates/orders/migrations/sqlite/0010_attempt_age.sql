-- No purchase is sent again 85 days (7344000000 ms) after it was first sent: the supplier may have forgotten its
-- reference by then and would buy again. The database refuses to record such a send, and so it is not made. What
-- becomes known of an old attempt is recorded all the same.
CREATE TRIGGER fulfilment_attempt_late_send BEFORE UPDATE OF first_sent_at, last_asked_at ON fulfilment_attempt
WHEN NEW.last_asked_at IS NOT OLD.last_asked_at
    AND (NEW.first_sent_at IS NULL OR NEW.last_asked_at - COALESCE(OLD.first_sent_at, NEW.first_sent_at) >= 7344000000)
BEGIN SELECT RAISE(ABORT, 'a fulfilment attempt is not sent 85 days after its first send'); END;
CREATE TRIGGER fulfilment_attempt_late_row BEFORE INSERT ON fulfilment_attempt
WHEN NEW.last_asked_at IS NOT NULL
    AND (NEW.first_sent_at IS NULL OR NEW.last_asked_at - NEW.first_sent_at >= 7344000000)
BEGIN SELECT RAISE(ABORT, 'a fulfilment attempt is not sent 85 days after its first send'); END;
-- The first send stays the first one, unless it was the only one and certainly never left.
CREATE TRIGGER fulfilment_attempt_first_send BEFORE UPDATE OF first_sent_at ON fulfilment_attempt
WHEN OLD.first_sent_at IS NOT NULL AND NEW.first_sent_at IS NOT OLD.first_sent_at
    AND NOT (NEW.first_sent_at IS NULL AND OLD.state = 'sent' AND OLD.last_asked_at IS OLD.first_sent_at)
BEGIN SELECT RAISE(ABORT, 'the first send of a fulfilment attempt is not changed'); END;
