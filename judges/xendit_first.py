"""Xendit's own Python library, of the older kind, judges our simulator of its first generation, and of the
beginnings of the second that it has, and of what came before both. Usage:

    python xendit_first.py --loket path/to/loket
"""

import sys

import xendit
from xendit import Xendit, XenditError, models
from xendit.models.ewallet import EWalletType

from harness import classes_of, expect, expect_match, new, run_judge

LIBRARY = "xendit-python-0.2"
SECRET_KEY = "xnd_development_loket"
CALLBACK_TOKEN = "loket-sandbox-callback-token"
# These make parts of a request, and call nobody.
HELPERS = ("helper_",)
INVALID = (400, "API_VALIDATION_ERROR")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Merchant:
    """A shop that uses Xendit's library against the simulator."""

    def __init__(self, simulator, listener):
        self.simulator = simulator
        self.listener = listener
        base = simulator.url + "/sandbox/xendit"
        # Payment requests are made by what is set for the whole library, whatever a client is told.
        xendit.api_key, xendit.base_url = SECRET_KEY, base
        # With a slash at the end its paths begin with two; the list of refunds alone has none of its own.
        client, slashed = Xendit(api_key=SECRET_KEY, base_url=base), Xendit(api_key=SECRET_KEY, base_url=base + "/")
        self.wallet = client.EWallet
        self.requests = client.PaymentRequest
        self.methods = client.PaymentMethod
        self.refunds = client.Refund
        self.refund_list = slashed.Refund
        self.stranger = Xendit(api_key="xnd_development_somebody_else", base_url=base).EWallet

    def charge(self, channel="ID_OVO", amount=25_000):
        """A charge of a wallet; returns the reference and the library's object."""
        reference = new()
        page = {"success_redirect_url": "https://shop.example/back"}
        properties = {"mobile_number": "+6281234567890"} if channel == "ID_OVO" else page
        return reference, self.wallet.create_ewallet_charge(
            reference_id=reference,
            currency="IDR",
            amount=amount,
            checkout_method="ONE_TIME_PAYMENT",
            channel_code=channel,
            channel_properties=properties,
        )

    def request(self):
        """A payment request by DANA."""
        reference = new()
        wallet = {"channel_code": "DANA", "channel_properties": {"success_return_url": "https://shop.example/back"}}
        method = {"type": "EWALLET", "reusability": "ONE_TIME_USE", "ewallet": wallet}
        made = self.requests.create(
            reference_id=reference, amount=25_000, currency="IDR", country="ID", payment_method=method
        )
        return reference, made

    def method(self):
        """A payment method by itself."""
        wallet = {"channel_code": "DANA", "channel_properties": {"success_return_url": "https://shop.example/back"}}
        return self.methods.create(type="EWALLET", reusability="ONE_TIME_USE", country="ID", ewallet=wallet)

    def act(self, reference, outcome):
        """What the buyer does in the wallet app."""
        self.simulator.call("POST", "/sandbox/pay", {"reference": reference, "outcome": outcome})

    def told(self, event, reference):
        """The callback about a payment."""

        def fits(body):
            return body.get("event") == event and body.get("data", {}).get("reference_id") == reference

        return self.called(fits)["data"]

    def called(self, fits):
        """A callback that fits; its token is the merchant's."""
        headers, body = self.listener.find(fits)
        tokens = [value for name, value in headers.items() if name.lower() == "x-callback-token"]
        expect(tokens, [CALLBACK_TOKEN], "x-callback-token")
        return body


def complete(answer, *lacking):
    """An answer with all the fields that the library knows of it, but for these."""
    expect(set(type(answer).__annotations__) - set(vars(answer)), set(lacking), f"what a {type(answer).__name__} lacks")
    return answer


def refusal(call, **options):
    """The HTTP status and `error_code` of the error that a call must end with."""
    try:
        answer = call(**options)
    except XenditError as error:
        return error.status_code, error.error_code
    raise AssertionError(f"it was not refused: {answer}")


def judge_charges(merchant, verdicts):
    """Charges of wallets."""

    def push():
        reference, made = merchant.charge()
        expect_match(made.id, "ewc_" + UUID, "id")
        expect((made.reference_id, made.status, made.charge_amount), (reference, "PENDING", 25_000), "the charge")
        expect((made.actions, made.is_redirect_required), (None, False), "what the buyer is shown")
        asked = merchant.wallet.get_ewallet_charge_status(charge_id=made.id)
        expect(vars(asked), vars(made), "the charge asked for")
        merchant.act(reference, "settle")
        expect(merchant.wallet.get_ewallet_charge_status(charge_id=made.id).status, "SUCCEEDED", "status")
        called = merchant.told("ewallet.capture", reference)
        expect((called["id"], called["status"], called["capture_amount"]), (made.id, "SUCCEEDED", 25_000), "callback")

    def page():
        reference, made = merchant.charge("ID_DANA")
        expect(made.is_redirect_required, True, "is_redirect_required")
        expect_match(made.actions["desktop_web_checkout_url"], r"http://127\.0\.0\.1:\d+/.+", "the page")
        merchant.act(reference, "deny")
        asked = merchant.wallet.get_ewallet_charge_status(charge_id=made.id)
        expect((asked.status, asked.failure_code), ("FAILED", "USER_DECLINED_PAYMENT"), "the charge asked for")

    def amounts():
        for amount, refused in ((10_100, (403, "CHANNEL_NOT_ACTIVATED")), (10_101, (503, "CHANNEL_UNAVAILABLE"))):
            expect(refusal(merchant.charge, amount=amount), refused, f"a charge of {amount}")

    def nothing():
        status = merchant.wallet.get_ewallet_charge_status
        expect(refusal(status, charge_id="ewc_nothing"), (404, "DATA_NOT_FOUND"), "nothing")
        stranger = merchant.stranger.get_ewallet_charge_status
        expect(refusal(stranger, charge_id="ewc_nothing"), (401, "INVALID_API_KEY"), "a stranger")

    verdicts.check("charge: a push to OVO is opened, asked about, paid and told", push)
    verdicts.check("charge: a page of DANA is opened and declined", page)
    verdicts.check("charge: amounts of the test mode", amounts)
    verdicts.check("charge: nothing there, and another key", nothing)


def judge_oldest(merchant, verdicts):
    """What is older than charges: a payment of each wallet, known by the shop's own id. The library has classes
    for the answers, with the fields that it knows."""

    def known(answer, *missing):
        fields = set(type(answer).__annotations__) - set(missing)
        expect(set(vars(answer)), fields, f"fields of a {type(answer).__name__}")
        return answer

    def asked(reference, wallet):
        return merchant.wallet.get_payment_status(external_id=reference, ewallet_type=wallet)

    def ovo():
        reference = new()
        made = known(
            merchant.wallet.create_ovo_payment(external_id=reference, amount="80001", phone="08123123123"),
            "transaction_date",
            "ewallet_transaction_id",
        )
        expect((made.external_id, made.amount, made.status), (reference, 80_001, "PENDING"), "the payment")
        again = {"external_id": reference, "amount": 80_001, "phone": "08123123123"}
        refused = refusal(merchant.wallet.create_ovo_payment, **again)
        expect(refused, (400, "DUPLICATE_PAYMENT_REQUEST_ERROR"), "the same id again")
        merchant.act(reference, "settle")
        paid = known(asked(reference, EWalletType.OVO))
        expect((paid.status, paid.amount), ("COMPLETED", "80001"), "the payment asked for")
        told = merchant.called(lambda body: body.get("external_id") == reference)
        expect((told["event"], told["status"]), ("ewallet.payment", "COMPLETED"), "the callback")

    def ovo_before():
        made = merchant.wallet.create_ovo_payment(
            external_id=new(), amount=80_001, phone="08123123123", x_api_version="2019-02-04"
        )
        known(made, "created", "status")
        expect(asked(made.external_id, EWalletType.OVO).status, "PENDING", "status")

    def dana():
        reference = new()
        made = known(
            merchant.wallet.create_dana_payment(
                external_id=reference,
                amount="25000",
                callback_url=merchant.listener.url,
                redirect_url="https://my-shop.com/home",
            )
        )
        expect((made.external_id, made.amount, made.ewallet_type), (reference, 25_000, "DANA"), "the payment")
        expect_match(made.checkout_url, r"http://127\.0\.0\.1:\d+/.+", "the page")
        waits = known(asked(reference, EWalletType.DANA))
        expect((waits.status, waits.amount), ("PENDING", "25000.00"), "the payment asked for")
        merchant.act(reference, "settle")
        expect(asked(reference, EWalletType.DANA).status, "PAID", "status")
        told = merchant.called(lambda body: body.get("external_id") == reference)
        expect(told["payment_status"], "PAID", "payment_status of the callback")

    def linkaja():
        reference = new()
        item = merchant.wallet.helper_create_linkaja_item(id="123123", name="Phone Case", price=25_000, quantity=1)
        made = known(
            merchant.wallet.create_linkaja_payment(
                external_id=reference,
                phone="089911111111",
                amount=25_000,
                items=[item],
                callback_url=merchant.listener.url,
                redirect_url="https://my-shop.com/home",
            )
        )
        expect((made.external_id, made.amount), (reference, 25_000), "the payment")
        known(asked(reference, EWalletType.LINKAJA), "payment_timestamp")
        merchant.act(reference, "settle")
        paid = known(asked(reference, EWalletType.LINKAJA), "expired_at", "checkout_url")
        expect(paid.status, "COMPLETED", "status")

    def nothing():
        refused = refusal(asked, reference="JUDGE-NOTHING", wallet=EWalletType.OVO)
        expect(refused, (404, "PAYMENT_NOT_FOUND_ERROR"), "nothing")

    verdicts.check("oldest: a push to OVO is opened once, paid, asked about and told", ovo)
    verdicts.check("oldest: OVO answers in the form of an earlier version", ovo_before)
    verdicts.check("oldest: a page of DANA is opened, paid, asked about and told", dana)
    verdicts.check("oldest: a page of LinkAja is opened, paid and asked about", linkaja)
    verdicts.check("oldest: what is not there", nothing)


def judge_requests(merchant, verdicts):
    """Payment requests, as far as this library has them."""

    def paid_and_refunded():
        reference, made = merchant.request()
        expect((made.reference_id, made.status), (reference, "REQUIRES_ACTION"), "the request")
        expect(vars(merchant.requests.get(payment_request_id=made.id)), vars(made), "the request asked for")
        listed = merchant.requests.list(limit=10)
        if made.id not in [one.id for one in listed.data]:
            raise AssertionError("the list lacks it")
        merchant.act(reference, "settle")
        expect(merchant.requests.get(payment_request_id=made.id).status, "SUCCEEDED", "status")
        payments = merchant.methods.list_payments(payment_method_id=made.payment_method["id"])
        expect([one.payment_request_id for one in payments.data], [made.id], "payments")
        refund = merchant.refunds.create(
            payment_request_id=made.id, currency="IDR", amount=10_000, reason="REQUESTED_BY_CUSTOMER"
        )
        expect((refund.status, refund.payment_request_id), ("PENDING", made.id), "the refund")
        expect(vars(merchant.refunds.get(refund_id=refund.id)), vars(refund), "the refund asked for")
        listed = merchant.refund_list.list(payment_request_id=made.id)
        expect([one.id for one in listed.data], [refund.id], "refunds")

    def ended():
        _, made = merchant.request()
        method = merchant.methods.get(payment_method_id=made.payment_method["id"])
        expect(method.status, "ACTIVE", "status")
        expect(merchant.methods.expire(payment_method_id=method.id).status, "EXPIRED", "status")
        expect(merchant.requests.get(payment_request_id=made.id).status, "EXPIRED", "status")

    def method():
        made = merchant.method()
        expect(made.status, "ACTIVE", "status")
        listed = merchant.methods.list(type="EWALLET", channel_code="DANA", status="ACTIVE", limit=50)
        if made.id not in [one.id for one in listed.data]:
            raise AssertionError("the list lacks it")
        reference = new()
        request = merchant.requests.create(
            reference_id=reference, amount=25_000, currency="IDR", payment_method_id=made.id
        )
        expect((request.status, request.payment_method["id"]), ("REQUIRES_ACTION", made.id), "the request")
        merchant.act(reference, "settle")
        expect(merchant.methods.get(payment_method_id=made.id).status, "INACTIVE", "status")

    def switched():
        made = merchant.method()
        change, refused = merchant.methods.update, (400, "INVALID_PAYMENT_METHOD")
        off = change(payment_method_id=made.id, status="INACTIVE", description="Not now")
        expect((off.id, off.status, off.description), (made.id, "INACTIVE", "Not now"), "what was changed")
        expect(vars(merchant.methods.get(payment_method_id=made.id)), vars(off), "the method asked for")
        asked = {"amount": 25_000, "currency": "IDR", "payment_method_id": made.id}
        expect(refusal(merchant.requests.create, reference_id=new(), **asked), refused, "a request by it")
        on = change(payment_method_id=made.id, status="ACTIVE")
        expect((on.status, on.description), ("ACTIVE", "Not now"), "what was changed back")
        request = merchant.requests.create(reference_id=new(), **asked)
        expect(request.status, "REQUIRES_ACTION", "status of a request by it then")
        other = merchant.method()
        expect(refusal(change, payment_method_id=other.id, status="EXPIRED"), INVALID, "no such switch")
        merchant.methods.expire(payment_method_id=other.id)
        expect(refusal(change, payment_method_id=other.id, status="ACTIVE"), refused, "one that was ended")
        nothing = refusal(change, payment_method_id="pm-nothing", status="ACTIVE")
        expect(nothing, (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("request: by a payment method that was made before", method)
    verdicts.check("method: switched off and on", switched)
    verdicts.check("request: opened, listed, paid and refunded", paid_and_refunded)
    verdicts.check("request: ended by its payment method", ended)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = Merchant(simulator, listener)
    judge_charges(merchant, verdicts)
    judge_oldest(merchant, verdicts)
    judge_requests(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    # What calls Xendit are functions of the classes of its models, whatever these are named.
    classes = classes_of(models, ending="")
    return run_judge(__doc__, LIBRARY, "xendit_first", classes, judge, refusals=(XenditError,), helpers=HELPERS)


if __name__ == "__main__":
    sys.exit(main())
