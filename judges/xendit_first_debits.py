"""Xendit's own Python library, of the older kind, judges what our simulator has of cards, direct debit and
recurring payments: products that the shop does not take money by. Usage:

    python xendit_first_debits.py --loket path/to/loket
"""

import sys
import uuid

import requests
import xendit
from xendit import Xendit, XenditError, models
from xendit.models.directdebit import DirectDebit, DirectDebitPaymentMethodType

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, new, run_judge
from xendit_first import HELPERS, INVALID, SECRET_KEY, UUID, complete, refusal

LIBRARY = "xendit-python-0.2"
# What a page of Xendit's makes of a card.
TOKEN = "5f0410898bcf7a001a00879d"
OBJECT_ID = r"[0-9a-f]{24}"
INELIGIBLE = (400, "INELIGIBLE_TRANSACTION_STATUS")
NOTHING = (404, "DATA_NOT_FOUND")
ANOTHER_CONTENT = (409, "IDEMPOTENCY_ERROR")


class Cards:
    """A shop that takes cards."""

    def __init__(self, client):
        self.calls = client.CreditCard

    def authorize(self, amount=75_000, **more):
        """An amount that is authorised."""
        asked = {"token_id": TOKEN, "external_id": new(), "amount": amount, "card_cvn": "123", **more}
        return self.calls.create_authorization(**asked)

    def charge(self, amount=75_000, **more):
        """An amount that is charged at once."""
        asked = {"token_id": TOKEN, "external_id": new(), "amount": amount, "card_cvn": "123", **more}
        return self.calls.create_charge(**asked)

    def get(self, charge):
        """The charge asked for."""
        return self.calls.get_charge(credit_card_charge_id=charge.id)

    def capture(self, charge, amount):
        """Captures this much."""
        return self.calls.capture_charge(credit_card_charge_id=charge.id, amount=amount)

    def reverse(self, charge):
        """Lets go of what was authorised."""
        return self.calls.reverse_authorization(credit_card_charge_id=charge.id, external_id=new())

    def refund(self, charge, amount, **more):
        """Gives this much back."""
        asked = {"external_id": new(), **more}
        return self.calls.create_refund(credit_card_charge_id=charge.id, amount=amount, **asked)


def judge_cards(cards, verdicts):
    """Cards: authorised and captured or let go, or charged at once; and given back."""

    def captured():
        reference = new()
        installment = cards.calls.helper_create_installment(count=3, interval="month")
        made = cards.authorize(external_id=reference, mid_label="LOKET", installment=installment, metadata={"a": "b"})
        complete(made, "failure_reason", "promotion")
        expect_match(made.id, OBJECT_ID, "id")
        expect((made.status, made.external_id, made.metadata), ("AUTHORIZED", reference, {"a": "b"}), "the charge")
        expect((made.authorized_amount, made.capture_amount), (75_000, 0), "its amounts")
        expect(vars(cards.get(made)), vars(made), "the charge asked for")
        refused = refusal(cards.capture, charge=made, amount=75_001)
        expect(refused, (400, "CAPTURE_AMOUNT_EXCEEDED"), "more than was authorised")
        taken = cards.capture(made, 50_000)
        expect((taken.id, taken.status, taken.capture_amount), (made.id, "CAPTURED", 50_000), "what was captured")
        expect(vars(cards.get(made)), vars(taken), "the charge asked for")
        expect(refusal(cards.capture, charge=made, amount=10_000), INELIGIBLE, "captured again")
        expect(refusal(cards.reverse, charge=made), INELIGIBLE, "let go, though captured")
        refused = refusal(cards.refund, charge=made, amount=50_001)
        expect(refused, (400, "REFUND_AMOUNT_EXCEEDED"), "more back than was captured")

    def let_go():
        made = cards.authorize()
        expect(refusal(cards.refund, charge=made, amount=1_000), INELIGIBLE, "given back, though not captured")
        gone = complete(cards.reverse(made), "failure_reason")
        expect((gone.status, gone.amount, gone.credit_card_charge_id), ("SUCCEEDED", 75_000, made.id), "the reversal")
        expect(cards.get(made).status, "REVERSED", "status")
        expect(refusal(cards.reverse, charge=made), INELIGIBLE, "let go again")
        expect(refusal(cards.capture, charge=made, amount=75_000), INELIGIBLE, "captured, though let go")

    def at_once():
        made = cards.charge()
        expect((made.status, made.capture_amount), ("CAPTURED", 75_000), "the charge")
        expect(vars(cards.get(made)), vars(made), "the charge asked for")
        key, reference = new(), new()
        back = complete(cards.refund(made, 10_000, external_id=reference, x_idempotency_key=key), "failure_reason")
        expect((back.status, back.amount, back.external_id), ("REQUESTED", 10_000, reference), "the refund")
        again = cards.refund(made, 10_000, external_id=reference, x_idempotency_key=key)
        expect(again.id, back.id, "id of the repetition")
        refused = refusal(cards.refund, charge=made, amount=65_001)
        expect(refused, (400, "REFUND_AMOUNT_EXCEEDED"), "more than is left")
        cards.refund(made, 65_000)
        refused = refusal(cards.refund, charge=made, amount=1)
        expect(refused, (400, "REFUND_AMOUNT_EXCEEDED"), "more, though nothing is left")

    def repeated():
        asked = {"external_id": new(), "x_idempotency_key": new()}
        made = cards.charge(**asked)
        expect(cards.charge(**asked).id, made.id, "id of the repetition")
        expect(refusal(cards.charge, amount=75_001, **asked), ANOTHER_CONTENT, "another content")
        refused = refusal(cards.charge, external_id=asked["external_id"])
        expect(refused, (400, "EXTERNAL_ID_ALREADY_USED_ERROR"), "without the key")

    def refused():
        nothing = "0" * 24
        expect(refusal(cards.calls.get_charge, credit_card_charge_id=nothing), NOTHING, "nothing")
        asked = {"credit_card_charge_id": nothing, "amount": 1_000}
        expect(refusal(cards.calls.capture_charge, **asked), NOTHING, "nothing, captured")
        expect(refusal(cards.calls.create_refund, external_id=new(), **asked), NOTHING, "nothing, given back")
        expect(refusal(cards.charge, token_id="no token"), (404, "TOKEN_NOT_FOUND_ERROR"), "no token")
        for amount in ("a lot", 0, 10.5):
            expect(refusal(cards.charge, amount=amount), INVALID, f"a charge of {amount}")

    verdicts.check("card: authorised, captured in part, and asked about", captured)
    verdicts.check("card: authorised and let go", let_go)
    verdicts.check("card: charged at once, and given back in parts", at_once)
    verdicts.check("card: one key is one charge", repeated)
    verdicts.check("card: what is not there, and what is not in its form", refused)


class Debits:
    """A shop that takes money from linked bank accounts."""

    def __init__(self, base):
        # What a client of this version has by this name is another class, without a call. The right one makes its
        # calls by what is set for the whole library.
        xendit.api_key, xendit.base_url = SECRET_KEY, base
        self.calls = DirectDebit

    def method(self, customer, **more):
        """A customer's linked card."""
        properties = self.calls.helper_create_payment_method_properties(id=f"la-{uuid.uuid4()}")
        kind = DirectDebitPaymentMethodType.DEBIT_CARD
        asked = {"customer_id": customer, "type": kind, "properties": properties, **more}
        return self.calls.create_payment_method(**asked)

    def pay(self, method, **more):
        """A payment by it."""
        asked = {
            "reference_id": new(),
            "payment_method_id": method,
            "currency": "IDR",
            "amount": "60000",
            "callback_url": "https://shop.example/told",
            "idempotency_key": new(),
            **more,
        }
        return self.calls.create_payment(**asked)

    def get(self, payment):
        """The payment asked for."""
        return self.calls.get_payment_status(direct_debit_id=payment.id)

    def confirm(self, payment, code):
        """What the customer types."""
        return self.calls.validate_payment_otp(direct_debit_id=payment.id, otp_code=code)


def judge_debits(debits, verdicts):
    """Direct debit: a linked card, and payments that the bank asks a code for."""
    customer = str(uuid.uuid4())

    def methods():
        made = complete(debits.method(customer))
        expect_match(made.id, "pm-" + UUID, "id")
        expect((made.status, made.customer_id, made.type), ("ACTIVE", customer, "DEBIT_CARD"), "the method")
        listed = debits.calls.get_payment_methods_by_customer_id(customer_id=customer)
        expect([vars(one) for one in listed], [vars(made)], "the customer's methods")
        other = debits.calls.get_payment_methods_by_customer_id(customer_id=str(uuid.uuid4()))
        expect(other, [], "methods of somebody else")
        expect(refusal(debits.method, customer="somebody"), NOTHING, "no customer")
        expect(refusal(debits.method, customer=customer, properties={}), INVALID, "no account")

    def confirmed():
        method = debits.method(customer).id
        basket = debits.calls.helper_create_basket(reference_id=new(), name="Diamonds", market="ID", type="GOODS")
        made = complete(debits.pay(method, enable_otp=True, basket=[basket]))
        expect_match(made.id, "ddpy-" + UUID, "id")
        expect((made.status, made.amount, made.is_otp_required), ("PENDING", 60_000, True), "the payment")
        expect((made.payment_method_id, made.basket[0]["name"]), (method, "Diamonds"), "by what, and for what")
        expect(vars(debits.get(made)), vars(made), "the payment asked for")
        expect(refusal(debits.confirm, payment=made, code="111111"), (400, "INVALID_OTP"), "a wrong code")
        expect(debits.get(made).status, "PENDING", "status after a wrong code")
        done = debits.confirm(made, "222000")
        expect((done.id, done.status), (made.id, "COMPLETED"), "the payment")
        listed = debits.calls.get_payment_status_by_ref_id(reference_id=made.reference_id)
        expect([vars(one) for one in listed], [vars(done)], "the payments by the reference")
        expect(refusal(debits.confirm, payment=made, code="222000"), INELIGIBLE, "the code again")

    def without():
        made = debits.pay(debits.method(customer).id, enable_otp=False)
        expect((made.status, made.is_otp_required), ("COMPLETED", False), "the payment")
        expect(refusal(debits.confirm, payment=made, code="222000"), INELIGIBLE, "a code, though none is asked for")

    def repeated():
        asked = {"method": debits.method(customer).id, "reference_id": new(), "idempotency_key": new()}
        made = debits.pay(**asked)
        expect(debits.pay(**asked).id, made.id, "id of the repetition")
        expect(refusal(debits.pay, amount=60_001, **asked), ANOTHER_CONTENT, "another content")
        listed = debits.calls.get_payment_status_by_ref_id(reference_id=made.reference_id)
        expect([one.id for one in listed], [made.id], "the payments by the reference")

    def refused():
        method = debits.method(customer).id
        expect(refusal(debits.pay, method=f"pm-{uuid.uuid4()}"), NOTHING, "no method")
        expect(refusal(debits.pay, method=method, amount="a lot"), INVALID, "no amount")
        expect(refusal(debits.pay, method=method, currency="PHP"), (400, "UNSUPPORTED_CURRENCY"), "another currency")
        asked = {"direct_debit_id": f"ddpy-{uuid.uuid4()}"}
        expect(refusal(debits.calls.get_payment_status, **asked), NOTHING, "nothing")
        expect(refusal(debits.calls.validate_payment_otp, otp_code="222000", **asked), NOTHING, "nothing, confirmed")
        expect(debits.calls.get_payment_status_by_ref_id(reference_id=new()), [], "nothing by a reference")

    verdicts.check("debit: a linked card is a method of its customer", methods)
    verdicts.check("debit: a payment waits for the right code", confirmed)
    verdicts.check("debit: a payment for which no code is asked", without)
    verdicts.check("debit: one key is one payment", repeated)
    verdicts.check("debit: what is not there, and what is not in its form", refused)


def judge_subscriptions(recurring, base, verdicts):
    """What is charged again by itself."""

    def make(**more):
        asked = {
            "external_id": new(),
            "payer_email": "buyer@shop.example",
            "description": "A pass each month",
            "amount": 100_000,
            "interval": "MONTH",
            "interval_count": 1,
            **more,
        }
        return recurring.create(**asked)

    def made():
        optional = {
            "invoice_duration": 86_400,
            "credit_card_token": TOKEN,
            "payment_method_id": f"pm-{uuid.uuid4()}",
            "success_redirect_url": "https://shop.example/done",
            "failure_redirect_url": "https://shop.example/failed",
            "charge_immediately": True,
        }
        full = complete(make(**optional))
        expect({name: getattr(full, name) for name in optional}, optional, "what was asked for")
        one = complete(make(x_idempotency_key=new()), *optional)
        expect_match(one.id, OBJECT_ID, "id")
        expect((one.status, one.amount, one.interval), ("ACTIVE", 100_000, "MONTH"), "the recurring payment")
        expect(vars(recurring.get(id=one.id)), vars(one), "the recurring payment asked for")
        asked = {"external_id": new(), "x_idempotency_key": new()}
        expect(make(**asked).id, make(**asked).id, "id of the repetition")

    def turned():
        one = make()
        edited = recurring.edit(id=one.id, interval_count=2, amount=50_000)
        expect((edited.interval_count, edited.amount, edited.interval), (2, 50_000, "MONTH"), "what was changed")
        expect(refusal(recurring.edit, id=one.id, interval="YEAR"), INVALID, "no interval")
        expect(refusal(recurring.resume, id=one.id), INELIGIBLE, "resumed, though not paused")
        expect(recurring.pause(id=one.id).status, "PAUSED", "status")
        expect(recurring.get(id=one.id).status, "PAUSED", "status asked for")
        expect(refusal(recurring.pause, id=one.id), INELIGIBLE, "paused again")
        expect(recurring.resume(id=one.id).status, "ACTIVE", "status")
        stopped = recurring.stop(id=one.id)
        expect((stopped.status, stopped.interval_count), ("STOPPED", 2), "what was stopped")
        expect(vars(recurring.get(id=one.id)), vars(stopped), "the recurring payment asked for")
        for name, call in (("stop", recurring.stop), ("pause", recurring.pause), ("resume", recurring.resume)):
            expect(refusal(call, id=one.id), INELIGIBLE, f"{name}, though stopped")
        expect(refusal(recurring.edit, id=one.id, amount=1_000), INELIGIBLE, "changed, though stopped")

    def one_key():
        first, second = make(), make()
        for call, status in ((recurring.pause, "PAUSED"), (recurring.resume, "ACTIVE"), (recurring.stop, "STOPPED")):
            asked = {"x_idempotency_key": new()}
            for one in (first, second, first):
                done = call(id=one.id, **asked)
                expect((done.id, done.status), (one.id, status), "what is answered under one key")
            for one in (first, second):
                expect(recurring.get(id=one.id).status, status, "status asked for")

    def spelled():
        one = make()
        path = f"{base}/recurring_payments/{one.id}/stop%21"
        answer = requests.post(path, json={}, auth=(SECRET_KEY, ""), timeout=CALL_LIMIT_S)
        expect((answer.status_code, answer.json()["status"]), (200, "STOPPED"), "the answer")
        expect(recurring.get(id=one.id).status, "STOPPED", "status")

    def later():
        start = "2099-01-31T10:00:00.000Z"
        expect(make(start_date=start).start_date, start, "start_date")

    def refused():
        calls = (recurring.get, recurring.edit, recurring.stop, recurring.pause, recurring.resume)
        expect([refusal(call, id="0" * 24) for call in calls], [NOTHING] * len(calls), "nothing")
        for wrong in (
            {"interval": "YEAR"},
            {"interval_count": 0},
            {"payer_email": "nobody"},
            {"amount": "a lot"},
            {"start_date": "2020-01-31T10:00:00.000Z"},
            {"start_date": "tomorrow"},
        ):
            expect(refusal(make, **wrong), INVALID, f"with {wrong}")

    verdicts.check("recurring: made and asked about", made)
    verdicts.check("recurring: changed, paused, resumed and stopped", turned)
    verdicts.check("recurring: one key is one call to one of them", one_key)
    verdicts.check("recurring: stopped by a path that is spelled otherwise", spelled)
    verdicts.check("recurring: one that begins later", later)
    verdicts.check("recurring: what is not there, and what is not in its form", refused)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    base = simulator.url + "/sandbox/xendit"
    client = Xendit(api_key=SECRET_KEY, base_url=base)
    judge_cards(Cards(client), verdicts)
    judge_debits(Debits(base), verdicts)
    judge_subscriptions(client.RecurringPayment, base, verdicts)
    verdicts.check("nothing of it is told by a callback", lambda: expect(listener.received(), [], "callbacks"))


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(models, ending=""), (XenditError,)
    return run_judge(__doc__, LIBRARY, "xendit_first_debits", classes, judge, refusals=refusals, helpers=HELPERS)


if __name__ == "__main__":
    sys.exit(main())
