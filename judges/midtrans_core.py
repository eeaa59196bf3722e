"""Midtrans' own Python library judges our simulator of Midtrans Core, each way to pay from charge to notification.

Everything that the simulator answers passes through `midtransclient` as a merchant would use it, and every
notification through a signature computed here, from the strings as they came. Usage:

    python midtrans_core.py --loket path/to/loket
"""

import hashlib
import sys
import time
import uuid

import midtransclient
import requests
from midtransclient import CoreApi, MidtransAPIError
from midtransclient.config import ApiConfig

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, expect_one_of, run_judge

LIBRARY = "midtransclient"
SERVER_KEY = "SB-Mid-server-loket-sandbox"
LOCAL_TIME = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"
ACTIONS = {
    "generate-qr-code": "GET",
    "generate-qr-code-v2": "GET",
    "deeplink-redirect": "GET",
    "get-status": "GET",
    "cancel": "POST",
}
PNG = b"\x89PNG\r\n\x1a\n"
# The other ways to pay: the payment type, and what the charge holds under its name.
FURTHER = {
    "QRIS": ("qris", {"acquirer": "gopay"}),
    "BCA": ("bank_transfer", {"bank": "bca"}),
    "BNI": ("bank_transfer", {"bank": "bni"}),
    "BRI": ("bank_transfer", {"bank": "bri"}),
    "Permata": ("bank_transfer", {"bank": "permata"}),
    "Indomaret": ("cstore", {"store": "indomaret"}),
    "Alfamart": ("cstore", {"store": "alfamart"}),
}


def signature(body, server_key=SERVER_KEY):
    """What Midtrans signs: four strings, without anything between them."""
    signed = body["order_id"] + body["status_code"] + body["gross_amount"] + server_key
    return hashlib.sha512(signed.encode()).hexdigest()


def refusal(call, *arguments):
    """The `status_code` of the error that a call must end with."""
    try:
        answer = call(*arguments)
    except MidtransAPIError as error:
        return error.api_response_dict.get("status_code")
    raise AssertionError(f"it was not refused: {answer}")


def run_midtrans_judge(doc, library, judge, work):
    """`run_judge` with everything that Midtrans' library can do; where to notify is said with each charge."""
    # Its classes are named as they like.
    classes, refusals = classes_of(midtransclient, ending=""), (MidtransAPIError,)
    return run_judge(doc, library, judge, classes, work, refusals=refusals, notify=False)


def number(answer):
    """The number to pay to, from whichever field its bank or store has for it; None for a QR code."""
    for account in answer.get("va_numbers", []):
        return account["va_number"]
    return answer.get("permata_va_number") or answer.get("payment_code")


class Merchant:
    """A shop that uses Midtrans' library against the simulator."""

    def __init__(self, simulator, listener):
        self.simulator = simulator
        self.listener = listener
        self.base = simulator.url + "/sandbox/midtrans"
        ApiConfig.CORE_SANDBOX_BASE_URL = ApiConfig.CORE_PRODUCTION_BASE_URL = self.base
        self.core = CoreApi(server_key=SERVER_KEY)
        # Where this shop's notifications go is said with each charge. The library hands its headers on in
        # every call but `transactions.notification()`, which sends them as query parameters instead; so a
        # client with headers makes the charges, and one without asks about notifications.
        self.charging = CoreApi(server_key=SERVER_KEY, custom_headers={"X-Override-Notification": listener.url})
        self.stranger = CoreApi(server_key="SB-Mid-server-somebody-else")

    def charge(self, amount=25_000, order_id=None, client=None, **extra):
        """Charges with GoPay, unless `extra` says otherwise; returns the order id and the answer."""
        order_id = order_id or f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"
        parameters = {
            "payment_type": "gopay",
            "transaction_details": {"order_id": order_id, "gross_amount": amount},
            "item_details": [{"id": "ML_86", "price": amount, "quantity": 1, "name": "86 Diamond"}],
            "customer_details": {"first_name": "Budi", "phone": "081234567890"},
            **extra,
        }
        return order_id, (client or self.charging).charge(parameters)

    def act(self, order_id, outcome):
        """What the buyer does in the wallet app."""
        self.simulator.call("POST", "/sandbox/pay", {"reference": order_id, "outcome": outcome})

    def wait_for_status(self, order_id, status):
        """Asks until the transaction has this status; returns the answer."""
        deadline = time.monotonic() + CALL_LIMIT_S
        while True:
            answer = self.core.transactions.status(order_id)
            if answer.get("transaction_status") == status:
                return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"transaction_status is {answer.get('transaction_status')!r}, not {status!r}")
            time.sleep(0.1)

    def notified(self, order_id, status, status_code, payment_type="gopay"):
        """The notification of this status: signed as Midtrans signs, and confirmed by asking back."""
        _, body = self.listener.wait_for(order_id=order_id, transaction_status=status)
        expect(body.get("status_code"), status_code, "status_code of the notification")
        expect(body.get("payment_type"), payment_type, "payment_type of the notification")
        expect(body.get("currency"), "IDR", "currency of the notification")
        expect_match(body.get("transaction_time"), LOCAL_TIME, "transaction_time of the notification")
        expect_match(body.get("gross_amount"), r"\d+\.00", "gross_amount of the notification")
        expect(body.get("signature_key"), signature(body), "signature_key")
        confirmed = self.core.transactions.notification(body)
        for field in ("order_id", "transaction_id", "gross_amount"):
            expect(confirmed.get(field), body.get(field), f"{field} asked back")
        expect(confirmed.get("transaction_status"), status, "transaction_status asked back")
        return body


def judge_charge(merchant, verdicts):
    """A charge, its answer, what it refuses; returns the order id of an open transaction."""
    order_id, answer = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1", {}

    def charge():
        answer.update(merchant.charge(order_id=order_id)[1])
        expect(answer.get("status_code"), "201", "status_code")
        expect(answer.get("order_id"), order_id, "order_id")
        expect(answer.get("payment_type"), "gopay", "payment_type")
        expect(answer.get("transaction_status"), "pending", "transaction_status")

    def shape():
        expect(answer.get("gross_amount"), "25000.00", "gross_amount")
        expect(answer.get("currency"), "IDR", "currency")
        expect_match(answer.get("transaction_time"), LOCAL_TIME, "transaction_time")
        expect(str(uuid.UUID(answer.get("transaction_id"))), answer.get("transaction_id"), "transaction_id")
        if "expiry_time" in answer:
            expect_match(answer["expiry_time"], LOCAL_TIME, "expiry_time")

    def actions():
        expect({action["name"]: action["method"] for action in answer["actions"]}, ACTIONS, "actions")
        urls = {action["name"]: action["url"] for action in answer["actions"]}
        # As in Midtrans' own sandbox, a browser can follow it; the app's own form has to be asked for.
        expect(urls["deeplink-redirect"].startswith(merchant.simulator.url + "/sandbox/"), True, "deep link")
        for name in ("generate-qr-code", "get-status", "cancel"):
            expect(urls[name].startswith(merchant.base + "/v2/"), True, f"{name} leads to the simulator")

    def app_link():
        merchant.simulator.call("POST", "/sandbox/faults", {"target": "midtrans", "fault": "app_deep_link"})
        _, app = merchant.charge(gopay={"enable_callback": True, "callback_url": "https://shop.example/back"})
        url = next(action["url"] for action in app["actions"] if action["name"] == "deeplink-redirect")
        expect_match(url, r"gojek://gopay/merchanttransfer\?tref=.+&amount=25000&.*callback_url=https%3A.+", "link")

    def qr_code():
        url = next(action["url"] for action in answer["actions"] if action["name"] == "generate-qr-code")
        image = requests.get(url, auth=(SERVER_KEY, ""), timeout=CALL_LIMIT_S)
        expect(image.status_code, 200, "HTTP status")
        expect(image.content[: len(PNG)], PNG, "beginning of the image")

    def incomplete():
        return expect(refusal(merchant.core.charge, {"payment_type": "gopay"}), "400", "status_code")

    verdicts.check("charge: GoPay is billed", charge)
    verdicts.check("charge: the answer has Midtrans' shape", shape)
    verdicts.check("charge: the answer says what can be done next", actions)
    verdicts.check("charge: the wallet app's own link is there when asked for", app_link)
    verdicts.check("charge: the QR code is a picture", qr_code)
    verdicts.check(
        "charge: the same order id again is refused with 406",
        lambda: expect(refusal(lambda: merchant.charge(order_id=order_id)), "406", "status_code"),
    )
    verdicts.check("charge: one without an amount is refused with 400", incomplete)
    verdicts.check(
        "charge: a wrong server key is refused with 401",
        lambda: expect(refusal(lambda: merchant.charge(client=merchant.stranger)), "401", "status_code"),
    )
    return order_id


def judge_status(merchant, verdicts, order_id):
    """Asking about an open transaction, one that is nobody's, and with a wrong key."""
    status = merchant.core.transactions.status

    def pending():
        answer = status(order_id)
        expect(answer.get("status_code"), "201", "status_code")
        expect(answer.get("transaction_status"), "pending", "transaction_status")
        expect(answer.get("gross_amount"), "25000.00", "gross_amount")

    def by_transaction():
        answer = status(order_id)
        expect(status(answer["transaction_id"]).get("order_id"), order_id, "order_id")

    def of_all():
        answer = merchant.core.transactions.statusb2b(order_id)
        expect(answer.get("status_code"), "200", "status_code")
        one = status(order_id)
        expect([t["transaction_id"] for t in answer["transactions"]], [one["transaction_id"]], "transactions")
        expect(answer["transactions"][0]["signature_key"], signature(answer["transactions"][0]), "signature_key")

    verdicts.check("status: an unpaid transaction is pending", pending)
    verdicts.check("status: all transactions of an order id are that one", of_all)
    verdicts.check(
        "status: all transactions of an unknown order are answered with 404",
        lambda: expect(refusal(merchant.core.transactions.statusb2b, "JUDGE-NOBODY-P1"), "404", "status_code"),
    )
    verdicts.check("status: the transaction id finds it as well", by_transaction)
    verdicts.check(
        "status: an unknown order is answered with 404",
        lambda: expect(refusal(status, "JUDGE-NOBODY-P1"), "404", "status_code"),
    )
    verdicts.check(
        "status: a wrong server key is refused with 401",
        lambda: expect(refusal(merchant.stranger.transactions.status, order_id), "401", "status_code"),
    )


def judge_settlement(merchant, verdicts, order_id):
    """The buyer pays."""
    transactions = merchant.core.transactions
    notification = {}

    def notified():
        notification.update(merchant.notified(order_id, "settlement", "200"))
        expect(notification.get("fraud_status"), "accept", "fraud_status of the notification")
        expect(notification.get("gross_amount"), "25000.00", "gross_amount of the notification")

    def settled():
        answer = merchant.wait_for_status(order_id, "settlement")
        expect(answer.get("status_code"), "200", "status_code")
        expect(answer.get("gross_amount"), "25000.00", "gross_amount")

    def with_stray_parameters():
        answer = merchant.charging.transactions.notification(notification)
        expect(answer.get("transaction_status"), "settlement", "transaction_status")

    verdicts.check("pay: the buyer pays", lambda: merchant.act(order_id, "settle"))
    verdicts.check("pay: the notification is signed, and true when asked back", notified)
    verdicts.check("pay: headers that the library sends as query parameters do no harm", with_stray_parameters)
    verdicts.check("pay: the status is settlement", settled)
    verdicts.check(
        "pay: a settled transaction cannot be cancelled (412)",
        lambda: expect(refusal(transactions.cancel, order_id), "412", "status_code"),
    )
    verdicts.check("pay: the refused cancellation changed nothing", settled)


def judge_cancel(merchant, verdicts):
    """The shop cancels before the buyer pays."""
    transactions = merchant.core.transactions
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def cancel():
        merchant.charge(order_id=order_id)
        answer = transactions.cancel(order_id)
        expect(answer.get("status_code"), "200", "status_code")
        expect(answer.get("transaction_status"), "cancel", "transaction_status")

    verdicts.check("cancel: an unpaid transaction is cancelled", cancel)
    verdicts.check("cancel: the status is cancel", lambda: merchant.wait_for_status(order_id, "cancel"))
    verdicts.check("cancel: the notification has code 202", lambda: merchant.notified(order_id, "cancel", "202"))
    verdicts.check(
        "cancel: it cannot be cancelled again (412)",
        lambda: expect(refusal(transactions.cancel, order_id), "412", "status_code"),
    )


def judge_expire(merchant, verdicts):
    """The shop lets a transaction expire at once."""
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def expire():
        merchant.charge(order_id=order_id)
        answer = merchant.core.transactions.expire(order_id)
        expect_one_of(answer.get("status_code"), {"200", "202", "407"}, "status_code")
        expect(answer.get("transaction_status"), "expire", "transaction_status")

    verdicts.check("expire: an unpaid transaction expires on demand", expire)
    verdicts.check("expire: the status is expire, with code 407 and no error", lambda: expired(merchant, order_id))
    verdicts.check("expire: the notification has code 202", lambda: merchant.notified(order_id, "expire", "202"))


def judge_deny(merchant, verdicts):
    """The buyer declines."""
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def deny():
        merchant.charge(order_id=order_id)
        merchant.act(order_id, "deny")

    verdicts.check("deny: the buyer declines", deny)
    verdicts.check("deny: the status is deny", lambda: merchant.wait_for_status(order_id, "deny"))
    verdicts.check("deny: the notification has code 202", lambda: merchant.notified(order_id, "deny", "202"))


def judge_clock(merchant, verdicts):
    """Nobody does anything, and time passes."""
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def wait():
        merchant.charge(order_id=order_id, custom_expiry={"expiry_duration": 20, "unit": "second"})
        expect(merchant.core.transactions.status(order_id).get("transaction_status"), "pending", "status before")
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 60})

    verdicts.check("clock: a minute passes for a charge of twenty seconds", wait)
    verdicts.check("clock: the notification has code 202", lambda: merchant.notified(order_id, "expire", "202"))
    verdicts.check("clock: the status is expire, with code 407 and no error", lambda: expired(merchant, order_id))


def judge_refund(merchant, verdicts):
    """The shop gives money back: in parts, by both of the library's calls, and never more than was paid."""
    transactions = merchant.core.transactions
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def refund(call, key, amount):
        return call(order_id, {"refund_key": f"{order_id}-{key}", "amount": amount, "reason": "habis"})

    def unpaid():
        merchant.charge(order_id=order_id)
        expect(refusal(refund, transactions.refund, "R0", 25_000), "412", "status_code")

    def partly():
        merchant.act(order_id, "settle")
        answer = refund(transactions.refund, "R1", 10_000)
        expect(answer.get("status_code"), "200", "status_code")
        expect(answer.get("transaction_status"), "partial_refund", "transaction_status")
        expect(answer.get("refund_amount"), "10000.00", "refund_amount")
        merchant.notified(order_id, "partial_refund", "200")

    def again():
        refund(transactions.refund, "R1", 10_000)
        expect(merchant.core.transactions.status(order_id).get("refund_amount"), "10000.00", "refund_amount")

    def too_much():
        expect(refusal(refund, transactions.refund, "R2", 15_001), "414", "status_code")

    def directly():
        answer = refund(transactions.refundDirect, "R3", 15_000)
        expect(answer.get("transaction_status"), "refund", "transaction_status")
        merchant.notified(order_id, "refund", "200")

    verdicts.check("refund: what is not paid is not given back (412)", unpaid)
    verdicts.check("refund: a part is given back, and told", partly)
    verdicts.check("refund: the same key again is the same refund", again)
    verdicts.check("refund: more than is left is refused with 414", too_much)
    verdicts.check("refund: the rest by the library's other call, and told", directly)


def judge_card_calls(merchant, verdicts):
    """What is for cards alone is refused for a wallet, and changes nothing."""
    transactions = merchant.core.transactions
    order_id = f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"

    def refused(call):
        expect(refusal(call, order_id), "412", "status_code")
        expect(transactions.status(order_id).get("transaction_status"), "pending", "transaction_status")

    verdicts.check("card: a charge that is none", lambda: merchant.charge(order_id=order_id))
    verdicts.check("card: it is not approved (412)", lambda: refused(transactions.approve))
    verdicts.check("card: it is not denied (412)", lambda: refused(transactions.deny))


def judge_further(merchant, verdicts, name):
    """QRIS, a bank's virtual account or a store's till: charged, asked about, paid, cancelled and expired."""
    payment_type, own = FURTHER[name]
    extra = {"payment_type": payment_type, payment_type: own}
    transactions, order_id, answer = merchant.core.transactions, f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1", {}

    def charge():
        answer.update(merchant.charge(order_id=order_id, **extra)[1])
        expect(answer.get("status_code"), "201", "status_code")
        expect(answer.get("transaction_status"), "pending", "transaction_status")
        expect_match(answer.get("expiry_time"), LOCAL_TIME, "expiry_time")
        if name == "QRIS":
            expect([action["name"] for action in answer["actions"]][0], "generate-qr-code", "first action")
        else:
            expect_match(number(answer), r"\d{10,20}", "number")

    def asked():
        expect(number(merchant.wait_for_status(order_id, "pending")), number(answer), "number")

    def paid():
        merchant.act(number(answer) or order_id, "settle")
        told = merchant.notified(order_id, "settlement", "200", payment_type)
        expect(number(told), number(answer), "number in the notification")
        expect_match(told.get("settlement_time"), LOCAL_TIME, "settlement_time of the notification")
        expect(refusal(transactions.cancel, order_id), "412", "status_code of cancelling it")

    def closed(close, status):
        other, _ = merchant.charge(**extra)
        expect(close(other).get("transaction_status"), status, "transaction_status")
        merchant.notified(other, status, "202", payment_type)

    def refund():
        return transactions.refund(order_id, {"refund_key": f"{order_id}-R1", "amount": 25_000, "reason": "judge"})

    def taken_back():
        merchant.act(order_id, "reverse")
        merchant.notified(order_id, "deny", "202", payment_type)

    verdicts.check(f"{name}: it is charged, and says where to pay", charge)
    verdicts.check(f"{name}: the status says the same", asked)
    verdicts.check(f"{name}: the buyer pays, and the notification is signed", paid)
    verdicts.check(f"{name}: an unpaid one is cancelled", lambda: closed(transactions.cancel, "cancel"))
    verdicts.check(f"{name}: an unpaid one expires on demand", lambda: closed(transactions.expire, "expire"))
    if name != "QRIS":
        verdicts.check(f"{name}: it is not refunded (412)", lambda: expect(refusal(refund), "412", "status_code"))
    if payment_type == "cstore":
        verdicts.check(f"{name}: a cashier takes the payment back, and it is denied", taken_back)


def expired(merchant, order_id):
    """Midtrans answers with code 407 here, which its library does not take for an error."""
    answer = merchant.wait_for_status(order_id, "expire")
    expect(answer.get("status_code"), "407", "status_code")


def judge_signature(verdicts):
    """The judge first judges itself: the sample in Midtrans' own documentation."""
    sample = {"order_id": "1111", "status_code": "200", "gross_amount": "100000.00"}
    signed = (
        "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e237"
        "5d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231"
    )
    verdicts.check(
        "judge: the signature of Midtrans' own sample",
        lambda: expect(signature(sample, "askvnoibnosifnboseofinbofinfgbiufglnbfg"), signed, "signature"),
    )


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    judge_signature(verdicts)
    merchant = Merchant(simulator, listener)
    order_id = judge_charge(merchant, verdicts)
    judge_status(merchant, verdicts, order_id)
    judge_settlement(merchant, verdicts, order_id)
    judge_cancel(merchant, verdicts)
    judge_expire(merchant, verdicts)
    judge_deny(merchant, verdicts)
    judge_clock(merchant, verdicts)
    judge_refund(merchant, verdicts)
    judge_card_calls(merchant, verdicts)
    for name in FURTHER:
        judge_further(merchant, verdicts, name)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_midtrans_judge(__doc__, LIBRARY, "midtrans_core", judge)


if __name__ == "__main__":
    sys.exit(main())
