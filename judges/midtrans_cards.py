"""Midtrans' own Python library judges our simulator by what Loket does not use: cards and subscriptions.

Nothing of it is told by a notification; everything is asked for. Usage:

    python midtrans_cards.py --loket path/to/loket
"""

import sys
import uuid

from midtransclient import CoreApi, MidtransAPIError

from harness import expect, expect_match
from midtrans_core import LOCAL_TIME, SERVER_KEY, refusal, run_midtrans_judge, signature
from midtrans_snap_ovo import SnapMerchant

LIBRARY = "midtransclient"
TOKEN = "48111111sHfSakAvHvFQFEjTivUV1114"
CHALLENGED = "48111111-challenge-1114"
DAY_S = 86_400
UPDATED = "Subscription is updated."


class CardMerchant(SnapMerchant):
    """A shop that charges cards."""

    def card(self, token=TOKEN, **more):
        """The order id of a new payment by card, and the answer; `type="authorize"` only reserves the money."""
        extra = {"payment_type": "credit_card", "credit_card": {"token_id": token, **more}}
        return self.charge(client=self.core, **extra)

    def authorized(self, **more):
        """The order id and the transaction id of a payment that waits to be captured."""
        order_id, answer = self.card(type="authorize", **more)
        return order_id, answer["transaction_id"]

    def state(self, order_id):
        """What a status says: the state, what the fraud detection says, and the amount."""
        told = self.core.transactions.status(order_id)
        return told["transaction_status"], told["fraud_status"], told["gross_amount"]

    def days_pass(self, days):
        """Moves the simulator's time on."""
        self.simulator.call("POST", "/sandbox/clock", {"advance_seconds": days * DAY_S})


def judge_charge(merchant, verdicts):
    """A card is charged at once, and what is refused."""

    def captured():
        order_id, answer = merchant.card()
        expect(answer["status_code"], "200", "status_code")
        expect(answer["order_id"], order_id, "order_id")
        expect(answer["payment_type"], "credit_card", "payment_type")
        expect(answer["transaction_status"], "capture", "transaction_status")
        expect(answer["masked_card"], "48111111-1114", "masked_card")
        expect(answer["gross_amount"], "25000.00", "gross_amount")
        expect_match(answer["transaction_time"], LOCAL_TIME, "transaction_time")
        told = merchant.core.transactions.status(order_id)
        expect(told["transaction_id"], answer["transaction_id"], "transaction_id of the status")
        expect(told["signature_key"], signature(told), "signature_key")
        of_all = merchant.core.transactions.statusb2b(answer["transaction_id"])["transactions"]
        expect([one["order_id"] for one in of_all], [order_id], "transactions of the order")

    def once():
        order_id, _ = merchant.card()
        extra = {"payment_type": "credit_card", "credit_card": {"token_id": TOKEN}}
        expect(refusal(lambda: merchant.charge(order_id=order_id, **extra)), "406", "by card again")
        expect(refusal(lambda: merchant.charge(order_id=order_id)), "406", "by a wallet")
        wallet, _ = merchant.charge()
        expect(refusal(lambda: merchant.charge(order_id=wallet, **extra)), "406", "a wallet's, by card")
        page = merchant.page_for(order_id)
        refused = http_refusal(merchant.snap.create_transaction, page, said="error_messages")
        taken = ["transaction_details.order_id has already been taken"]
        expect(refused, (400, taken), "a page for what a card has paid")

    def incomplete():
        for card, code in (({}, "400"), ({"token_id": 4811}, "408"), ({"token_id": "4811"}, "411")):
            extra = {"payment_type": "credit_card", "credit_card": card}
            expect(refusal(lambda: merchant.charge(**extra)), code, f"status_code of {card}")
        expect(refusal(lambda: merchant.card(type="later")), "400", "status_code of another type")

    def not_in_the_books():
        order_id, _ = merchant.card()
        books = merchant.simulator.call("GET", "/sandbox/transactions").json()["midtrans"]
        expect([one for one in books["transactions"] if one["order_id"] == order_id], [], "the shop's own books")
        expect([one for one in books["webhooks"] if one["reference"] == order_id], [], "notifications")

    verdicts.check("card: it is charged at once, and the status says the same", captured)
    verdicts.check("card: an order id is charged once, whatever by", once)
    verdicts.check("card: without a token, or with what is none, it is refused", incomplete)
    verdicts.check("card: it stands in no books of the shop's, and is not told", not_in_the_books)


def judge_capture(merchant, verdicts):
    """What was authorised is captured once, in whole or in part, and in time."""
    core = merchant.core

    def capture(transaction_id, **more):
        return core.capture({"transaction_id": transaction_id, **more})

    def whole():
        order_id, transaction_id = merchant.authorized()
        expect(merchant.state(order_id), ("authorize", "accept", "25000.00"), "state before")
        answer = capture(transaction_id)
        expect(answer["status_code"], "200", "status_code")
        expect(answer["order_id"], order_id, "order_id")
        expect(answer["transaction_status"], "capture", "transaction_status")
        expect(merchant.state(transaction_id), ("capture", "accept", "25000.00"), "state after")
        expect(refusal(capture, transaction_id), "412", "status_code of capturing it again")

    def part():
        order_id, transaction_id = merchant.authorized()
        expect(refusal(lambda: capture(transaction_id, gross_amount=25_001)), "400", "more than was authorised")
        expect(refusal(lambda: capture(transaction_id, gross_amount=0)), "400", "nothing")
        expect(refusal(lambda: capture(transaction_id, gross_amount="9000")), "408", "a text")
        expect(merchant.state(order_id), ("authorize", "accept", "25000.00"), "state after the refusals")
        expect(capture(transaction_id, gross_amount=9_000)["gross_amount"], "9000.00", "gross_amount")
        expect(merchant.state(order_id), ("capture", "accept", "9000.00"), "state after")

    def others():
        wallet, answer = merchant.charge()
        expect(refusal(capture, answer["transaction_id"]), "404", "status_code of a wallet's")
        expect(refusal(capture, str(uuid.uuid4())), "404", "status_code of nobody's")
        expect(refusal(core.capture, {}), "400", "status_code of none")
        expect(core.transactions.status(wallet)["transaction_status"], "pending", "the wallet's transaction_status")
        _, transaction_id = merchant.authorized()
        outcome = refusal(merchant.stranger.capture, {"transaction_id": transaction_id})
        expect(outcome, "401", "status_code of somebody else")

    def too_late():
        order_id, transaction_id = merchant.authorized()
        merchant.days_pass(9)
        expect(merchant.state(order_id)[0], "cancel", "transaction_status")
        expect(refusal(capture, transaction_id), "412", "status_code")

    verdicts.check("capture: what was authorised is captured, once", whole)
    verdicts.check("capture: a part of it is, and no more than all", part)
    verdicts.check("capture: what was not authorised is not captured", others)
    verdicts.check("capture: what nobody captures is called off in the end", too_late)


def judge_cancel(merchant, verdicts):
    """Called off before it is settled."""
    transactions = merchant.core.transactions

    def called_off():
        for order_id in (merchant.authorized()[0], merchant.card()[0]):
            answer = transactions.cancel(order_id)
            expect(answer["status_code"], "200", "status_code")
            expect(answer["transaction_status"], "cancel", "transaction_status")
            expect(merchant.state(order_id)[0], "cancel", "transaction_status of the status")
            expect(refusal(transactions.cancel, order_id), "412", "status_code of doing it again")

    def lost():
        order_id, transaction_id = merchant.authorized()
        transactions.cancel(transaction_id)
        expect(refusal(merchant.core.capture, {"transaction_id": transaction_id}), "412", "status_code")
        expect(merchant.state(order_id)[0], "cancel", "transaction_status")

    def not_expired():
        order_id, _ = merchant.authorized()
        expect(refusal(transactions.expire, order_id), "412", "status_code")
        expect(merchant.state(order_id)[0], "authorize", "transaction_status")

    verdicts.check("cancel: what is authorised or captured is called off, once", called_off)
    verdicts.check("cancel: what was called off is not captured (412)", lost)
    verdicts.check("cancel: a card does not expire on demand (412)", not_expired)


def judge_review(merchant, verdicts):
    """A challenged card is looked at: approved or denied, once."""
    transactions = merchant.core.transactions

    def challenged(**more):
        order_id, answer = merchant.card(token=CHALLENGED, **more)
        expect(answer["fraud_status"], "challenge", "fraud_status of the charge")
        expect(answer["status_code"], "201", "status_code of the charge")
        return order_id

    def approved():
        order_id = challenged()
        answer = transactions.approve(order_id)
        expect(answer["status_code"], "200", "status_code")
        expect(answer["fraud_status"], "accept", "fraud_status")
        expect(merchant.state(order_id), ("capture", "accept", "25000.00"), "state after")
        for call in (transactions.approve, transactions.deny):
            expect(refusal(call, order_id), "412", "status_code of looking again")

    def approved_to_be_captured():
        order_id = challenged(type="authorize")
        transaction_id = transactions.status(order_id)["transaction_id"]
        capture = {"transaction_id": transaction_id}
        expect(refusal(merchant.core.capture, capture), "412", "status_code of capturing it before")
        transactions.approve(transaction_id)
        expect(merchant.core.capture(capture)["transaction_status"], "capture", "transaction_status")

    def forgotten():
        authorised, captured = challenged(type="authorize"), challenged()
        merchant.days_pass(9)
        expect(merchant.state(authorised)[0], "cancel", "transaction_status of one that was authorised")
        expect(merchant.state(captured)[:2], ("capture", "challenge"), "state of one that was captured")

    def denied():
        order_id = challenged()
        answer = transactions.deny(order_id)
        expect(answer["status_code"], "200", "status_code")
        expect(answer["transaction_status"], "deny", "transaction_status")
        expect(merchant.state(order_id)[:2], ("deny", "deny"), "state after")
        for call in (transactions.approve, transactions.deny, transactions.cancel):
            expect(refusal(call, order_id), "412", "status_code of what comes too late")

    def unsuspicious():
        order_id, _ = merchant.card()
        for call in (transactions.approve, transactions.deny):
            expect(refusal(call, order_id), "412", "status_code")
            expect(refusal(call, "JUDGE-NOBODY-P1"), "404", "status_code of nobody's")
        expect(merchant.state(order_id)[:2], ("capture", "accept"), "state after")

    verdicts.check("review: a challenged card is approved, once", approved)
    verdicts.check("review: one that is authorised is captured when it is approved", approved_to_be_captured)
    verdicts.check("review: one that nobody looks at waits, if it was captured", forgotten)
    verdicts.check("review: a challenged card is denied, for good", denied)
    verdicts.check("review: one that nobody challenges is neither (412)", unsuspicious)


def judge_refund(merchant, verdicts):
    """Given back once it is settled, and no more than was captured."""
    transactions = merchant.core.transactions

    def refund(call, order_id, key, amount):
        return call(order_id, {"refund_key": f"{order_id}-{key}", "amount": amount, "reason": "habis"})

    def parts():
        order_id, transaction_id = merchant.authorized()
        expect(refusal(refund, transactions.refund, order_id, "R0", 1_000), "412", "what is only authorised")
        merchant.core.capture({"transaction_id": transaction_id, "gross_amount": 20_000})
        expect(refusal(refund, transactions.refund, order_id, "R0", 1_000), "412", "what is not settled")
        merchant.days_pass(1)
        expect(merchant.state(order_id), ("settlement", "accept", "20000.00"), "state the next day")
        expect(refusal(transactions.cancel, order_id), "412", "status_code of calling it off")
        answer = refund(transactions.refund, order_id, "R1", 8_000)
        expect(answer["status_code"], "200", "status_code")
        expect(answer["transaction_status"], "partial_refund", "transaction_status")
        expect(answer["refund_amount"], "8000.00", "refund_amount")
        again = refund(transactions.refund, order_id, "R1", 8_000)
        expect(again["refund_chargeback_id"], answer["refund_chargeback_id"], "the same key again")
        expect(refusal(refund, transactions.refund, order_id, "R1", 9_000), "406", "the same key, another amount")
        expect(refusal(refund, transactions.refund, order_id, "R2", 12_001), "414", "more than is left")
        answer = refund(transactions.refundDirect, order_id, "R3", 12_000)
        expect(answer["transaction_status"], "refund", "transaction_status of the rest")
        told = transactions.status(order_id)
        expect(told["refund_amount"], "20000.00", "refund_amount of the status")
        expect([one["refund_amount"] for one in told["refunds"]], ["8000.00", "12000.00"], "refunds")
        expect(refusal(refund, transactions.refund, order_id, "R4", 1), "412", "when all is given back")

    verdicts.check("refund: a settled card is given back in parts, and no more than was captured", parts)


def http_refusal(call, *arguments, said="status_message"):
    """HTTP status and message of the error that a call about subscriptions or pages must end with."""
    try:
        answer = call(*arguments)
    except MidtransAPIError as error:
        return error.http_status_code, error.api_response_dict[said]
    raise AssertionError(f"it was not refused: {answer}")


def subscription(**more):
    """The request for a subscription."""
    return {
        "name": f"JUDGE-{uuid.uuid4().hex[:8]}",
        "amount": "14000",
        "currency": "IDR",
        "payment_type": "credit_card",
        "token": TOKEN,
        "schedule": {"interval": 1, "interval_unit": "month", "max_interval": 12},
        "metadata": {"description": "86 Diamond"},
        "customer_details": {"first_name": "Budi", "phone": "+62812345678"},
        **more,
    }


def judge_subscription(merchant, verdicts):
    """Made, asked about, changed, and switched off and on."""
    core = merchant.core
    unknown = (404, "Subscription doesn't exist.")
    invalid = (400, "One or more parameters in the payload is invalid.")

    def made():
        request = subscription()
        answer = core.create_subscription(request)
        expect(str(uuid.UUID(answer["id"])), answer["id"], "id")
        for field in ("name", "amount", "currency", "payment_type", "token", "metadata", "customer_details"):
            expect(answer[field], request[field], field)
        expect(answer["status"], "active", "status")
        expect_match(answer["created_at"], LOCAL_TIME, "created_at")
        schedule = answer["schedule"]
        for field in ("interval", "interval_unit", "max_interval"):
            expect(schedule[field], request["schedule"][field], field)
        expect(schedule["previous_execution_at"], schedule["start_time"], "previous_execution_at")
        expect(schedule["next_execution_at"] > schedule["start_time"], True, "the next time is later")
        expect(core.get_subscription(answer["id"]), answer, "what is asked for again")

    def later():
        start = {"interval": 2, "interval_unit": "week", "start_time": "2099-01-31 10:00:00 +0700"}
        schedule = core.create_subscription(subscription(schedule=start))["schedule"]
        expect(schedule["previous_execution_at"], None, "previous_execution_at")
        expect(schedule["next_execution_at"], "2099-01-31 10:00:00", "next_execution_at")

    def wallet():
        request = subscription(payment_type="gopay", gopay={"account_id": str(uuid.uuid4())})
        answer = core.create_subscription(request)
        expect((answer["payment_type"], answer["gopay"]), ("gopay", request["gopay"]), "from which account")
        update = {**request, "gopay": {"account_id": str(uuid.uuid4())}}
        del update["schedule"]
        core.update_subscription(answer["id"], update)
        expect(core.get_subscription(answer["id"]), {**answer, "gopay": update["gopay"]}, "what changed")

    def switched():
        answer = core.create_subscription(subscription())
        for call, status in ((core.disable_subscription, "inactive"), (core.enable_subscription, "active")):
            expect(call(answer["id"])["status_message"], UPDATED, "status_message")
            expect(core.get_subscription(answer["id"]), {**answer, "status": status}, "what changed")

    def changed():
        answer = core.create_subscription(subscription())
        request = {"name": "LARGER", "amount": "28000", "currency": "IDR", "token": TOKEN[:-4] + "1117"}
        update = {**request, "schedule": {"interval": 3}}
        expect(core.update_subscription(answer["id"], update)["status_message"], UPDATED, "status_message")
        expected = {**answer, **request, "schedule": {**answer["schedule"], "interval": 3}}
        expect(core.get_subscription(answer["id"]), expected, "what changed")
        for gopay in ({}, {"account_id": None}, {"account_id": ""}):
            wrong = {**request, "gopay": gopay}
            expect(http_refusal(core.update_subscription, answer["id"], wrong), invalid, f"with {gopay}")
        wrong = {**request, "schedule": {"interval_unit": "day"}}
        expect(http_refusal(core.update_subscription, answer["id"], wrong), invalid, "another unit")
        expect(http_refusal(core.update_subscription, answer["id"], {"amount": "1"}), invalid, "an amount alone")
        expect(core.get_subscription(answer["id"]), expected, "what the refusals changed")

    def repeated():
        key = {"Idempotency-Key": uuid.uuid4().hex}
        client = CoreApi(server_key=SERVER_KEY, custom_headers=key)
        first = client.create_subscription(subscription())
        expect(client.create_subscription(subscription())["id"], first["id"], "id of the same key again")
        expect(core.create_subscription(subscription())["id"] == first["id"], False, "without the key it is the same")
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 181})
        expect(client.create_subscription(subscription())["id"] == first["id"], False, "after three minutes it is")

    def incomplete():
        for field in ("name", "amount", "currency", "payment_type", "token", "schedule"):
            request = subscription()
            del request[field]
            expect(http_refusal(core.create_subscription, request), invalid, f"without {field}")
        for wrong in (
            {"name": "two words"},
            {"amount": "140.50"},
            {"amount": 14000},
            {"currency": "USD"},
            {"payment_type": "qris"},
            {"payment_type": "gopay"},
            {"payment_type": "gopay", "gopay": {}},
            {"payment_type": "gopay", "gopay": {"account_id": ""}},
            {"schedule": {"interval": 1, "interval_unit": "hour"}},
            {"schedule": {"interval": 0, "interval_unit": "day"}},
            {"schedule": {"interval": 1, "interval_unit": "day", "start_time": "2020-07-22 07:25:01 +0700"}},
        ):
            expect(http_refusal(core.create_subscription, subscription(**wrong)), invalid, f"with {wrong}")

    def nobodys():
        nobody = str(uuid.uuid4())
        for call in (core.get_subscription, core.disable_subscription, core.enable_subscription):
            expect(http_refusal(call, nobody), unknown, "refusal")
        expect(http_refusal(core.update_subscription, nobody, subscription()), unknown, "refusal of a change")

    def stranger():
        expect(refusal(merchant.stranger.create_subscription, subscription()), "401", "status_code")

    verdicts.check("subscription: it is made, and the same when asked for", made)
    verdicts.check("subscription: one that begins later has not been charged", later)
    verdicts.check("subscription: one from a wallet names its account", wallet)
    verdicts.check("subscription: it is switched off and on again", switched)
    verdicts.check("subscription: it is changed, in what can be changed", changed)
    verdicts.check("subscription: the same idempotency key is the same subscription, for three minutes", repeated)
    verdicts.check("subscription: what is missing or wrong is refused with 400", incomplete)
    verdicts.check("subscription: one that is nobody's is answered with 404", nobodys)
    verdicts.check("subscription: a wrong server key is refused with 401", stranger)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = CardMerchant(simulator, listener)
    judge_charge(merchant, verdicts)
    judge_capture(merchant, verdicts)
    judge_cancel(merchant, verdicts)
    judge_review(merchant, verdicts)
    judge_refund(merchant, verdicts)
    judge_subscription(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_midtrans_judge(__doc__, LIBRARY, "midtrans_cards", judge)


if __name__ == "__main__":
    sys.exit(main())
