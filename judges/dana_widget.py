"""DANA's own Python library judges our simulator of the Widget: the wallet alone, by paths of its own.

The library signs every call with the merchant's key and checks every answer against its own models. Usage:

    python dana_widget.py --loket path/to/loket
"""

import sys
import uuid

# First, because it tells the library where it is before the library is loaded.
from dana_gateway import MERCHANT, TIME, Merchant, in_wib, money, refusal, run_dana_judge

from dana.widget.v1 import (
    CancelOrderRequest,
    QueryPaymentRequest,
    RefundOrderRequest,
    WidgetApi,
    WidgetPaymentRequest,
)

from harness import expect, expect_match

LIBRARY = "dana-python"


class WidgetMerchant(Merchant):
    """A shop that uses the widget's part of DANA's library against the simulator."""

    def __init__(self, simulator, listener):
        super().__init__(simulator, listener)
        self.widget = WidgetApi(self.client(self.file("dana-merchant.key.pem")))
        self.widget_stranger = WidgetApi(self.client(self.file("dana-gateway.key.pem")))

    def payment(self, amount=25_000):
        """The request for a payment."""
        return WidgetPaymentRequest.from_dict({
            "partnerReferenceNo": f"LKW{uuid.uuid4().hex[:9].upper()}-P1",
            "merchantId": MERCHANT,
            "amount": money(amount),
            "validUpTo": in_wib(900),
            "urlParams": [
                {"url": "https://shop.example/back", "type": "PAY_RETURN", "isDeeplink": "N"},
                {"url": self.notify_url, "type": "NOTIFICATION", "isDeeplink": "N"},
            ],
            "additionalInfo": {
                "productCode": "51051000100000000001",
                "mcc": "5816",
                "order": {"orderTitle": "86 Diamonds"},
                "envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM"},
            },
        })

    def paid(self):
        """The reference of a payment that the buyer made."""
        reference = self.widget.widget_payment(self.payment()).partner_reference_no
        self.act(reference, "settle")
        return reference

    def ask(self, reference):
        """What became of a payment."""
        request = {"originalPartnerReferenceNo": reference, "serviceCode": "54", "merchantId": MERCHANT}
        return self.widget.query_payment(QueryPaymentRequest.from_dict(request))

    def call_off(self, reference):
        """Calls a payment off."""
        request = {"originalPartnerReferenceNo": reference, "merchantId": MERCHANT, "reason": "too late"}
        return self.widget.cancel_order(CancelOrderRequest.from_dict(request))

    def give_back(self, reference, number, amount):
        """Gives money back."""
        return self.widget.refund_order(RefundOrderRequest.from_dict({
            "merchantId": MERCHANT,
            "originalPartnerReferenceNo": reference,
            "partnerRefundNo": number,
            "refundAmount": money(amount),
            "reason": "not delivered",
        }))


def judge_payment(merchant, verdicts):
    """Made, asked about, paid and told; called off; refused."""

    def made():
        request = merchant.payment()
        answer = merchant.widget.widget_payment(request)
        expect(answer.response_code, "2005400", "responseCode")
        expect(answer.partner_reference_no, request.partner_reference_no, "partnerReferenceNo")
        expect(answer.web_redirect_url.startswith(merchant.base), True, "the page is the simulator's")
        told = merchant.ask(request.partner_reference_no)
        expect(told.response_code, "2005500", "responseCode of the query")
        expect(told.latest_transaction_status, "01", "latestTransactionStatus")

    def paid():
        reference = merchant.paid()
        expect(merchant.ask(reference).latest_transaction_status, "00", "latestTransactionStatus")
        expect(merchant.parse(*merchant.notified(reference)).latest_transaction_status, "00", "the notification")

    def called_off():
        reference = merchant.widget.widget_payment(merchant.payment()).partner_reference_no
        answer = merchant.call_off(reference)
        expect(answer.response_code, "2005700", "responseCode")
        expect_match(answer.cancel_time, TIME, "cancelTime")
        expect(merchant.ask(reference).latest_transaction_status, "05", "latestTransactionStatus")
        expect(refusal(merchant.call_off, merchant.paid()), (404, "4045700"), "refusal of a paid one")

    def stranger():
        outcome = refusal(merchant.widget_stranger.widget_payment, merchant.payment())
        expect(outcome, (401, "4015400"), "refusal")

    verdicts.check("widget: a payment is made, and waits", made)
    verdicts.check("widget: it is paid, and told", paid)
    verdicts.check("widget: one is called off, and a paid one is not", called_off)
    verdicts.check("widget: another merchant's key is refused with 4015400", stranger)


def judge_refund(merchant, verdicts):
    """Given back once, and no more than was paid."""

    def refund():
        reference = merchant.paid()
        answer = merchant.give_back(reference, reference + "-R1", 25_000)
        expect(answer.response_code, "2005800", "responseCode")
        again = merchant.give_back(reference, reference + "-R1", 25_000)
        expect(again.refund_no, answer.refund_no, "refundNo of the same refund again")
        expect(refusal(merchant.give_back, reference, reference + "-R2", 1)[0], 403, "more than is left")

    verdicts.check("widget: a payment is given back once", refund)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = WidgetMerchant(simulator, listener)
    judge_payment(merchant, verdicts)
    judge_refund(merchant, verdicts)
    verdicts.check("widget: the library trusts and reads every notification", merchant.all_looked_at)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_dana_judge(__doc__, LIBRARY, "dana_widget", judge)


if __name__ == "__main__":
    sys.exit(main())
