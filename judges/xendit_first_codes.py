"""Xendit's own Python library, of the older kind, judges our simulator of what is older than payment requests: pages
to pay on, QRIS codes, virtual accounts, codes for tills and paying later; and of what confirms a direct debit. Usage:

    python xendit_first_codes.py --loket path/to/loket
"""

import datetime
import sys
import uuid

import requests
from xendit import Xendit, XenditError, models
from xendit.models.cardlesscredit import CardlessCreditType

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, new, run_judge
from xendit_first import HELPERS, INVALID, SECRET_KEY, UUID, Merchant, complete, refusal

LIBRARY = "xendit-python-0.2"
OBJECT_ID = r"[0-9a-f]{24}"
# What the bank sends to its customer in the test mode.
SENT = "333000"


class CodesMerchant(Merchant):
    """A shop that uses the rest of the library as well."""

    def __init__(self, simulator, listener):
        super().__init__(simulator, listener)
        self.base = simulator.url + "/sandbox/xendit"
        client = Xendit(api_key=SECRET_KEY, base_url=self.base)
        self.invoices = client.Invoice
        self.codes = client.QRCode
        self.accounts = client.VirtualAccount
        self.tills = client.RetailOutlet
        self.credit = client.CardlessCredit

    def test_mode(self, path, body, status=200):
        """One of the doors of the test mode, which the library does not have: what it answers."""
        answer = requests.post(self.base + path, json=body, auth=(SECRET_KEY, ""), timeout=CALL_LIMIT_S)
        expect(answer.status_code, status, f"the status of {path}")
        return answer.json()

    def later(self, seconds):
        """Lets time pass; returns what time it is then."""
        now = self.simulator.call("POST", "/sandbox/clock", {"advance_seconds": seconds}).json()["now"]
        return datetime.datetime.fromisoformat(now.replace("Z", "+00:00"))

    def in_an_hour(self):
        """A moment that is still to come, as it is sent."""
        return (self.later(1) + datetime.timedelta(hours=1)).isoformat()


def judge_invoices(merchant, verdicts):
    """Pages to pay on."""

    def make(reference, **more):
        asked = {"payer_email": "buyer@example.com", "description": "A top-up", "amount": 25_000}
        return merchant.invoices.create(external_id=reference, **{**asked, **more})

    def ended():
        reference = new()
        made = complete(make(reference), "customer")
        expect_match(made.id, OBJECT_ID, "id")
        expect((made.external_id, made.status, made.amount), (reference, "PENDING", 25_000), "the invoice")
        expect(made.available_ewallets[0], {"ewallet_type": "OVO"}, "the first wallet")
        expect(vars(merchant.invoices.get(invoice_id=made.id)), vars(made), "the invoice asked for")
        expect(merchant.invoices.expire(invoice_id=made.id).status, "EXPIRED", "status")
        expect(merchant.invoices.get(invoice_id=made.id).status, "EXPIRED", "status")
        refused = refusal(merchant.invoices.expire, invoice_id=made.id)
        expect(refused, (400, "INELIGIBLE_TRANSACTION_STATUS"), "one that is over, ended again")

    def limited():
        made = make(new(), payment_methods=["BCA", "DANA"], invoice_duration=60)
        expect([bank["bank_code"] for bank in made.available_banks], ["BCA"], "banks")
        expect(made.available_ewallets, [{"ewallet_type": "DANA"}], "wallets")
        expect((made.available_retail_outlets, made.should_exclude_credit_card), ([], True), "everything else")
        merchant.later(61)
        expect(merchant.invoices.get(invoice_id=made.id).status, "EXPIRED", "status when its time is over")
        refused = refusal(merchant.invoices.expire, invoice_id=made.id)
        expect(refused, (400, "INELIGIBLE_TRANSACTION_STATUS"), "one that is over, ended")

    def listed():
        first = make(new())
        merchant.later(1)
        second = make(new())
        merchant.invoices.expire(invoice_id=first.id)
        waiting = [one.id for one in merchant.invoices.list_all(statuses=["PENDING"], limit=100)]
        over = [one.id for one in merchant.invoices.list_all(statuses=["EXPIRED"], limit=100)]
        expect((second.id in waiting, first.id in waiting), (True, False), "whether it is among those that wait")
        expect((second.id in over, first.id in over), (False, True), "whether it is among those that are over")
        newest = merchant.invoices.list_all(limit=1)
        expect([one.id for one in newest], [second.id], "the newest")
        rest = [one.id for one in merchant.invoices.list_all(last_invoice_id=second.id, limit=1)]
        expect(rest, [first.id], "the one before")
        expect(refusal(merchant.invoices.list_all, statuses=["NONSENSE"]), INVALID, "where none can stand")

    def once():
        key, reference = uuid.uuid4().hex, new()
        first, again = make(reference, x_idempotency_key=key), make(reference, x_idempotency_key=key)
        expect(again.id, first.id, "id of the repetition")
        refused = refusal(make, reference=reference, amount=26_000, x_idempotency_key=key)
        expect(refused, (409, "IDEMPOTENCY_ERROR"), "another content")
        other = make(reference)
        if other.id == first.id:
            raise AssertionError("without a key it is another invoice")
        key = uuid.uuid4().hex
        for one in (first, other, first):
            ended = merchant.invoices.expire(invoice_id=one.id, x_idempotency_key=key)
            expect((ended.id, ended.status), (one.id, "EXPIRED"), "what one key ends")
        expect(merchant.invoices.get(invoice_id=other.id).status, "EXPIRED", "status of the second")

    def refused():
        for more, code in (
            ({"amount": 0}, "API_VALIDATION_ERROR"),
            ({"amount": "25000"}, "API_VALIDATION_ERROR"),
            ({"payer_email": "nobody"}, "EMAIL_FORMAT_ERROR"),
            ({"payer_email": "@"}, "EMAIL_FORMAT_ERROR"),
            ({"payer_email": "nobody@nowhere"}, "EMAIL_FORMAT_ERROR"),
            ({"invoice_duration": 31_536_001}, "API_VALIDATION_ERROR"),
            ({"invoice_duration": 9_000_000_000_000_000}, "API_VALIDATION_ERROR"),
            ({"payment_methods": ["CASH"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
            ({"currency": "USD"}, "UNSUPPORTED_CURRENCY"),
            ({"items": [{"name": "Diamonds"}]}, "API_VALIDATION_ERROR"),
            ({"items": [{"name": "", "price": 1, "quantity": 1}]}, "API_VALIDATION_ERROR"),
            ({"items": [{"name": "Diamonds", "price": -1, "quantity": 1}]}, "API_VALIDATION_ERROR"),
            ({"items": [{"name": "Diamonds", "price": 1, "quantity": 0}]}, "API_VALIDATION_ERROR"),
        ):
            expect(refusal(make, reference=new(), **more), (400, code), f"an invoice with {more}")
        for call in (merchant.invoices.get, merchant.invoices.expire):
            expect(refusal(call, invoice_id="0" * 24), (404, "INVOICE_NOT_FOUND_ERROR"), "nothing")

    verdicts.check("invoice: made, asked about and ended", ended)
    verdicts.check("invoice: limited to some ways, and its time is over", limited)
    verdicts.check("invoice: listed by where it stands", listed)
    verdicts.check("invoice: one key is one invoice", once)
    verdicts.check("invoice: what is refused", refused)


def judge_codes(merchant, verdicts):
    """QRIS codes."""

    def make(reference, **more):
        asked = {"type": "DYNAMIC", "callback_url": merchant.listener.url, "amount": 25_000}
        return merchant.codes.create(external_id=reference, **{**asked, **more})

    def paid():
        reference = new()
        made = complete(make(reference))
        expect_match(made.id, "qr_" + UUID, "id")
        expect_match(made.qr_string, r"000201.*540525000.*6304[0-9A-F]{4}", "qr_string")
        expect((made.external_id, made.status, made.amount), (reference, "ACTIVE", 25_000), "the code")
        expect(vars(merchant.codes.get_by_ext_id(external_id=reference)), vars(made), "the code asked for")
        payment = merchant.test_mode(f"/qr_codes/{reference}/payments/simulate", {})
        expect((payment["qr_code"]["id"], payment["amount"]), (made.id, 25_000), "the payment")
        expect(merchant.codes.get_by_ext_id(external_id=reference).status, "INACTIVE", "status")
        merchant.test_mode(f"/qr_codes/{reference}/payments/simulate", {}, status=400)

    def refused():
        reference = new()
        make(reference)
        expect(refusal(make, reference=reference), (409, "DUPLICATE_ERROR"), "a second one")
        for more in ({"amount": 25_000.5}, {"callback_url": "nowhere"}, {"type": "ANIMATED"}, {"amount": None}):
            expect(refusal(make, reference=new(), **more), (400, "API_VALIDATION_ERROR"), f"a code with {more}")
        nothing = refusal(merchant.codes.get_by_ext_id, external_id="JUDGE-NOTHING")
        expect(nothing, (404, "QR_CODE_NOT_FOUND_ERROR"), "nothing")

    def once():
        key, reference = uuid.uuid4().hex, new()
        first = make(reference, x_idempotency_key=key)
        expect(make(reference, x_idempotency_key=key).id, first.id, "id of the repetition")

        # The library has a key where it asks, too, and does not send it.
        def status():
            asked = {"headers": {"X-IDEMPOTENCY-KEY": key}, "auth": (SECRET_KEY, ""), "timeout": CALL_LIMIT_S}
            return requests.get(f"{merchant.base}/qr_codes/{reference}", **asked).json()["status"]

        expect(status(), "ACTIVE", "status")
        merchant.test_mode(f"/qr_codes/{reference}/payments/simulate", {})
        expect(status(), "INACTIVE", "status under the same key, later")

    def with_signs():
        reference = f"{new()} for Budi & 100% +1"
        made = make(reference)
        expect(vars(merchant.codes.get_by_ext_id(external_id=reference)), vars(made), "the code asked for")
        merchant.test_mode(f"/qr_codes/{reference.replace('%', '%25')}/payments/simulate", {})
        expect(merchant.codes.get_by_ext_id(external_id=reference).status, "INACTIVE", "status")

    verdicts.check("code: made, asked about by the shop's id, and paid once", paid)
    verdicts.check("code: what is refused", refused)
    verdicts.check("code: one key is one code, and who asks has none", once)
    verdicts.check("code: the shop's id has a blank and other signs", with_signs)


def judge_accounts(merchant, verdicts):
    """Virtual accounts."""

    def make(reference, **more):
        return merchant.accounts.create(**{"external_id": reference, "bank_code": "BNI", "name": "Loket", **more})

    def pay(reference, amount, status=200):
        path = f"/callback_virtual_accounts/external_id={reference}/simulate_payment"
        return merchant.test_mode(path, {"amount": amount}, status)

    def opened():
        reference = new()
        made = complete(make(reference), "suggested_amount", "expected_amount", "description")
        expect_match(made.id, OBJECT_ID, "id")
        expect_match(made.account_number, made.merchant_code + r"\d{12}", "account_number")
        expect((made.external_id, made.status, made.is_closed), (reference, "ACTIVE", False), "the account")
        expect(vars(merchant.accounts.get(id=made.id)), vars(made), "the account asked for")
        changed = merchant.accounts.update(id=made.id, suggested_amount=30_000, description="A top-up")
        expect((changed.suggested_amount, changed.description), (30_000, "A top-up"), "what was changed")
        expect(vars(merchant.accounts.get(id=made.id)), vars(changed), "the changed account asked for")
        paid = pay(reference, 12_345)
        payment = complete(merchant.accounts.get_payment(payment_id=paid["payment_id"]))
        expect((payment.amount, payment.external_id), (12_345, reference), "the payment")
        expect(payment.callback_virtual_account_id, made.id, "the account of the payment")
        expect(payment.account_number, made.account_number, "the number of the payment")
        expect(merchant.accounts.get(id=made.id).status, "ACTIVE", "status of one that is paid to again")

    def with_blank():
        reference = f"{new()} for Budi"
        made = make(reference)
        paid = pay(reference, 12_345)
        payment = merchant.accounts.get_payment(payment_id=paid["payment_id"])
        told = (payment.external_id, payment.callback_virtual_account_id)
        expect(told, (reference, made.id), "what was paid to")

    def closed():
        reference = new()
        made = make(reference, is_closed=True, is_single_use=True, expected_amount=25_000)
        expect(made.expected_amount, 25_000, "expected_amount")
        expect(pay(reference, 24_999, 400)["error_code"], "INVALID_AMOUNT_ERROR", "another amount")
        merchant.accounts.update(id=made.id, expected_amount=24_999)
        pay(reference, 24_999)
        expect(merchant.accounts.get(id=made.id).status, "INACTIVE", "status of what is paid to once")
        expect(pay(reference, 24_999, 400)["error_code"], "INACTIVE_VIRTUAL_ACCOUNT_ERROR", "a second payment")
        refused = refusal(merchant.accounts.update, id=made.id, expected_amount=1_000)
        expect(refused, (400, "INACTIVE_VIRTUAL_ACCOUNT_ERROR"), "a change")

    def over():
        reference = new()
        made = make(reference, expiration_date=merchant.in_an_hour())
        expect(made.status, "ACTIVE", "status")
        merchant.later(3_601)
        expect(merchant.accounts.get(id=made.id).status, "INACTIVE", "status when its time is over")
        expect(pay(reference, 1_000, 400)["error_code"], "INACTIVE_VIRTUAL_ACCOUNT_ERROR", "a payment")

    def refused():
        number = str(uuid.uuid4().int)[:10]
        make(new(), virtual_account_number=number)
        taken = refusal(make, reference=new(), virtual_account_number=number)
        expect(taken, (400, "DUPLICATE_CALLBACK_VIRTUAL_ACCOUNT_ERROR"), "a number that is taken")
        for more, code in (
            ({"bank_code": "BANK"}, "BANK_NOT_SUPPORTED_ERROR"),
            ({"is_closed": True}, "API_VALIDATION_ERROR"),
            ({"is_closed": "yes"}, "API_VALIDATION_ERROR"),
            ({"expiration_date": "2001-01-01T00:00:00Z"}, "API_VALIDATION_ERROR"),
            ({"virtual_account_number": "12AB"}, "API_VALIDATION_ERROR"),
        ):
            expect(refusal(make, reference=new(), **more), (400, code), f"an account with {more}")
        nothing = (404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR")
        expect(refusal(merchant.accounts.get, id="0" * 24), nothing, "nothing")
        expect(refusal(merchant.accounts.update, id="0" * 24, description="x"), nothing, "nothing, changed")
        expect(pay("JUDGE-NOTHING", 1_000, 404)["error_code"], nothing[1], "nothing, paid to")
        unpaid = refusal(merchant.accounts.get_payment, payment_id="nothing")
        expect(unpaid, (404, "CALLBACK_VIRTUAL_ACCOUNT_PAYMENT_NOT_FOUND_ERROR"), "no payment")

    verdicts.check("account: opened, changed, paid to and the payment asked about", opened)
    verdicts.check("account: the shop's id has a blank", with_blank)
    verdicts.check("account: closed, for one payment of one amount", closed)
    verdicts.check("account: its time is over", over)
    verdicts.check("account: what is refused", refused)


def judge_tills(merchant, verdicts):
    """Codes for tills."""

    def make(reference, **more):
        asked = {"retail_outlet_name": "ALFAMART", "name": "Loket", "expected_amount": 25_000}
        return merchant.tills.create_fixed_payment_code(external_id=reference, **{**asked, **more})

    def get(code):
        return merchant.tills.get_fixed_payment_code(fixed_payment_code_id=code.id)

    def changed():
        reference = new()
        # The library has its date under another name.
        made = complete(make(reference), "expiration_Date")
        expect_match(made.id, OBJECT_ID, "id")
        expect_match(made.payment_code, made.prefix + r"\d{12}", "payment_code")
        expect((made.external_id, made.status, made.expected_amount), (reference, "ACTIVE", 25_000), "the code")
        expect(vars(get(made)), vars(made), "the code asked for")
        change = merchant.tills.update_fixed_payment_code
        told = change(fixed_payment_code_id=made.id, name="Loket Two", expected_amount=30_000)
        expect((told.name, told.expected_amount, told.id), ("Loket Two", 30_000, made.id), "what was changed")
        expect(vars(get(made)), vars(told), "the changed code asked for")
        change(fixed_payment_code_id=made.id, expiration_date="2999-01-01T00:00:00Z")
        expect(get(made).expiration_date, "2999-01-01T00:00:00.000Z", "expiration_date")

    def over():
        made = make(new(), expiration_date=merchant.in_an_hour())
        expect(made.status, "ACTIVE", "status")
        merchant.later(3_601)
        expect(get(made).status, "EXPIRED", "status when its time is over")
        change = merchant.tills.update_fixed_payment_code
        refused = refusal(change, fixed_payment_code_id=made.id, expected_amount=30_000)
        expect(refused, (400, "INACTIVE_FIXED_PAYMENT_CODE_ERROR"), "a change")

    def refused():
        code = uuid.uuid4().hex[:10].upper()
        make(new(), payment_code=code)
        taken = refusal(make, reference=new(), payment_code=code)
        expect(taken, (400, "DUPLICATE_PAYMENT_CODE_ERROR"), "a code that is taken")
        expect(make(new(), payment_code=code, retail_outlet_name="INDOMARET").status, "ACTIVE", "elsewhere")
        for more, error in (
            ({"retail_outlet_name": "WARUNG"}, "RETAIL_OUTLET_NOT_SUPPORTED_ERROR"),
            ({"expected_amount": -1}, "API_VALIDATION_ERROR"),
            ({"is_single_use": 1}, "API_VALIDATION_ERROR"),
            ({"payment_code": "A B"}, "API_VALIDATION_ERROR"),
        ):
            expect(refusal(make, reference=new(), **more), (400, error), f"a code with {more}")
        for call in (merchant.tills.get_fixed_payment_code, merchant.tills.update_fixed_payment_code):
            nothing = refusal(call, fixed_payment_code_id="0" * 24)
            expect(nothing, (404, "FIXED_PAYMENT_CODE_NOT_FOUND_ERROR"), "nothing")

    verdicts.check("till: made, asked about and changed", changed)
    verdicts.check("till: its time is over", over)
    verdicts.check("till: what is refused", refused)


def judge_credit(merchant, verdicts):
    """Paying later."""

    def make(reference, **more):
        somebody = {"first_name": "Budi", "last_name": "Santoso", "phone": "081234567890"}
        item = merchant.credit.helper_create_item(
            id="1", name="Diamonds", price=25_000, type="Games", url="https://shop.example/1", quantity=1
        )
        asked = {
            "cardless_credit_type": CardlessCreditType.KREDIVO,
            "external_id": reference,
            "amount": 25_000,
            "payment_type": "3_months",
            "items": [item],
            "customer_details": {**somebody, "email": "buyer@example.com"},
            "shipping_address": {
                **somebody, "address": "Jalan 1", "city": "Jakarta", "postal_code": "10110", "country_code": "IDN",
            },
            "redirect_url": "https://shop.example/back",
            "callback_url": merchant.listener.url,
        }
        return merchant.credit.create_payment(**{**asked, **more})

    def made():
        reference, key = new(), uuid.uuid4().hex
        first = complete(make(reference, x_idempotency_key=key))
        expect((first.external_id, first.cardless_credit_type), (reference, "KREDIVO"), "the payment")
        expect_match(first.redirect_url, r"http://127\.0\.0\.1:\d+/.+", "the page")
        expect(vars(make(reference, x_idempotency_key=key)), vars(first), "the repetition")
        expect(refusal(make, reference=reference), (400, "EXTERNAL_ID_ALREADY_USED_ERROR"), "a second one")

    def refused():
        for more in (
            {"payment_type": "forever"},
            {"items": []},
            {"items": [{"id": "1"}]},
            {"customer_details": {"first_name": "Budi"}},
            {"shipping_address": "Jakarta"},
            {"amount": 0},
            {"redirect_url": "nowhere"},
            {"cardless_credit_type": "ANYONE"},
        ):
            expect(refusal(make, reference=new(), **more), (400, "API_VALIDATION_ERROR"), f"a payment with {more}")

    verdicts.check("credit: made once", made)
    verdicts.check("credit: what is refused", refused)


def judge_debit(merchant, verdicts):
    """A direct debit, which the buyer confirms by what the bank sends."""

    def make(**more):
        properties = {"mobile_number": "+6281234567890", "card_last_four": "8888", "card_expiry": "06/30"}
        debit = {"channel_code": "BRI", "type": "DEBIT_CARD", "channel_properties": {**properties, **more}}
        method = {"type": "DIRECT_DEBIT", "reusability": "ONE_TIME_USE", "direct_debit": debit}
        return merchant.requests.create(reference_id=new(), amount=25_000, currency="IDR", payment_method=method)

    def confirm(made, code):
        return merchant.requests.confirm(payment_request_id=made.id, auth_code=code)

    def confirmed():
        made = make()
        expect((made.status, made.payment_method["status"]), ("REQUIRES_ACTION", "PENDING"), "the request")
        expect([one["action"] for one in made.actions], ["AUTH"], "actions")
        expect(vars(merchant.requests.get(payment_request_id=made.id)), vars(made), "the request asked for")
        wrong = refusal(merchant.requests.confirm, payment_request_id=made.id, auth_code="000000")
        expect(wrong, (400, "INVALID_OTP_ERROR"), "another code")
        expect(merchant.requests.get(payment_request_id=made.id).status, "REQUIRES_ACTION", "status")
        expect(confirm(made, SENT).status, "SUCCEEDED", "status")
        expect(merchant.requests.get(payment_request_id=made.id).status, "SUCCEEDED", "status")
        again = refusal(merchant.requests.confirm, payment_request_id=made.id, auth_code=SENT)
        expect(again, (400, "INELIGIBLE_TRANSACTION_STATUS"), "what was confirmed")

    def refused():
        for more in (
            {"card_last_four": "88"},
            {"card_expiry": None},
            {"card_expiry": "13/30"},
            {"card_expiry": "06/20"},
            {"card_expiry": "06-30"},
            {"mobile_number": 81},
        ):
            expect(refusal(make, **more), INVALID, f"a debit with {more}")
        _, wallet = merchant.request()
        never = refusal(merchant.requests.confirm, payment_request_id=wallet.id, auth_code=SENT)
        expect(never, (400, "INELIGIBLE_TRANSACTION_STATUS"), "a request by a wallet")
        nothing = refusal(merchant.requests.confirm, payment_request_id="pr-nothing", auth_code=SENT)
        expect(nothing, (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("debit: confirmed by the code that was sent", confirmed)
    verdicts.check("debit: what is refused", refused)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = CodesMerchant(simulator, listener)
    judge_invoices(merchant, verdicts)
    judge_codes(merchant, verdicts)
    judge_accounts(merchant, verdicts)
    judge_tills(merchant, verdicts)
    judge_credit(merchant, verdicts)
    judge_debit(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(models, ending=""), (XenditError,)
    return run_judge(__doc__, LIBRARY, "xendit_first_codes", classes, judge, refusals=refusals, helpers=HELPERS)


if __name__ == "__main__":
    sys.exit(main())
