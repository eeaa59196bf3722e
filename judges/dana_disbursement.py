"""DANA's own Python library judges our simulator by money out of the merchant's account, which Loket does not pay.

The library signs every call with the merchant's key and checks every answer against its own models. Usage:

    python dana_disbursement.py --loket path/to/loket
"""

import sys
import uuid

# First, because it tells the library where it is before the library is loaded.
from dana_gateway import TIME, Merchant, money, refusal, run_dana_judge

from dana.disbursement.v1 import (
    BankAccountInquiryRequest,
    DanaAccountInquiryRequest,
    DisbursementApi,
    TransferToBankInquiryStatusRequest,
    TransferToBankRequest,
    TransferToDanaInquiryStatusRequest,
    TransferToDanaRequest,
)

from harness import expect, expect_match

LIBRARY = "dana-python"
# Whom DANA's sandbox knows, by its own test script.
CUSTOMER, ACCOUNT, BANK = "62811742234", "2460888509", "014"
OWN_REFERENCE = r"\d{23}"


def reference():
    """A new reference of the merchant's."""
    return f"LKD{uuid.uuid4().hex[:12].upper()}"


class PayingMerchant(Merchant):
    """A shop that pays out."""

    def __init__(self, simulator, listener):
        super().__init__(simulator, listener)
        self.out = DisbursementApi(self.client(self.file("dana-merchant.key.pem")))
        self.out_stranger = DisbursementApi(self.client(self.file("dana-gateway.key.pem")))

    def to_bank(self, amount=50_000, account=ACCOUNT, info=None, **more):
        """The request for a transfer to a bank account."""
        return TransferToBankRequest.from_dict({
            "partnerReferenceNo": reference(),
            "customerNumber": CUSTOMER,
            "beneficiaryAccountNumber": account,
            "beneficiaryBankCode": BANK,
            "amount": money(amount),
            "additionalInfo": {"fundType": "MERCHANT_WITHDRAW_FOR_CORPORATE", **(info or {})},
            **more,
        })

    def to_dana(self, amount=50_000, customer=CUSTOMER, **more):
        """The request for a transfer to a DANA balance."""
        return TransferToDanaRequest.from_dict({
            "partnerReferenceNo": reference(),
            "customerNumber": customer,
            "amount": money(amount),
            "feeAmount": money(0),
            "additionalInfo": {"fundType": "AGENT_TOPUP_FOR_USER_SETTLE"},
            **more,
        })

    def ask_bank(self, service="00", **references):
        """What became of a transfer to a bank account."""
        request = TransferToBankInquiryStatusRequest.from_dict({"serviceCode": service, **references})
        return self.out.transfer_to_bank_inquiry_status(request)

    def ask_dana(self, partner, service="38"):
        """What became of a transfer to a DANA balance."""
        request = {"originalPartnerReferenceNo": partner, "serviceCode": service}
        request = TransferToDanaInquiryStatusRequest.from_dict(request)
        return self.out.transfer_to_dana_inquiry_status(request)


def judge_to_bank(merchant, verdicts):
    """Money to a bank account."""
    transfer = merchant.out.transfer_to_bank

    def made():
        request = merchant.to_bank()
        answer = transfer(request)
        expect(answer.response_code, "2004300", "responseCode")
        expect(answer.partner_reference_no, request.partner_reference_no, "partnerReferenceNo")
        expect_match(answer.reference_no, OWN_REFERENCE, "referenceNo")
        expect_match(answer.transaction_date, TIME, "transactionDate")
        for asked in (
            {"originalPartnerReferenceNo": request.partner_reference_no},
            {"originalReferenceNo": answer.reference_no},
        ):
            told = merchant.ask_bank(**asked)
            expect(told.response_code, "2000000", "responseCode of the status")
            expect(told.original_reference_no, answer.reference_no, "originalReferenceNo")
            expect(told.original_partner_reference_no, request.partner_reference_no, "originalPartnerReferenceNo")
            expect(told.amount.value, "50000.00", "amount")
            expect(told.latest_transaction_status, "00", "latestTransactionStatus")

    def again():
        request = merchant.to_bank()
        answer = transfer(request)
        expect(transfer(request), answer, "the same transfer again")
        request.amount.value = "50001.00"
        expect(refusal(transfer, request), (404, "4044318"), "the same reference, another amount")
        told = merchant.ask_bank(originalPartnerReferenceNo=request.partner_reference_no)
        expect(told.amount.value, "50000.00", "amount of the status")

    def in_progress():
        request = merchant.to_bank(info={"needNotify": True})
        answer = transfer(request)
        expect(answer.response_code, "2024300", "responseCode")
        told = merchant.ask_bank(originalPartnerReferenceNo=request.partner_reference_no)
        expect(told.latest_transaction_status, "03", "latestTransactionStatus at first")
        merchant.simulator.call("POST", "/sandbox/clock", {"advance_seconds": 60})
        told = merchant.ask_bank(originalPartnerReferenceNo=request.partner_reference_no)
        expect(told.latest_transaction_status, "00", "latestTransactionStatus later")
        done = transfer(request)
        expect(done.response_code, "2004300", "responseCode of the same transfer later")
        expect(done.reference_no, answer.reference_no, "referenceNo of the same transfer later")

    def refused():
        for account, code in (
            ("81398055100", "4034318"),
            ("82298055100", "4034303"),
            ("8121111111", "5004300"),
            ("8551008794", "5004301"),
            ("2460888510", "4044311"),
        ):
            request = merchant.to_bank(account=account)
            expect(refusal(transfer, request), (int(code[:3]), code), f"account {account}")
            asked = {"originalPartnerReferenceNo": request.partner_reference_no}
            expect(refusal(lambda: merchant.ask_bank(**asked)), (404, "4040001"), "status of what was refused")
        expect(refusal(transfer, merchant.to_bank(amount=20_000_001)), (403, "4034302"), "too much at once")
        expect(refusal(transfer, merchant.to_bank(amount=10**12)), (403, "4034314"), "more than there is")

    def form():
        request = merchant.to_bank()
        request.amount.value = "50000"
        expect(refusal(transfer, request), (400, "4004301"), "an amount without decimals")
        request = merchant.to_bank(amount=1)
        request.amount.currency = "USD"
        expect(refusal(transfer, request), (400, "4004301"), "another currency")
        outcome = refusal(transfer, merchant.to_bank(customerNumber="0811742234"))
        expect(outcome, (400, "4004301"), "a number that does not begin with 62")
        outcome = refusal(transfer, merchant.to_bank(beneficiaryAccountNumber=""))
        expect(outcome, (400, "4004302"), "no account")

    def not_there():
        expect(
            refusal(lambda: merchant.ask_bank(originalPartnerReferenceNo=reference())),
            (404, "4040001"),
            "a transfer that is not there",
        )
        request = merchant.to_bank()
        transfer(request)
        asked = {"originalPartnerReferenceNo": request.partner_reference_no}
        expect(refusal(lambda: merchant.ask_bank("38", **asked)), (400, "4000001"), "another service")
        expect(refusal(merchant.ask_dana, request.partner_reference_no), (404, "4043901"), "asked of the balance's")
        expect(refusal(merchant.ask_bank), (400, "4000002"), "without a reference")

    verdicts.check("to bank: it is transferred, and the status says the same", made)
    verdicts.check("to bank: the same again is one transfer, other content is refused", again)
    verdicts.check("to bank: one that is told of later is in progress first", in_progress)
    verdicts.check("to bank: accounts and amounts that cannot be paid are refused, and not kept", refused)
    verdicts.check("to bank: what has another form is refused with 400", form)
    verdicts.check("to bank: a transfer that is not there is answered with 4040001", not_there)
    verdicts.check(
        "to bank: another merchant's key is refused with 4014300",
        lambda: expect(
            refusal(merchant.out_stranger.transfer_to_bank, merchant.to_bank()), (401, "4014300"), "refusal"
        ),
    )


def judge_to_dana(merchant, verdicts):
    """Money to a DANA balance."""
    transfer = merchant.out.transfer_to_dana

    def made():
        request = merchant.to_dana(sessionId="S-1", notes="86 Diamonds — é")
        answer = transfer(request)
        expect(answer.response_code, "2003800", "responseCode")
        expect(answer.partner_reference_no, request.partner_reference_no, "partnerReferenceNo")
        expect_match(answer.reference_no, OWN_REFERENCE, "referenceNo")
        expect(answer.session_id, "S-1", "sessionId")
        expect(answer.customer_number, CUSTOMER, "customerNumber")
        expect(answer.amount.value, "50000.00", "amount")
        told = merchant.ask_dana(request.partner_reference_no)
        expect(told.response_code, "2003900", "responseCode of the status")
        expect(told.original_reference_no, answer.reference_no, "originalReferenceNo")
        expect(told.amount.value, "50000.00", "amount of the status")
        expect(told.latest_transaction_status, "00", "latestTransactionStatus")
        expect(told.transaction_status_desc, "Success", "transactionStatusDesc")

    def again():
        request = merchant.to_dana()
        answer = transfer(request)
        expect(transfer(request), answer, "the same transfer again")
        request.customer_number = "62811742235"
        expect(refusal(transfer, request), (404, "4043818"), "the same reference, another customer")

    def refused():
        for customer, code in (
            ("628996647679", "4033805"),
            ("628121111111", "5003800"),
            ("628551008794", "5003801"),
            ("0811742234", "4003801"),
        ):
            request = merchant.to_dana(customer=customer)
            expect(refusal(transfer, request), (int(code[:3]), code), f"customer {customer}")
            asked = refusal(merchant.ask_dana, request.partner_reference_no)
            expect(asked, (404, "4043901"), "status of what was refused")
        expect(refusal(transfer, merchant.to_dana(amount=21_000_000)), (403, "4033802"), "too much at once")
        outcome = refusal(transfer, merchant.to_dana(customerNumber=None))
        expect(outcome, (400, "4003802"), "without a customer")

    def not_there():
        expect(refusal(merchant.ask_dana, reference()), (404, "4043901"), "a transfer that is not there")
        request = merchant.to_dana()
        transfer(request)
        expect(refusal(merchant.ask_dana, request.partner_reference_no, "ab"), (400, "4003901"), "another service")

    verdicts.check("to DANA: it is transferred, and the status says the same", made)
    verdicts.check("to DANA: the same again is one transfer, other content is refused", again)
    verdicts.check("to DANA: customers and amounts that cannot be paid are refused, and not kept", refused)
    verdicts.check("to DANA: a transfer that is not there is answered with 4043901", not_there)
    verdicts.check(
        "to DANA: another merchant's key is refused with 4013800",
        lambda: expect(
            refusal(merchant.out_stranger.transfer_to_dana, merchant.to_dana()), (401, "4013800"), "refusal"
        ),
    )


def judge_inquiries(merchant, verdicts):
    """Whose an account or a balance is."""

    def of_bank(account=ACCOUNT, amount=50_000):
        return merchant.out.bank_account_inquiry(BankAccountInquiryRequest.from_dict({
            "partnerReferenceNo": reference(),
            "customerNumber": CUSTOMER,
            "beneficiaryAccountNumber": account,
            "amount": money(amount),
            "additionalInfo": {"fundType": "MERCHANT_WITHDRAW_FOR_CORPORATE", "beneficiaryBankCode": BANK},
        }))

    def of_dana(customer=CUSTOMER, amount=50_000):
        return merchant.out.dana_account_inquiry(DanaAccountInquiryRequest.from_dict({
            "partnerReferenceNo": reference(),
            "customerNumber": customer,
            "amount": money(amount),
            "additionalInfo": {"fundType": "AGENT_TOPUP_FOR_USER_SETTLE"},
        }))

    def bank():
        answer = of_bank()
        expect(answer.response_code, "2004200", "responseCode")
        expect(answer.beneficiary_account_number, ACCOUNT, "beneficiaryAccountNumber")
        expect_match(answer.beneficiary_account_name, ".+", "beneficiaryAccountName")
        expect(answer.amount.value, "50000.00", "amount")
        expect(refusal(of_bank, "815919191"), (404, "4044211"), "an account that is nobody's")
        expect(refusal(of_bank, "81298055132"), (403, "4034218"), "one that is closed")
        expect(refusal(of_bank, ACCOUNT, 10**12), (403, "4034214"), "more than there is")

    def dana():
        answer = of_dana()
        expect(answer.response_code, "2003700", "responseCode")
        expect(answer.customer_number, CUSTOMER, "customerNumber")
        expect_match(answer.customer_name, ".+", "customerName")
        expect(answer.amount.value, "50000.00", "amount")
        expect(refusal(of_dana, "628152768647"), (403, "4033705"), "a number that is nobody's")
        expect(refusal(of_dana, CUSTOMER, 210_000_000), (403, "4033702"), "too much at once")

    verdicts.check("inquiry: whose a bank account is", bank)
    verdicts.check("inquiry: whose a DANA balance is", dana)


def judge_books(merchant, verdicts):
    """Nothing of it is the shop's."""

    def untouched():
        books = merchant.simulator.call("GET", "/sandbox/transactions").json()["dana"]
        expect([books["transactions"], books["webhooks"]], [[], []], "orders and notifications")

    verdicts.check("books: no transfer stands in the books of the shop, and none is told", untouched)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = PayingMerchant(simulator, listener)
    judge_to_bank(merchant, verdicts)
    judge_to_dana(merchant, verdicts)
    judge_inquiries(merchant, verdicts)
    judge_books(merchant, verdicts)


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    return run_dana_judge(__doc__, LIBRARY, "dana_disbursement", judge)


if __name__ == "__main__":
    sys.exit(main())
