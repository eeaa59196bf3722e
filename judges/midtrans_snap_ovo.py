"""Midtrans' own Python library judges our simulator of OVO, by Core and by Snap.

The library makes the charge or the page, asks, calls off and gives back; the buyer's part on the Snap page
is what a browser would send. Usage:

    python midtrans_snap_ovo.py --loket path/to/loket
"""

import sys
import uuid
from datetime import datetime

import requests
from midtransclient import MidtransAPIError, Snap
from midtransclient.config import ApiConfig

from harness import CALL_LIMIT_S, expect, expect_match, expect_one_of
from midtrans_core import LOCAL_TIME, SERVER_KEY, Merchant, expired, refusal, run_midtrans_judge

LIBRARY = "midtransclient"
PHONE = "081234567890"
NOBODY = "081234567404"


def new_order_id():
    """An order id that was never used."""
    return f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"


class SnapMerchant(Merchant):
    """A shop that uses Midtrans' library for OVO and for Snap, against the simulator."""

    def __init__(self, simulator, listener):
        super().__init__(simulator, listener)
        ApiConfig.SNAP_SANDBOX_BASE_URL = ApiConfig.SNAP_PRODUCTION_BASE_URL = self.base + "/snap/v1"
        self.snap = Snap(server_key=SERVER_KEY, custom_headers={"X-Override-Notification": listener.url})
        self.snap_stranger = Snap(server_key="SB-Mid-server-somebody-else")

    def push(self, order_id, phone=PHONE, amount=25_000, **extra):
        """Charges with OVO; returns the answer."""
        ovo = {"payer_phone_number": phone}
        return self.charge(amount, order_id, payment_type="ovo", ovo=ovo, **extra)[1]

    @staticmethod
    def page_for(order_id, *methods):
        """The request for a Snap page; without methods, whatever the account has."""
        request = {"transaction_details": {"order_id": order_id, "gross_amount": 25_000}}
        return {**request, "enabled_payments": list(methods)} if methods else request


def on_page(page_url, action, **form):
    """What the buyer does on the Snap page, and where that leads."""
    answer = requests.post(f"{page_url}/{action}", data=form, timeout=CALL_LIMIT_S, allow_redirects=False)
    expect(answer.status_code, 303, "HTTP status")
    return answer.headers["location"]


def judge_charge(merchant, verdicts):
    """A push, its answer, and what OVO refuses; returns the order id of an open transaction."""
    order_id, answer = new_order_id(), {}

    def charge():
        answer.update(merchant.push(order_id))
        expect(answer.get("status_code"), "201", "status_code")
        expect(answer.get("status_message"), "Ovo transaction is created", "status_message")
        expect(answer.get("order_id"), order_id, "order_id")
        expect(answer.get("payment_type"), "ovo", "payment_type")
        expect(answer.get("transaction_status"), "pending", "transaction_status")

    def shape():
        expect(answer.get("gross_amount"), "25000.00", "gross_amount")
        expect(answer.get("currency"), "IDR", "currency")
        expect(answer.get("fraud_status"), "accept", "fraud_status")
        expect(answer.get("payer_phone_number"), PHONE, "payer_phone_number")
        expect(str(uuid.UUID(answer.get("transaction_id"))), answer.get("transaction_id"), "transaction_id")
        expect(isinstance(answer.get("merchant_id"), str), True, "merchant_id is text")
        expect("actions" in answer, False, "there is a link to follow")

    def window():
        times = [answer.get(name) for name in ("transaction_time", "expiry_time")]
        for time in times:
            expect_match(time, LOCAL_TIME, "time")
        start, end = (datetime.fromisoformat(time) for time in times)
        expect(60 <= (end - start).total_seconds() <= 70, True, f"{start} to {end} is 65 s, more or less")

    def nobody():
        other = new_order_id()
        expect(refusal(lambda: merchant.push(other, NOBODY)), "404", "status_code")
        expect(refusal(merchant.core.transactions.status, other), "404", "status_code of the status")

    def no_form():
        expect(refusal(lambda: merchant.push(new_order_id(), "12345")), "400", "status_code")

    verdicts.check("ovo: a push goes out", charge)
    verdicts.check("ovo: the answer has Midtrans' shape", shape)
    verdicts.check("ovo: it expires after 65 seconds", window)
    verdicts.check("ovo: a number that nobody has is refused with 404", nobody)
    verdicts.check("ovo: what is no number is refused with 400", no_form)
    verdicts.check(
        "ovo: the same order id again is refused with 406",
        lambda: expect(refusal(lambda: merchant.push(order_id)), "406", "status_code"),
    )
    verdicts.check("ovo: the notification is signed, and true when asked back", lambda: merchant.notified(
        order_id, "pending", "201", "ovo"
    ))
    return order_id


def judge_refund(merchant, verdicts, order_id):
    """The buyer accepts; the shop gives the money back, all of it."""
    transactions = merchant.core.transactions
    key = f"{order_id}-R1"

    def partly():
        parameters = {"refund_key": f"{order_id}-R0", "amount": 5_000, "reason": "habis"}
        expect_one_of(refusal(transactions.refund, order_id, parameters), {"412", "414"}, "status_code")
        expect(transactions.status(order_id).get("transaction_status"), "settlement", "transaction_status")

    def fully():
        answer = transactions.refund(order_id, {"refund_key": key, "amount": 25_000, "reason": "habis"})
        expect(answer.get("status_code"), "200", "status_code")
        expect(answer.get("transaction_status"), "refund", "transaction_status")
        expect(answer.get("refund_amount"), "25000.00", "refund_amount")
        expect(answer.get("refund_key"), key, "refund_key")
        expect(answer.get("payer_phone_number"), PHONE, "payer_phone_number")

    def once():
        transactions.refund(order_id, {"refund_key": key, "amount": 25_000})
        expect(refusal(transactions.refund, order_id, {"refund_key": f"{key}X"}), "412", "status_code")

    verdicts.check("ovo: the buyer accepts", lambda: merchant.act(order_id, "settle"))
    verdicts.check("ovo: the settlement is told", lambda: merchant.notified(order_id, "settlement", "200", "ovo"))
    verdicts.check("ovo: a part is not given back", partly)
    verdicts.check("ovo: all of it is given back", fully)
    verdicts.check("ovo: the same refund again is the same refund, another is refused", once)
    verdicts.check("ovo: the refund is told", lambda: merchant.notified(order_id, "refund", "200", "ovo"))


def judge_ends(merchant, verdicts):
    """Declined, cancelled, expired on demand and by the clock."""

    def deny():
        order_id = new_order_id()
        merchant.push(order_id)
        merchant.act(order_id, "deny")
        merchant.notified(order_id, "deny", "202", "ovo")

    def cancel():
        order_id = new_order_id()
        merchant.push(order_id)
        answer = merchant.core.transactions.cancel(order_id)
        expect(answer.get("transaction_status"), "cancel", "transaction_status")
        merchant.notified(order_id, "cancel", "202", "ovo")

    def expire():
        order_id = new_order_id()
        merchant.push(order_id)
        answer = merchant.core.transactions.expire(order_id)
        expect(answer.get("transaction_status"), "expire", "transaction_status")
        expired(merchant, order_id)

    def wait():
        order_id = new_order_id()
        merchant.push(order_id)
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 70})
        merchant.notified(order_id, "expire", "202", "ovo")
        expired(merchant, order_id)

    verdicts.check("ovo: the buyer declines", deny)
    verdicts.check("ovo: a push is cancelled", cancel)
    verdicts.check("ovo: a push expires on demand", expire)
    verdicts.check("ovo: a push expires by itself", wait)


def judge_page(merchant, verdicts):
    """A Snap page, what Core knows of it before and after, and the buyer on it."""
    order_id, made = new_order_id(), {}
    core = merchant.core.transactions

    def create():
        made.update(merchant.snap.create_transaction(merchant.page_for(order_id, "ovo")))
        expect(sorted(made), ["redirect_url", "token"], "fields")
        expect(made["redirect_url"].startswith(merchant.simulator.url), True, "redirect_url leads to the simulator")
        expect(made["redirect_url"].endswith(made["token"]), True, "redirect_url ends with the token")

    def shortcuts():
        expect(isinstance(merchant.snap.create_transaction_token(merchant.page_for(new_order_id())), str), True, "token")
        url = merchant.snap.create_transaction_redirect_url(merchant.page_for(new_order_id(), "ovo", "gopay"))
        page = requests.get(url, timeout=CALL_LIMIT_S)
        expect(page.status_code, 200, "HTTP status")
        for word in ("OVO", "GoPay"):
            expect(word in page.text, True, f"the page offers {word}")

    def unknown():
        expect(refusal(core.status, order_id), "404", "status_code")
        expect(refusal(core.cancel, order_id), "404", "status_code")

    def push():
        on_page(made["redirect_url"], "ovo", phone="+62 812-3456-7890")
        expect(core.status(order_id).get("transaction_status"), "pending", "transaction_status")
        merchant.notified(order_id, "pending", "201", "ovo")

    def again():
        on_page(made["redirect_url"], "deny")
        expect(core.status(order_id).get("transaction_status"), "deny", "transaction_status")
        on_page(made["redirect_url"], "ovo", phone=PHONE)
        on_page(made["redirect_url"], "pay")
        merchant.notified(order_id, "settlement", "200", "ovo")
        expect(merchant.snap.transactions.status(order_id).get("transaction_status"), "settlement", "status")

    def each_try():
        answer = core.statusb2b(order_id)
        told = [(t["payment_type"], t["transaction_status"]) for t in answer["transactions"]]
        expect(told, [("ovo", "settlement"), ("ovo", "deny")], "transactions, the newest first")

    verdicts.check("snap: a page is made", create)
    verdicts.check("snap: token and redirect_url come by themselves, too", shortcuts)
    verdicts.check("snap: Core knows nothing before a method was chosen", unknown)
    verdicts.check("snap: the buyer types a number, and the push goes out", push)
    verdicts.check("snap: declined, tried again, and paid", again)
    verdicts.check("snap: all tries of the order id are told", each_try)
    verdicts.check(
        "snap: a paid transaction cannot be cancelled (412)",
        lambda: expect(refusal(core.cancel, order_id), "412", "status_code"),
    )


def judge_page_ends(merchant, verdicts):
    """What is chosen on a page can be called off, and what is wrong is refused."""
    core = merchant.core.transactions

    def chosen(method, **form):
        order_id = new_order_id()
        on_page(merchant.snap.create_transaction_redirect_url(merchant.page_for(order_id, method)), method, **form)
        return order_id

    def cancel():
        order_id = chosen("gopay")
        expect(core.cancel(order_id).get("transaction_status"), "cancel", "transaction_status")
        merchant.notified(order_id, "cancel", "202")

    def expire():
        order_id = chosen("ovo", phone=PHONE)
        expect(core.expire(order_id).get("transaction_status"), "expire", "transaction_status")
        expired(merchant, order_id)

    def refused(client, parameters, http):
        try:
            answer = client.create_transaction(parameters)
        except MidtransAPIError as error:
            expect(error.http_status_code, http, "HTTP status")
            messages = error.api_response_dict.get("error_messages")
            expect(isinstance(messages, list) and bool(messages), True, "there are error_messages")
            return
        raise AssertionError(f"it was not refused: {answer}")

    def dana():
        order_id = chosen("dana")
        expect(refusal(core.status, order_id), "404", "status_code by order id")
        _, told = merchant.listener.wait_for(order_id=order_id, transaction_status="pending")
        merchant.core.api_config.custom_headers = {"transaction-source": "SNAP_API"}
        try:
            answer = core.status(told["transaction_id"])
        finally:
            merchant.core.api_config.custom_headers = {}
        expect(answer.get("transaction_status"), "PENDING", "transaction_status")
        expect(answer["actions"][0]["name"], "deeplink-redirect", "action")

    def twice():
        order_id = new_order_id()
        merchant.snap.create_transaction(merchant.page_for(order_id, "ovo"))
        refused(merchant.snap, merchant.page_for(order_id, "ovo"), 400)

    verdicts.check("snap: what was chosen is cancelled by order id", cancel)
    verdicts.check("snap: what was chosen expires by order id", expire)
    verdicts.check("snap: DANA is asked about by transaction id and header", dana)
    verdicts.check("snap: an order id has one page", twice)
    verdicts.check("snap: a request without an amount is refused", lambda: refused(
        merchant.snap, {"transaction_details": {"order_id": new_order_id()}}, 400
    ))
    verdicts.check("snap: a wrong server key is refused", lambda: refused(
        merchant.snap_stranger, merchant.page_for(new_order_id(), "ovo"), 401
    ))


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = SnapMerchant(simulator, listener)
    order_id = judge_charge(merchant, verdicts)
    judge_refund(merchant, verdicts, order_id)
    judge_ends(merchant, verdicts)
    judge_page(merchant, verdicts)
    judge_page_ends(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_midtrans_judge(__doc__, LIBRARY, "midtrans_snap_ovo", judge)


if __name__ == "__main__":
    sys.exit(main())
