"""Xendit's own Python library, of the newer kind, judges our simulator of its second generation.

Each payment request, payment method and refund passes through `xendit-python` 7 as a merchant would use it:
the library refuses what is not of its models' form. Its models of callbacks read what the simulator sends.
Usage:

    python xendit_second.py --loket path/to/loket
"""

import sys
import time

import xendit
from xendit.apis import PaymentMethodApi, PaymentRequestApi, RefundApi
from xendit.payment_method.model.payment_method_parameters import PaymentMethodParameters
from xendit.payment_method.model.payment_method_update_parameters import PaymentMethodUpdateParameters
from xendit.payment_request.model.payment_callback import PaymentCallback
from xendit.payment_request.model.payment_request_parameters import PaymentRequestParameters
from xendit.refund.model.create_refund import CreateRefund
from xendit.refund.model.refund_callback import RefundCallback

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, new, run_judge

LIBRARY = "xendit-python-7"
SECRET_KEY = "xnd_development_loket"
CALLBACK_TOKEN = "loket-sandbox-callback-token"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Merchant:
    """A shop that uses Xendit's library against the simulator."""

    def __init__(self, simulator, listener):
        self.simulator = simulator
        self.listener = listener
        base = simulator.url + "/sandbox/xendit"

        def client(key):
            return xendit.ApiClient(xendit.Configuration(host=base, api_key=key))

        self.requests = PaymentRequestApi(client(SECRET_KEY))
        self.methods = PaymentMethodApi(client(SECRET_KEY))
        self.refunds = RefundApi(client(SECRET_KEY))
        self.stranger = PaymentRequestApi(client("xnd_development_somebody_else"))

    def open(self, channel="OVO", amount=25_000, reference=None, key=None):
        """Opens a payment by a wallet; returns the reference and the library's object."""
        reference = reference or new()
        properties = {
            "OVO": {"mobile_number": "+6281234567890"},
            "DANA": {"success_return_url": "https://shop.example/back"},
        }[channel]
        wallet = {"channel_code": channel, "channel_properties": properties}
        return reference, self.make(reference, amount, key, type="EWALLET", ewallet=wallet)

    def make(self, reference, amount, key=None, **method):
        """Opens a payment by any method."""
        asked = {
            "reference_id": reference,
            "amount": float(amount),
            "currency": "IDR",
            "payment_method": {"reusability": "ONE_TIME_USE", **method},
        }
        parameters = read(PaymentRequestParameters, asked)
        return self.requests.create_payment_request(
            idempotency_key=key or reference, payment_request_parameters=parameters
        )

    def method(self):
        """Makes a payment method by itself."""
        wallet = {"channel_code": "DANA", "channel_properties": {"success_return_url": "https://shop.example/back"}}
        asked = {"type": "EWALLET", "reusability": "ONE_TIME_USE", "country": "ID", "ewallet": wallet}
        return self.methods.create_payment_method(payment_method_parameters=read(PaymentMethodParameters, asked))

    def request_by(self, method, reference):
        """Opens a payment by a method that was made by itself."""
        asked = {"reference_id": reference, "amount": 25_000.0, "currency": "IDR", "payment_method_id": method}
        return self.requests.create_payment_request(
            idempotency_key=reference, payment_request_parameters=read(PaymentRequestParameters, asked)
        )

    def act(self, reference, outcome, **more):
        """What the buyer does in the wallet app."""
        self.simulator.call("POST", "/sandbox/pay", {"reference": reference, "outcome": outcome, **more})

    def told(self, event, reference):
        """The callback about a payment: its token is the merchant's, and its body of the library's form."""

        def fits(body):
            return body.get("event") == event and body.get("data", {}).get("reference_id") == reference

        headers, body = self.listener.find(fits)
        tokens = [value for name, value in headers.items() if name.lower() == "x-callback-token"]
        expect(tokens, [CALLBACK_TOKEN], "x-callback-token")
        return body


def read(model, body):
    """JSON as the library's own model has it; what is not of its form is an error."""
    configuration = xendit.Configuration(api_key=SECRET_KEY)
    return xendit.model_utils.validate_and_convert_types(body, (model,), ["body"], True, True, configuration)


def text(value):
    """A word of the library's, which wraps some of them."""
    return getattr(value, "value", value)


def refusal(call, *arguments, **options):
    """The HTTP status and `error_code` of the error that a call must end with."""
    try:
        answer = call(*arguments, **options)
    except xendit.XenditSdkException as error:
        return int(error.status), error.errorCode
    raise AssertionError(f"it was not refused: {answer}")


def judge_requests(merchant, verdicts):
    """Opening and asking, by each way that the shop could use."""

    def push():
        reference, made = merchant.open("OVO")
        expect_match(made.id, "pr-" + UUID, "id")
        expect(made.reference_id, reference, "reference_id")
        expect(float(made.amount), 25_000.0, "amount")
        expect(text(made.status), "PENDING", "status")
        expect(list(made.actions), [], "actions")
        expect(text(made.payment_method.ewallet.channel_code), "OVO", "channel_code")
        asked = merchant.requests.get_payment_request_by_id(made.id)
        expect(asked.to_dict(), made.to_dict(), "the request asked for")
        merchant.act(reference, "settle")
        expect(text(merchant.requests.get_payment_request_by_id(made.id).status), "SUCCEEDED", "status")
        called = read(PaymentCallback, merchant.told("payment.succeeded", reference))
        expect(called.data.payment_request_id, made.id, "payment_request_id of the callback")
        expect(float(called.data.amount), 25_000.0, "amount of the callback")

    def page():
        reference, made = merchant.open("DANA")
        expect(text(made.status), "REQUIRES_ACTION", "status")
        urls = {action.url_type: action.url for action in made.actions if action.action == "AUTH"}
        expect(sorted(urls), ["MOBILE", "WEB"], "kinds of links")
        merchant.act(reference, "deny")
        asked = merchant.requests.get_payment_request_by_id(made.id)
        expect(text(asked.status), "FAILED", "status")
        expect(asked.failure_code, "USER_DECLINED_PAYMENT", "failure_code")
        read(PaymentCallback, merchant.told("payment.failed", reference))

    def code():
        reference = new()
        made = merchant.make(reference, 25_000, type="QR_CODE", qr_code={"channel_code": "QRIS"})
        expect_match(made.actions[0].qr_code, r"000201.*6304[0-9A-F]{4}", "qr_code")

    def number():
        reference = new()
        properties = {"customer_name": "Loket", "expires_at": "2099-11-22T06:00:00Z"}
        account = {"channel_code": "BNI", "channel_properties": properties}
        made = merchant.make(reference, 25_000, type="VIRTUAL_ACCOUNT", virtual_account=account)
        properties = made.payment_method.virtual_account.channel_properties
        expect_match(properties.virtual_account_number, r"\d{16}", "virtual_account_number")

    def simulated():
        _, made = merchant.open("OVO")
        answer = merchant.requests.simulate_payment_request_payment(made.id)
        expect(answer.status, "PENDING", "status")
        expect(text(merchant.requests.get_payment_request_by_id(made.id).status), "SUCCEEDED", "status")

    verdicts.check("request: a push to OVO is opened, asked about, paid and told", push)
    verdicts.check("request: a page of DANA is opened, declined and told", page)
    verdicts.check("request: a QRIS code", code)
    verdicts.check("request: a virtual account", number)
    verdicts.check("request: the library's simulated payment", simulated)


def judge_repetition(merchant, verdicts):
    """What keeps a buyer from being pushed twice."""

    def key():
        reference, first = merchant.open("OVO")
        _, again = merchant.open("OVO", reference=reference)
        expect(again.id, first.id, "id of the repetition")
        expect(refusal(merchant.open, "OVO", 26_000, reference), (409, "IDEMPOTENCY_ERROR"), "another content")
        listed = merchant.requests.get_all_payment_requests(reference_id=[reference])
        expect([one.id for one in listed.data], [first.id], "what is listed by the reference")

    def without():
        reference, first = merchant.open("OVO", key="first")
        _, second = merchant.open("OVO", reference=reference, key=f"second-{reference}")
        listed = merchant.requests.get_all_payment_requests(reference_id=[reference], limit=1)
        expect((len(listed.data), listed.has_more), (1, True), "a page of the list")
        if first.id == second.id:
            raise AssertionError("another key is another request")

    def nothing():
        listed = merchant.requests.get_all_payment_requests(reference_id=["JUDGE-NOTHING"])
        expect(list(listed.data), [], "what is listed by a reference that is not there")
        expect(refusal(merchant.requests.get_payment_request_by_id, "pr-nothing"), (404, "DATA_NOT_FOUND"), "nothing")

    def stranger():
        expect(refusal(merchant.stranger.get_payment_request_by_id, "pr-x"), (401, "INVALID_API_KEY"), "a stranger")

    verdicts.check("repetition: one key is one request, found by its reference", key)
    verdicts.check("repetition: another key is another request", without)
    verdicts.check("repetition: what is not there", nothing)
    verdicts.check("access: another key", stranger)


def judge_methods(merchant, verdicts):
    """The payment method behind a request: how it is ended, and what tells that it was paid all the same."""

    def ended():
        reference, made = merchant.open("DANA")
        method = merchant.methods.get_payment_method_by_id(made.payment_method.id)
        expect(text(method.status), "ACTIVE", "status")
        expect(text(merchant.methods.expire_payment_method(method.id).status), "EXPIRED", "status")
        expect(text(merchant.requests.get_payment_request_by_id(made.id).status), "EXPIRED", "status")
        payments = merchant.methods.get_payments_by_payment_method_id(method.id)
        expect(list(payments["data"]), [], "payments")
        merchant.act(reference, "settle", late=True)
        expect(text(merchant.requests.get_payment_request_by_id(made.id).status), "EXPIRED", "status, though paid")
        payments = merchant.methods.get_payments_by_payment_method_id(method.id)
        paid = [(one["payment_request_id"], one["status"]) for one in payments["data"]]
        expect(paid, [(made.id, "SUCCEEDED")], "payments")

    def by_itself():
        made = merchant.method()
        expect(text(made.status), "ACTIVE", "status")
        listed = merchant.methods.get_all_payment_methods(id=[made.id], type=["EWALLET"])
        expect([one.id for one in listed.data], [made.id], "what is listed by its id")
        reference = new()
        request = merchant.request_by(made.id, reference)
        expect(request.payment_method.id, made.id, "payment method of the request")
        merchant.act(reference, "settle")
        expect(text(merchant.methods.get_payment_method_by_id(made.id).status), "INACTIVE", "status")

    def change(method, **more):
        asked = read(PaymentMethodUpdateParameters, more)
        return merchant.methods.patch_payment_method(method, payment_method_update_parameters=asked)

    def switched():
        made, refused = merchant.method(), (400, "INVALID_PAYMENT_METHOD")
        off = change(made.id, status="INACTIVE", description="Not now", reference_id="JUDGE-SWITCHED")
        told = (off.id, text(off.status), off.description, off.reference_id)
        expect(told, (made.id, "INACTIVE", "Not now", "JUDGE-SWITCHED"), "what was changed")
        expect(merchant.methods.get_payment_method_by_id(made.id).to_dict(), off.to_dict(), "the method asked for")
        expect(refusal(merchant.request_by, made.id, new()), refused, "a request by it")
        on = change(made.id, status="ACTIVE")
        expect((text(on.status), on.description), ("ACTIVE", "Not now"), "what was changed back")
        for more in ({"status": "FAILED"}, {"reusability": "MULTIPLE_USE"}, {"virtual_account": {}}):
            expect(refusal(change, made.id, **more), (400, "API_VALIDATION_ERROR"), f"a change to {more}")
        expect(merchant.methods.get_payment_method_by_id(made.id).to_dict(), on.to_dict(), "what was refused")
        request = merchant.request_by(made.id, new())
        expect(text(request.status), "REQUIRES_ACTION", "status of a request by it then")
        expect(refusal(change, made.id, status="INACTIVE"), (400, "API_VALIDATION_ERROR"), "with a request")
        other = merchant.method()
        merchant.methods.expire_payment_method(other.id)
        expect(refusal(change, other.id, status="ACTIVE"), refused, "one that was ended")
        expect(refusal(change, "pm-nothing", status="ACTIVE"), (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("method: ended, and paid all the same", ended)
    verdicts.check("method: made by itself, listed, and used by a request", by_itself)
    verdicts.check("method: switched off and on", switched)


def judge_refunds(merchant, verdicts):
    """Giving money back."""

    def refund_of(made, amount=None, **more):
        return CreateRefund(payment_request_id=made.id, currency="IDR", reason="CANCELLATION", amount=amount, **more)

    def paid(channel):
        reference, made = merchant.open(channel)
        merchant.act(reference, "settle")
        return made

    def parts():
        made = paid("DANA")
        key = new()
        asked = refund_of(made, 10_000.0, reference_id=key)
        refund = merchant.refunds.create_refund(idempotency_key=key, create_refund=asked)
        again = merchant.refunds.create_refund(idempotency_key=key, create_refund=asked)
        expect((refund.status, refund.id), ("PENDING", again.id), "a refund, and its repetition")
        expect_match(refund.id, "rfd-" + UUID, "id")
        listed = merchant.refunds.get_all_refunds(payment_request_id=made.id)
        expect([(one.id, one.reference_id) for one in listed.data], [(refund.id, key)], "refunds")
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 30})
        deadline = time.monotonic() + CALL_LIMIT_S
        while merchant.refunds.get_refund(refund.id).status != "SUCCEEDED":
            if time.monotonic() > deadline:
                raise AssertionError("the refund does not succeed")
            time.sleep(0.1)
        called = read(RefundCallback, merchant.told("refund.succeeded", key))
        expect((called.data.id, float(called.data.amount)), (refund.id, 10_000.0), "the callback")
        too_much = refund_of(made, 15_001.0)
        expect(refusal(merchant.refunds.create_refund, create_refund=too_much), (400, "REFUND_AMOUNT_EXCEEDED"), "more")
        rest = merchant.refunds.create_refund(create_refund=refund_of(made, 15_000.0))
        expect(merchant.refunds.cancel_refund(rest.id).status, "CANCELLED", "status")

    def called_off():
        made, key = paid("DANA"), new()
        refunds = [merchant.refunds.create_refund(create_refund=refund_of(made, 1_000.0)) for _ in range(2)]
        for refund in (*refunds, refunds[0]):
            gone = merchant.refunds.cancel_refund(refund.id, idempotency_key=key)
            expect((gone.id, gone.status), (refund.id, "CANCELLED"), "what is answered under one key")
        for refund in refunds:
            expect(merchant.refunds.get_refund(refund.id).status, "CANCELLED", "status")
        again = refusal(merchant.refunds.cancel_refund, refunds[0].id, idempotency_key=new())
        expect(again, (400, "INELIGIBLE_TRANSACTION_STATUS"), "again, under another")

    def push():
        made = paid("OVO")
        expect(
            refusal(merchant.refunds.create_refund, create_refund=refund_of(made, 25_000.0)),
            (403, "REFUND_NOT_SUPPORTED"),
            "a push",
        )

    def unpaid():
        _, made = merchant.open("DANA")
        expect(
            refusal(merchant.refunds.create_refund, create_refund=refund_of(made, 25_000.0)),
            (400, "INELIGIBLE_TRANSACTION_STATUS"),
            "what is not paid",
        )

    verdicts.check("refund: in parts, under a key, told and called off", parts)
    verdicts.check("refund: one key calls off one of them", called_off)
    verdicts.check("refund: a push cannot be given back", push)
    verdicts.check("refund: what is not paid cannot be given back", unpaid)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = Merchant(simulator, listener)
    judge_requests(merchant, verdicts)
    judge_repetition(merchant, verdicts)
    judge_methods(merchant, verdicts)
    judge_refunds(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(xendit), (xendit.XenditSdkException,)
    return run_judge(__doc__, LIBRARY, "xendit_second", classes, judge, refusals=refusals)


if __name__ == "__main__":
    sys.exit(main())
