"""DANA's own Python library judges our simulator of the Payment Gateway: from order to notification.

The library signs every call with the merchant's key and checks every answer against its own models; its
webhook parser verifies every notification. Usage:

    python dana_gateway.py --loket path/to/loket
"""

import contextlib
import json
import os
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone

# The library writes its times in the zone of the process in some places, and looks at the environment in others.
os.environ["TZ"] = "Asia/Jakarta"
time.tzset()
os.environ["DANA_ENV"] = os.environ["ENV"] = "sandbox"

import requests
import dana
import dana.payment_gateway.v1.api.payment_gateway_api as calls
from dana.api_client import ApiClient
from dana.exceptions import ApiException
from dana.payment_gateway.v1 import (
    CancelOrderRequest,
    ConsultPayRequest,
    CreateOrderByApiRequest,
    CreateOrderByRedirectRequest,
    PayOptionAdditionalInfo,
    PaymentGatewayApi,
    QueryPaymentRequest,
    RefundOrderRequest,
)
from dana.utils.snap_configuration import AuthSettings, SnapConfiguration
from dana.webhook.webhook import WebhookParser

from harness import CALL_LIMIT_S, classes_of, expect, expect_match, run_judge

LIBRARY = "dana-python"
PARTNER = "loket-sandbox-partner"
MERCHANT = "216620000000000000001"
STORE = "LOKET-STORE-01"
NOTIFY_PATH = "/v1.0/debit/notify"
RECEIVED = {"responseCode": "2005600", "responseMessage": "Successful"}
WIB = timezone(timedelta(hours=7))
# Other forms of the same calls, which the library has beside each.
OTHER_FORMS = ("_with_http_info", "_without_preload_content")
BANKS = ("BCA", "BNI", "MANDIRI", "BSI_PAYMENT", "BRI", "BTPN", "CIMB", "PERMATA", "PANI")
# Every way to pay that the simulator says it has, and whether it asks in an app, for which it needs a phone number.
WAYS = {
    "BALANCE/": False,
    "NETWORK_PAY/NETWORK_PAY_PG_QRIS": False,
    "NETWORK_PAY/NETWORK_PAY_PG_OVO": True,
    "NETWORK_PAY/NETWORK_PAY_PG_GOPAY": True,
    "NETWORK_PAY/NETWORK_PAY_PG_SPAY": True,
    "NETWORK_PAY/NETWORK_PAY_PG_LINKAJA": True,
    **{f"VIRTUAL_ACCOUNT/VIRTUAL_ACCOUNT_{bank}": False for bank in BANKS},
}
TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+07:00"


def in_wib(seconds):
    """A moment from now, as DANA writes it."""
    return (datetime.now(WIB) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+07:00")


def money(amount):
    """Whole rupiah, as DANA writes them."""
    return {"value": f"{amount}.00", "currency": "IDR"}


def crc16(text):
    """CRC-16/CCITT-FALSE, as at the end of a QRIS code."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return f"{crc:04X}"


def fields_of(qr):
    """Tag, length and value, one after the other."""
    fields = {}
    while qr:
        length = int(qr[2:4])
        fields[qr[:2]], qr = qr[4 : 4 + length], qr[4 + length :]
    return fields


def refused(call, *arguments):
    """HTTP status and body of the error that a call must end with."""
    try:
        answer = call(*arguments)
    except ApiException as error:
        return error.status, json.loads(error.body)
    raise AssertionError(f"it was not refused: {answer}")


def refusal(call, *arguments):
    """HTTP status and `responseCode` of the error that a call must end with."""
    status, body = refused(call, *arguments)
    return status, body["responseCode"]


@contextlib.contextmanager
def environment(name):
    """For as long as this lasts, the library believes to be there."""
    before = os.environ["DANA_ENV"]
    os.environ["DANA_ENV"] = os.environ["ENV"] = name
    try:
        yield
    finally:
        os.environ["DANA_ENV"] = os.environ["ENV"] = before


@contextlib.contextmanager
def unchecked():
    """For as long as this lasts, the library sends what it would refuse by itself."""
    check, calls.custom_validation = calls.custom_validation, lambda request: None
    try:
        yield
    finally:
        calls.custom_validation = check


def run_dana_judge(doc, library, judge, work):
    """`run_judge` with everything that DANA's library can do; where to notify is said with each order, and DANA
    wants to be told that a notification was received."""
    known = {"refusals": (ApiException,), "passed_over": OTHER_FORMS}
    return run_judge(doc, library, judge, classes_of(dana), work, **known, notify=False, answer=RECEIVED)


class Merchant:
    """A shop that uses DANA's library against the simulator."""

    def __init__(self, simulator, listener):
        self.simulator = simulator
        self.notify_url = listener.url
        self.listener = listener
        # Orders whose notifications were spoiled on purpose.
        self.spoiled = set()
        self.base = simulator.url + "/sandbox/dana"
        self.api = self._api(self.file("dana-merchant.key.pem"))
        self.stranger = self._api(self.file("dana-gateway.key.pem"))
        # In the sandbox the parser takes DANA's published key, whatever key it is given.
        with environment("production"):
            self.parser = WebhookParser(public_key_path=self.file("dana-gateway.pub.pem"))

    def file(self, name):
        """A key of the simulated world."""
        return os.path.join(self.simulator.folder, "sandbox", name)

    def _api(self, key):
        return PaymentGatewayApi(self.client(key))

    def client(self, key):
        """The library's client, with this key, led to the simulator."""
        settings = AuthSettings(
            PRIVATE_KEY_PATH=key,
            ORIGIN="https://shop.example",
            X_PARTNER_ID=PARTNER,
            CHANNEL_ID="95221",
            ENV="sandbox",
            DANA_ENV="sandbox",
        )
        configuration = SnapConfiguration(api_key=settings)
        configuration.host = self.base
        configuration._base_path = self.base
        return ApiClient(configuration)

    def order(self, amount=25_000, method=None, reference=None, title="86 Diamonds — é \"ya\"", valid_s=900):
        """The request for an order; without a method the buyer chooses on DANA's page."""
        reference = reference or f"LKJ{uuid.uuid4().hex[:9].upper()}-P1"
        request = {
            "partnerReferenceNo": reference,
            "merchantId": MERCHANT,
            "externalStoreId": STORE,
            "amount": money(amount),
            "validUpTo": in_wib(valid_s),
            "urlParams": [
                {"url": "https://shop.example/back", "type": "PAY_RETURN", "isDeeplink": "N"},
                {"url": self.notify_url, "type": "NOTIFICATION", "isDeeplink": "N"},
            ],
            "additionalInfo": {
                "mcc": "5816",
                "envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM", "orderTerminalType": "WEB"},
                "order": {"orderTitle": title, "scenario": "API" if method else "REDIRECT"},
            },
        }
        if method is None:
            return CreateOrderByRedirectRequest.from_dict(request)
        name, _, option = method.partition("/")
        request["payOptionDetails"] = [{"payMethod": name, "payOption": option, "transAmount": money(amount)}]
        return CreateOrderByApiRequest.from_dict(request)

    def created(self, **wish):
        """An order that is there; returns the request and the answer."""
        request = self.order(**wish)
        answer = self.api.create_order(request)
        expect(answer.response_code, "2005400", "responseCode")
        return request, answer

    def query(self, reference):
        """What became of an order."""
        request = {"originalPartnerReferenceNo": reference, "serviceCode": "54", "merchantId": MERCHANT}
        answer = self.api.query_payment(QueryPaymentRequest.from_dict(request))
        expect(answer.response_code, "2005500", "responseCode")
        return answer

    def cancel(self, reference):
        """Calls an order off."""
        request = {"originalPartnerReferenceNo": reference, "merchantId": MERCHANT, "reason": "too late"}
        return self.api.cancel_order(CancelOrderRequest.from_dict(request))

    def refund(self, reference, number, amount, later=None):
        """Gives money back."""
        request = {
            "merchantId": MERCHANT,
            "originalPartnerReferenceNo": reference,
            "partnerRefundNo": number,
            "refundAmount": money(amount),
            "reason": "not delivered",
            "additionalInfo": {"asyncRefund": later} if later else None,
        }
        return self.api.refund_order(RefundOrderRequest.from_dict(request))

    def act(self, reference, outcome, **more):
        """What the buyer does."""
        self.simulator.call("POST", "/sandbox/pay", {"reference": reference, "outcome": outcome, **more})

    def books(self):
        """What the simulator has written down: its orders and the notifications that it sends, each of which
        has arrived, or the check at hand fails."""
        deadline, states = time.monotonic() + CALL_LIMIT_S, {"waiting"}
        while "waiting" in states and time.monotonic() < deadline:
            time.sleep(0.1)
            books = self.simulator.call("GET", "/sandbox/transactions").json()["dana"]
            states = {webhook["state"] for webhook in books["webhooks"]}
        expect(states, {"delivered"}, "what became of the notifications")
        return books

    def notified(self, reference, *status):
        """The notification about an order, as it came: headers and text; the one of this status, if it is named."""
        named = {"latestTransactionStatus": status[0]} if status else {}
        return self.listener.wait_for_raw(originalPartnerReferenceNo=reference, **named)

    def all_looked_at(self):
        """Everything that the simulator sent came here, and the library trusts and reads it; returns the books
        and what came."""
        books, received = self.books(), self.listener.received()
        came = {raw.decode() for _, _, raw in received}
        unseen = [one["reference"] for one in books["webhooks"] if one["body"] not in came]
        expect(unseen, [], "notifications that did not come here")
        for headers, body, raw in received:
            if body.get("originalPartnerReferenceNo") not in self.spoiled:
                self.parse(headers, raw.decode())
        return books, received

    def parse(self, headers, text, path=NOTIFY_PATH):
        """What the library makes of a notification; an error if it does not trust it."""
        return self.parser.parse_webhook("POST", path, headers, text)


def distrusted(merchant, headers, text, path=NOTIFY_PATH):
    """A notification that the library must not trust."""
    try:
        merchant.parse(headers, text, path)
    except ValueError as error:
        expect_match(str(error), r"Signature verification failed\.|Missing .*", "the parser's reason")
        return
    raise AssertionError("it was trusted")


def judge_create(merchant, verdicts):
    """Orders and what they refuse."""

    def redirect():
        request, answer = merchant.created()
        expect(answer.partner_reference_no, request.partner_reference_no, "partnerReferenceNo")
        expect_match(answer.reference_no, r"\d{23}", "referenceNo")
        expect(answer.web_redirect_url.startswith(merchant.base + "/m/portal/cashier/checkout?bizNo="), True, "page")
        page = requests.get(answer.web_redirect_url, timeout=CALL_LIMIT_S)
        expect(page.status_code, 200, "HTTP status of the page")
        expect("Rp 25.000" in page.text and "Bayar" in page.text, True, "the page shows what to pay")

    def balance():
        expect(merchant.created(method="BALANCE/")[1].web_redirect_url is not None, True, "page")

    def qris():
        _, answer = merchant.created(method="NETWORK_PAY/NETWORK_PAY_PG_QRIS", amount=15_000)
        expect(answer.web_redirect_url, None, "webRedirectUrl")
        code = answer.additional_info.payment_code
        expect(code[-4:], crc16(code[:-4]), "checksum")
        fields = fields_of(code)
        expect([fields["01"], fields["53"], fields["54"], fields["58"]], ["12", "360", "15000", "ID"], "fields")

    def same_again():
        request, answer = merchant.created()
        again = merchant.api.create_order(request)
        expect(again.reference_no, answer.reference_no, "referenceNo of the same order again")
        request.amount.value = "25001.00"
        expect(refusal(merchant.api.create_order, request), (404, "4045418"), "the same reference, another amount")

    def ovo():
        # In the sandbox the library does not offer OVO.
        request = merchant.order(method="NETWORK_PAY/NETWORK_PAY_PG_OVO")
        request.pay_option_details[0].additional_info = PayOptionAdditionalInfo(phoneNumber="081234567890")
        with environment("production"):
            answer = merchant.api.create_order(request)
        expect([answer.response_code, answer.web_redirect_url], ["2005400", None], "answer")

    def money_format():
        request = merchant.order()
        request.amount.value = "1500"
        with unchecked():
            expect(refusal(merchant.api.create_order, request), (400, "4005401"), "refusal")

    def too_much():
        with unchecked():
            outcome = refusal(merchant.api.create_order, merchant.order(amount=10_000_001))
        expect(outcome, (403, "4035402"), "refusal")

    def too_long():
        # The library looks at the time in the sandbox alone.
        with environment("production"):
            expect(refusal(merchant.api.create_order, merchant.order(valid_s=2_000)), (400, "4005401"), "refusal")

    def debug():
        _, body = refused(merchant.stranger.create_order, merchant.order())
        expect_match(body["additionalInfo"]["debugMessage"], r"(?s).+", "debugMessage")

    verdicts.check("create: an order with DANA's page", redirect)
    verdicts.check("create: an order to be paid with the balance", balance)
    verdicts.check("create: an order with a QR code", qris)
    verdicts.check("create: the same again, and other content under the same reference", same_again)
    verdicts.check(
        "create: another merchant's key is refused with 4015400",
        lambda: expect(refusal(merchant.stranger.create_order, merchant.order()), (401, "4015400"), "refusal"),
    )
    verdicts.check("create: in debug mode a refusal says why", debug)
    verdicts.check("create: an order to be paid in OVO's app", ovo)
    verdicts.check("create: an amount without decimals is refused with 4005401", money_format)
    verdicts.check("create: more than the sandbox takes is refused with 4035402", too_much)
    verdicts.check("create: a validity beyond half an hour is refused with 4005401", too_long)


def judge_consult(merchant, verdicts):
    """Ways to pay."""

    def consult():
        request = {
            "merchantId": MERCHANT,
            "amount": money(25_000),
            "externalStoreId": STORE,
            "additionalInfo": {"envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM"}},
        }
        answer = merchant.api.consult_pay(ConsultPayRequest.from_dict(request))
        expect(answer.response_code, "2005700", "responseCode")
        methods = {(info.pay_method, info.pay_option) for info in answer.payment_infos}
        # One that is not driven below is a notification that nobody has looked at.
        expect(sorted(f"{method}/{option or ''}" for method, option in methods), sorted(WAYS), "ways to pay")

    verdicts.check("consult: the ways to pay are those that are driven here", consult)


def judge_query(merchant, verdicts):
    """What the library reads about orders."""

    def fresh():
        request, answer = merchant.created()
        told = merchant.query(request.partner_reference_no)
        expect(told.original_reference_no, answer.reference_no, "originalReferenceNo")
        expect(told.latest_transaction_status, "01", "latestTransactionStatus")
        expect(told.additional_info.status_detail.acquirement_status, "INIT", "acquirementStatus")
        expect(told.amount.value, "25000.00", "amount")
        expect(told.paid_time, None, "paidTime")

    def paid():
        request, _ = merchant.created(method="NETWORK_PAY/NETWORK_PAY_PG_QRIS")
        merchant.act(request.partner_reference_no, "settle")
        told = merchant.query(request.partner_reference_no)
        expect(told.latest_transaction_status, "00", "latestTransactionStatus")
        expect_match(told.paid_time, TIME, "paidTime")
        expect(told.additional_info.amount_detail.pay_amount.value, "25000.00", "payAmount")
        expect(told.additional_info.payment_views[0].pay_option_infos[0].pay_option, "NETWORK_PAY_PG_QRIS", "payOption")

    verdicts.check("query: an order that waits", fresh)
    verdicts.check("query: an order that is paid", paid)
    verdicts.check(
        "query: an order that is not there is refused with 4045501",
        lambda: expect(refusal(merchant.query, "LKNOBODY-P1"), (404, "4045501"), "refusal"),
    )


def judge_cancel(merchant, verdicts):
    """Calling off."""

    def cancel():
        request, _ = merchant.created()
        answer = merchant.cancel(request.partner_reference_no)
        expect(answer.response_code, "2005700", "responseCode")
        expect_match(answer.cancel_time, TIME, "cancelTime")
        expect(merchant.query(request.partner_reference_no).latest_transaction_status, "05", "latestTransactionStatus")

    def paid():
        request, _ = merchant.created()
        merchant.act(request.partner_reference_no, "settle")
        expect(refusal(merchant.cancel, request.partner_reference_no), (404, "4045700"), "refusal")

    def magic():
        for code in ("5005701", "4035705", "4045708", "4035700", "4035715", "4035714"):
            expect(refusal(merchant.cancel, code), (int(code[:3]), code), f"reference {code}")
        expect(merchant.cancel("2025700").response_code, "2025700", "responseCode")

    verdicts.check("cancel: an order that waits", cancel)
    verdicts.check("cancel: an order that is paid is refused with 4045700", paid)
    verdicts.check("cancel: references that ask for a code get it", magic)


def judge_refund(merchant, verdicts):
    """Giving back."""

    def paid(amount=25_000):
        request, _ = merchant.created(amount=amount)
        merchant.act(request.partner_reference_no, "settle")
        return request.partner_reference_no

    def parts():
        reference = paid()
        answer = merchant.refund(reference, reference + "-R1", 10_000)
        expect(answer.response_code, "2005800", "responseCode")
        expect_match(answer.refund_time, TIME, "refundTime")
        again = merchant.refund(reference, reference + "-R1", 10_000)
        expect(again.refund_no, answer.refund_no, "refundNo of the same refund again")
        other = refusal(merchant.refund, reference, reference + "-R1", 9_000)
        expect(other, (404, "4045818"), "the same number, another amount")
        expect(refusal(merchant.refund, reference, reference + "-R2", 15_001)[0], 403, "more than is left")
        merchant.refund(reference, reference + "-R3", 15_000)
        told = merchant.query(reference).additional_info.amount_detail
        expect(told.refund_amount.value, "25000.00", "refundAmount")

    def later():
        reference = paid()
        answer = merchant.refund(reference, reference + "-R1", 25_000, later="true")
        expect(answer.response_code, "2025800", "responseCode at first")
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 60})
        answer = merchant.refund(reference, reference + "-R1", 25_000, later="true")
        expect(answer.response_code, "2005800", "responseCode later")

    def magic():
        reference = paid()
        for amount, code in ((435815, "4035815"), (435814, "4035814"), (505801, "5005801"), (445808, "4045808")):
            outcome = refusal(merchant.refund, reference, f"{reference}-{amount}", amount)
            expect(outcome, (int(code[:3]), code), f"amount {amount}")

    def unpaid():
        request, _ = merchant.created()
        reference = request.partner_reference_no
        expect(refusal(merchant.refund, reference, reference + "-R1", 25_000), (404, "4045800"), "refusal")

    verdicts.check("refund: in parts, once for each number, and no more than was paid", parts)
    verdicts.check("refund: later", later)
    verdicts.check("refund: amounts that ask for a code get it", magic)
    verdicts.check("refund: an order that is not paid is refused with 4045800", unpaid)


def judge_notify(merchant, verdicts):
    """Notifications, with the library's eyes."""
    came = {}

    def paid():
        request, answer = merchant.created()
        merchant.act(request.partner_reference_no, "settle")
        headers, text = merchant.notified(request.partner_reference_no)
        parsed = merchant.parse(headers, text)
        expect(parsed.original_reference_no, answer.reference_no, "originalReferenceNo")
        expect(parsed.merchant_id, MERCHANT, "merchantId")
        expect(parsed.amount.value, "25000.00", "amount")
        expect(parsed.latest_transaction_status, "00", "latestTransactionStatus")
        expect(parsed.additional_info.payment_info.pay_option_infos[0].pay_method, "BALANCE", "payMethod")
        came["paid"] = (headers, text)

    def qris():
        request, _ = merchant.created(method="NETWORK_PAY/NETWORK_PAY_PG_QRIS")
        merchant.act(request.partner_reference_no, "settle")
        expect(merchant.parse(*merchant.notified(request.partner_reference_no)).amount.value, "25000.00", "amount")

    def closed():
        for outcome in ("expire", "deny"):
            request, _ = merchant.created()
            merchant.act(request.partner_reference_no, outcome)
            parsed = merchant.parse(*merchant.notified(request.partner_reference_no))
            expect(parsed.latest_transaction_status, "05", f"latestTransactionStatus after {outcome}")

    def tampered():
        headers, text = came["paid"]
        distrusted(merchant, headers, text.replace("25000.00", "25001.00"))
        distrusted(merchant, headers, text.replace('"00"', '"05"'))
        distrusted(merchant, headers, text, "/webhooks/dana")
        name = next(name for name in headers if name.lower() == "x-timestamp")
        distrusted(merchant, {**headers, name: in_wib(60)}, text)

    def forged():
        for fault in ("forge_signature", "missing_signature"):
            merchant.simulator.call("POST", "/sandbox/faults", {"target": "dana", "fault": fault, "count": 1})
            request, _ = merchant.created()
            merchant.spoiled.add(request.partner_reference_no)
            merchant.act(request.partner_reference_no, "settle")
            distrusted(merchant, *merchant.notified(request.partner_reference_no))

    verdicts.check("notify: a payment is told, and the library trusts it", paid)
    verdicts.check("notify: a payment by QR code is told, and the library can read it", qris)
    verdicts.check("notify: an order that closes is told", closed)
    verdicts.check("notify: one that was changed on its way is not trusted", tampered)
    verdicts.check("notify: one with a forged or no signature is not trusted", forged)
    verdicts.check("notify: each was received when the library's answer said so", merchant.books)


def judge_every_notification(merchant, verdicts):
    """Each way to pay in each state that is told of it, and then whatever came, once more."""

    def opened(way):
        request = merchant.order(method=way)
        if WAYS[way]:
            request.pay_option_details[0].additional_info = PayOptionAdditionalInfo(phoneNumber="081234567890")
        # In the sandbox the library offers some of the ways alone.
        with environment("production"):
            answer = merchant.api.create_order(request)
        expect(answer.response_code, "2005400", "responseCode")
        return request.partner_reference_no

    def told(way, outcome, status):
        reference = opened(way)
        merchant.act(reference, outcome)
        parsed = merchant.parse(*merchant.notified(reference))
        expect(parsed.original_partner_reference_no, reference, "originalPartnerReferenceNo")
        expect(parsed.amount.value, "25000.00", "amount")
        expect(parsed.latest_transaction_status, status, "latestTransactionStatus")
        # What is told by itself is what is told when it is asked for.
        asked = merchant.query(reference)
        expect(asked.latest_transaction_status, status, "latestTransactionStatus of the query")

    def by_the_clock():
        references = [opened(way) for way in WAYS]
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 1_000})
        for reference in references:
            parsed = merchant.parse(*merchant.notified(reference))
            expect(parsed.latest_transaction_status, "05", f"latestTransactionStatus of {reference}")

    def late():
        reference = opened("BALANCE/")
        merchant.act(reference, "expire")
        merchant.act(reference, "settle", late=True)
        told = [merchant.parse(*merchant.notified(reference, status)) for status in ("05", "00")]
        expect([one.amount.value for one in told], ["25000.00"] * 2, "amounts")

    def by_the_tool():
        request = merchant.order(method="VIRTUAL_ACCOUNT/VIRTUAL_ACCOUNT_BRI")
        answer = merchant.api.create_order(request)
        account = {"virtualAccountNo": answer.additional_info.payment_code}
        order = {"urlEndpoint": "/v1.0/transfer-va/payment.htm", "requestBody": account}
        merchant.simulator.call("POST", "/sandbox/dana/merchant-portal-app/api/sandbox-tools/execute", order)
        parsed = merchant.parse(*merchant.notified(request.partner_reference_no))
        expect(parsed.latest_transaction_status, "00", "latestTransactionStatus")

    def silent():
        paid, open_ = opened("BALANCE/"), opened("BALANCE/")
        merchant.act(paid, "settle")
        merchant.notified(paid)
        merchant.refund(paid, paid + "-R1", 25_000)
        merchant.cancel(open_)
        told = [one["event"] for one in merchant.books()["webhooks"] if one["reference"] in (paid, open_)]
        expect(told, ["success"], "what is told of a refund and of a cancellation")

    def unheard_of():
        fault = {"target": "dana", "fault": "unknown_status", "operation": "success", "count": 1}
        merchant.simulator.call("POST", "/sandbox/faults", fault)
        request, _ = merchant.created()
        merchant.act(request.partner_reference_no, "settle")
        parsed = merchant.parse(*merchant.notified(request.partner_reference_no))
        expect(parsed.latest_transaction_status, "99", "latestTransactionStatus")

    def all_that_came():
        books, received = merchant.all_looked_at()
        states = {body.get("latestTransactionStatus") for _, body, _ in received}
        expect(states, {"00", "05", "99"}, "states that were told")
        # By the simulator's own books each way was told in each event.
        ways = {o["partner_reference_no"]: f"{o['pay_method']}/{o['pay_option']}" for o in books["transactions"]}
        kinds = {(ways[one["reference"]], one["event"]) for one in books["webhooks"]}
        expected = {(way, event) for way in WAYS for event in ("success", "closed")}
        expect(sorted(kinds), sorted(expected), "kinds of notifications that were looked at")

    for way in WAYS:
        for outcome, status in (("settle", "00"), ("deny", "05"), ("expire", "05")):
            name = f"notify: {way.strip('/').split('/')[-1]}, {outcome}: the library reads it"
            verdicts.check(name, lambda: told(way, outcome, status))
    verdicts.check("notify: what was closed and is paid all the same is told twice", late)
    verdicts.check("notify: a virtual account that the tool of the dashboard pays is told", by_the_tool)
    verdicts.check("notify: nothing is told of a refund, nor of what the shop called off", silent)
    verdicts.check("notify: a state that no document knows is signed all the same", unheard_of)
    verdicts.check("notify: what the clock closes is told, whatever the way to pay", by_the_clock)
    verdicts.check("notify: the library trusts and reads every notification that came", all_that_came)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = Merchant(simulator, listener)
    judge_create(merchant, verdicts)
    judge_consult(merchant, verdicts)
    judge_query(merchant, verdicts)
    judge_cancel(merchant, verdicts)
    judge_refund(merchant, verdicts)
    judge_notify(merchant, verdicts)
    judge_every_notification(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_dana_judge(__doc__, LIBRARY, "dana_gateway", judge)


if __name__ == "__main__":
    sys.exit(main())
