"""Xendit's own Python library, of the newer kind, judges our simulator of what the shop does not use of its second
generation: pages to pay on, the account's book, what is captured or confirmed, and the simulated payment of a method.
Usage:

    python xendit_second_invoices.py --loket path/to/loket
"""

import datetime
import sys
import time
import uuid

import requests
import xendit
from xendit.apis import InvoiceApi, TransactionApi
from xendit.balance_and_transaction.model.channels_categories import ChannelsCategories
from xendit.balance_and_transaction.model.transaction_statuses import TransactionStatuses
from xendit.balance_and_transaction.model.transaction_types import TransactionTypes
from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
from xendit.invoice.model.invoice_status import InvoiceStatus
from xendit.payment_method.model.simulate_payment_request import SimulatePaymentRequest
from xendit.payment_request.model.capture_parameters import CaptureParameters
from xendit.payment_request.model.payment_request_auth_parameters import PaymentRequestAuthParameters
from xendit.payment_request.model.payment_request_parameters import PaymentRequestParameters
from xendit.refund.model.create_refund import CreateRefund

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, new, run_judge
from xendit_second import SECRET_KEY, UUID, Merchant, read, refusal, text

LIBRARY = "xendit-python-7"
# What the bank sends to its customer in the test mode.
SENT = "333000"


class FurtherMerchant(Merchant):
    """A shop that uses the rest of the library as well."""

    def __init__(self, simulator, listener):
        super().__init__(simulator, listener)
        self.base = simulator.url + "/sandbox/xendit"
        client = xendit.ApiClient(xendit.Configuration(host=self.base, api_key=SECRET_KEY))
        self.invoices = InvoiceApi(client)
        self.book = TransactionApi(client)

    def later(self, seconds):
        """Time passes."""
        self.simulator.call("POST", "/sandbox/clock", {"advance_seconds": seconds})

    def ask(self, **more):
        """Opens a payment request as it is asked for."""
        asked = {"reference_id": new(), "amount": 25_000.0, "currency": "IDR", **more}
        return self.requests.create_payment_request(payment_request_parameters=read(PaymentRequestParameters, asked))

    def unread(self, path):
        """Asks what the library itself would not ask; returns the HTTP status, and what is said."""
        answer = requests.get(self.base + path, auth=(SECRET_KEY, ""), timeout=CALL_LIMIT_S)
        body = answer.json()
        return answer.status_code, body.get("message") if isinstance(body, dict) else None

    def card(self, capture="MANUAL", **more):
        """Opens a payment request by a card whose bank does not ask its holder."""
        details = {"card_number": "4000000000000002", "expiry_month": "12", "expiry_year": "2099", **more}
        card = {"channel_properties": {"skip_three_d_secure": True}, "card_information": details}
        method = {"type": "CARD", "reusability": "ONE_TIME_USE", "card": card}
        return self.ask(capture_method=capture, payment_method=method)

    def debit(self):
        """Opens a payment request by a bank account."""
        properties = {"mobile_number": "+6281234567890", "card_last_four": "8888", "card_expiry": "06/30"}
        debit = {"channel_code": "BRI", "type": "DEBIT_CARD", "channel_properties": properties}
        return self.ask(payment_method={"type": "DIRECT_DEBIT", "reusability": "ONE_TIME_USE", "direct_debit": debit})

    def stands(self, made, status):
        """Fails unless a payment request is told to stand there."""
        expect(text(self.requests.get_payment_request_by_id(made.id).status), status, "status")


def judge_invoices(merchant, verdicts):
    """Pages to pay on."""

    def make(reference, **more):
        asked = {"external_id": reference, "amount": 25_000.0, "description": "A top-up", **more}
        return merchant.invoices.create_invoice(read(CreateInvoiceRequest, asked))

    def ended():
        reference = new()
        item = {"name": "Diamonds", "price": 25_000.0, "quantity": 1.0}
        made = make(reference, items=[item], customer={"given_names": "Budi"}, metadata={"order": reference})
        expect_match(made.id, r"[0-9a-f]{24}", "id")
        expect((made.external_id, float(made.amount), text(made.status)), (reference, 25_000.0, "PENDING"), "it")
        expect((made.items[0].name, made.customer.given_names), ("Diamonds", "Budi"), "what it repeats")
        expect(made.expiry_date - made.created, datetime.timedelta(days=1), "how long it waits")
        expect(text(made.available_ewallets[0].ewallet_type), "OVO", "the first wallet")
        asked = merchant.invoices.get_invoice_by_id(made.id)
        expect(asked.to_dict(), made.to_dict(), "the invoice asked for")
        expect(text(merchant.invoices.expire_invoice(made.id).status), "EXPIRED", "status")
        expect(text(merchant.invoices.get_invoice_by_id(made.id).status), "EXPIRED", "status")
        again = refusal(merchant.invoices.expire_invoice, made.id)
        expect(again, (400, "INELIGIBLE_TRANSACTION_STATUS"), "one that is over, ended again")

    def listed():
        reference = new()
        first = make(reference, invoice_duration=60.0)
        merchant.later(1)
        second = make(reference)
        found = merchant.invoices.get_invoices(external_id=reference)
        expect([one.id for one in found], [second.id, first.id], "what is listed by the reference")
        found = merchant.invoices.get_invoices(external_id=reference, limit=1.0)
        expect([one.id for one in found], [second.id], "the first of it")
        found = merchant.invoices.get_invoices(external_id=reference, last_invoice=second.id)
        expect([one.id for one in found], [first.id], "the rest of it")
        found = merchant.invoices.get_invoices(external_id=reference, created_after=first.created)
        expect([one.id for one in found], [second.id], "what came after the first")
        merchant.later(60)
        for status, expected in (("EXPIRED", first), ("PENDING", second)):
            found = merchant.invoices.get_invoices(external_id=reference, statuses=[InvoiceStatus(status)])
            expect([one.id for one in found], [expected.id], f"what is {status}")
        expect(merchant.unread("/v2/invoices?statuses=NONSENSE")[0], 400, "HTTP status of a word that nobody knows")

    def refused():
        for more, code in (
            ({"amount": 0.5}, "API_VALIDATION_ERROR"),
            ({"invoice_duration": -1.0}, "API_VALIDATION_ERROR"),
            ({"invoice_duration": 31_536_001.0}, "API_VALIDATION_ERROR"),
            ({"payer_email": "nobody"}, "EMAIL_FORMAT_ERROR"),
            ({"payer_email": "nobody@"}, "EMAIL_FORMAT_ERROR"),
            ({"items": [{"name": "Diamonds", "price": 0.0, "quantity": 1.0}]}, "API_VALIDATION_ERROR"),
            ({"payment_methods": ["CASH"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
            ({"currency": "USD"}, "UNSUPPORTED_CURRENCY"),
        ):
            expect(refusal(make, new(), **more), (400, code), f"an invoice with {more}")
        for call in (merchant.invoices.get_invoice_by_id, merchant.invoices.expire_invoice):
            expect(refusal(call, "0" * 24), (404, "INVOICE_NOT_FOUND_ERROR"), "nothing")

    verdicts.check("invoice: made, asked about and ended", ended)
    verdicts.check("invoice: listed by reference, time and where it stands", listed)
    verdicts.check("invoice: what is refused", refused)


def judge_book(merchant, verdicts):
    """The account's book: of what was paid and given back, and of nothing else."""

    def lines(**asked):
        return merchant.book.get_all_transactions(**asked).data

    def written():
        reference, made = merchant.open("DANA")
        expect(lines(reference_id=reference), [], "what is written of it before it is paid")
        merchant.act(reference, "settle")
        (payment,) = lines(reference_id=reference)
        expect((text(payment.type), text(payment.status)), ("PAYMENT", "SUCCESS"), "the payment")
        expect((float(payment.amount), payment.cashflow), (25_000.0, "MONEY_IN"), "amount of the payment")
        expect((payment.product_id, text(payment.channel_category)), (made.id, "EWALLET"), "what it is of")
        asked = merchant.book.get_transaction_by_id(text(payment.id))
        expect(asked.to_dict(), payment.to_dict(), "the payment asked for")
        key = new()
        refund = CreateRefund(
            payment_request_id=made.id, currency="IDR", reason="CANCELLATION", amount=10_000.0, reference_id=key
        )
        merchant.refunds.create_refund(idempotency_key=key, create_refund=refund)
        (given,) = lines(reference_id=key)
        expect((text(given.type), text(given.status)), ("REFUND", "PENDING"), "the refund")
        expect((float(given.amount), given.cashflow), (10_000.0, "MONEY_OUT"), "amount of the refund")
        merchant.later(30)
        deadline = time.monotonic() + CALL_LIMIT_S
        while text(merchant.book.get_transaction_by_id(text(given.id)).status) != "SUCCESS":
            if time.monotonic() > deadline:
                raise AssertionError("the refund does not succeed")
            time.sleep(0.1)

    def searched():
        references = []
        for amount in (31_000, 32_000, 33_000):
            reference, _ = merchant.open("OVO", amount)
            merchant.act(reference, "settle")
            merchant.later(1)
            references.append(reference)
        first = merchant.book.get_all_transactions(types=[TransactionTypes("PAYMENT")], limit=2.0)
        expect([one.reference_id for one in first.data], [references[2], references[1]], "the newest")
        expect((first.has_more, first.links[0].rel), (True, "next"), "whether there is more")
        behind = lines(after_id=text(first.data[1].id), limit=1.0)
        expect([one.reference_id for one in behind], [references[0]], "what is behind them")
        before = lines(before_id=text(first.data[1].id))
        expect([one.reference_id for one in before], [references[2]], "what is before the second")
        expect([one.reference_id for one in lines(amount=32_000.0)], [references[1]], "what is of this amount")
        wallets = [ChannelsCategories("EWALLET")]
        found = lines(statuses=[TransactionStatuses("SUCCESS")], channel_categories=wallets, limit=3.0)
        expect([one.reference_id for one in found], references[::-1], "what succeeded")
        expect(lines(statuses=[TransactionStatuses("FAILED")]), [], "what failed")
        expect(lines(channel_categories=[ChannelsCategories("CARDS")]), [], "cards")

    def no_words():
        for query in (
            "types=NONSENSE",
            "types=PAYMENT&types=NONSENSE",
            "statuses=NONSENSE",
            "channel_categories=NONSENSE",
            "currency=NONSENSE",
            "amount=abc",
            "limit=abc",
            "colour=red",
        ):
            expect(merchant.unread(f"/transactions?{query}")[0], 400, f"HTTP status of a list by {query}")

    def nothing():
        call = merchant.book.get_transaction_by_id
        expect(refusal(call, f"txn_{uuid.uuid4()}"), (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("book: a payment and its refund, when they are made", written)
    verdicts.check("book: searched and turned over", searched)
    verdicts.check("book: what cannot be searched for", no_words)
    verdicts.check("book: what is not there", nothing)


def judge_captures(merchant, verdicts):
    """What was authorised with a card, and is captured later."""

    def capture(made, amount, **more):
        asked = CaptureParameters(capture_amount=float(amount), **more)
        return merchant.requests.capture_payment_request(made.id, capture_parameters=asked)

    def captures(made):
        return [one.id for one in merchant.requests.get_payment_request_captures(made.id).data.value]

    def captured():
        made = merchant.card()
        expect(text(made.status), "AWAITING_CAPTURE", "status")
        expect(made.payment_method.card.card_information.masked_card_number, "400000XXXXXX0002", "the card")
        asked = merchant.requests.get_payment_request_by_id(made.id)
        expect(asked.to_dict(), made.to_dict(), "the request asked for")
        expect(captures(made), [], "captures")
        expect(refusal(capture, made, 25_001), (400, "CAPTURE_AMOUNT_EXCEEDED"), "more than was authorised")
        merchant.stands(made, "AWAITING_CAPTURE")
        done = capture(made, 20_000, reference_id="JUDGE-CAPTURE")
        expect_match(done.id, "cptr-" + UUID, "id")
        expect((float(done.authorized_amount), float(done.captured_amount)), (25_000.0, 20_000.0), "amounts")
        expect((done.status, done.payment_request_id), ("SUCCEEDED", made.id), "the capture")
        expect(done.reference_id, "JUDGE-CAPTURE", "reference_id")
        merchant.stands(made, "SUCCEEDED")
        listed = merchant.requests.get_payment_request_captures(made.id, limit=1)
        expect([one.to_dict() for one in listed.data.value], [done.to_dict()], "captures")
        expect(refusal(capture, made, 5_000), (400, "INELIGIBLE_TRANSACTION_STATUS"), "another capture")
        expect(captures(made), [done.id], "captures")
        other = merchant.unread(f"/payment_requests/{made.id}/captures?after_id={done.id}")
        expect(other, (400, "a list by after_id is not simulated"), "captures by what is not simulated")
        other = merchant.unread(f"/payment_requests/{made.id}/captures?limit=101")
        expect(other, (400, "limit is from 1 to 100"), "too many captures")

    def no_card():
        last_month = datetime.datetime.now(datetime.timezone.utc).replace(day=1) - datetime.timedelta(days=1)
        for more in (
            {"expiry_month": "99"},
            {"expiry_month": "00"},
            {"expiry_year": "1999"},
            {"expiry_month": f"{last_month:%m}", "expiry_year": f"{last_month:%Y}"},
        ):
            expect(refusal(merchant.card, **more), (400, "API_VALIDATION_ERROR"), f"a card with {more}")

    def automatic():
        made = merchant.card("AUTOMATIC")
        expect(text(made.status), "SUCCEEDED", "status")
        expect(refusal(capture, made, 25_000), (400, "INELIGIBLE_TRANSACTION_STATUS"), "a capture")

    def wallet():
        _, made = merchant.open("DANA")
        expect(captures(made), [], "captures")
        expect(refusal(capture, made, 25_000), (400, "INELIGIBLE_TRANSACTION_STATUS"), "a capture")

    def nothing():
        captures_of = merchant.requests.get_payment_request_captures
        expect(refusal(captures_of, "pr-nothing"), (404, "DATA_NOT_FOUND"), "captures of nothing")
        asked = CaptureParameters(capture_amount=1.0)
        refused = refusal(merchant.requests.capture_payment_request, "pr-nothing", capture_parameters=asked)
        expect(refused, (404, "DATA_NOT_FOUND"), "a capture of nothing")

    verdicts.check("capture: of a part, once, and listed", captured)
    verdicts.check("capture: of no card that is over", no_card)
    verdicts.check("capture: what was captured at once is not captured again", automatic)
    verdicts.check("capture: a wallet has none", wallet)
    verdicts.check("capture: what is not there", nothing)


def judge_debits(merchant, verdicts):
    """What is paid from a bank account, and confirmed by what the bank sends."""

    def authorize(identity, code):
        asked = PaymentRequestAuthParameters(auth_code=code)
        return merchant.requests.authorize_payment_request(identity, payment_request_auth_parameters=asked)

    def authorized():
        made = merchant.debit()
        expect(text(made.status), "REQUIRES_ACTION", "status")
        expect([action.action for action in made.actions], ["AUTH"], "actions")
        expect(text(made.payment_method.direct_debit.channel_code), "BRI", "the bank")
        expect(refusal(authorize, made.id, "000000"), (400, "INVALID_OTP_ERROR"), "another code")
        merchant.stands(made, "REQUIRES_ACTION")
        expect(text(authorize(made.id, SENT).status), "SUCCEEDED", "status")
        merchant.stands(made, "SUCCEEDED")
        expect(refusal(authorize, made.id, SENT), (400, "INELIGIBLE_TRANSACTION_STATUS"), "what was confirmed")

    def refused():
        _, made = merchant.open("DANA")
        expect(refusal(authorize, made.id, SENT), (400, "INELIGIBLE_TRANSACTION_STATUS"), "one by a wallet")
        expect(refusal(authorize, "pr-nothing", SENT), (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("debit: confirmed by the code that was sent", authorized)
    verdicts.check("debit: what is refused", refused)


def judge_simulation(merchant, verdicts):
    """The payment that the test mode makes by a payment method."""

    def pay(method, **more):
        return merchant.methods.simulate_payment(method, **more)

    def paid():
        reference, made = merchant.open("DANA")
        method = made.payment_method.id
        other = SimulatePaymentRequest(amount=24_999.0)
        wrong = refusal(pay, method, simulate_payment_request=other)
        expect(wrong, (400, "API_VALIDATION_ERROR"), "another amount")
        merchant.stands(made, "REQUIRES_ACTION")
        pay(method, simulate_payment_request=SimulatePaymentRequest(amount=25_000.0))
        merchant.stands(made, "SUCCEEDED")
        merchant.told("payment.succeeded", reference)
        expect(refusal(pay, method), (400, "API_VALIDATION_ERROR"), "what was paid")

    def without_amount():
        _, made = merchant.open("OVO")
        pay(made.payment_method.id)
        merchant.stands(made, "SUCCEEDED")

    def refused():
        method = merchant.method()
        expect(refusal(pay, method.id), (400, "API_VALIDATION_ERROR"), "a method without a request")
        expect(refusal(pay, "pm-nothing"), (404, "DATA_NOT_FOUND"), "nothing")

    verdicts.check("simulation: a method's request is paid once, and told", paid)
    verdicts.check("simulation: no amount is the request's", without_amount)
    verdicts.check("simulation: what is refused", refused)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = FurtherMerchant(simulator, listener)
    judge_invoices(merchant, verdicts)
    judge_book(merchant, verdicts)
    judge_captures(merchant, verdicts)
    judge_debits(merchant, verdicts)
    judge_simulation(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(xendit), (xendit.XenditSdkException,)
    return run_judge(__doc__, LIBRARY, "xendit_second_invoices", classes, judge, refusals=refusals)


if __name__ == "__main__":
    sys.exit(main())
