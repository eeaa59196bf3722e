"""Xendit's own Python library, of the newer kind, judges what our simulator has of payouts, which the shop does
not make. Usage:

    python xendit_second_payouts.py --loket path/to/loket
"""

import sys

import xendit
from xendit.apis import PayoutApi
from xendit.payout.model.create_payout_request import CreatePayoutRequest

from harness import classes_of, expect, expect_match, new, run_judge
from xendit_second import SECRET_KEY, UUID, read, refusal

LIBRARY = "xendit-python-7"
INVALID = (400, "API_VALIDATION_ERROR")
INELIGIBLE = (400, "INELIGIBLE_TRANSACTION_STATUS")
NOTHING = (404, "DATA_NOT_FOUND")
# How long money is on its way.
TAKES_S = 900


class Merchant:
    """A shop that pays out by Xendit's library, against the simulator."""

    def __init__(self, simulator):
        self.simulator = simulator

        def client(key):
            return PayoutApi(
                xendit.ApiClient(xendit.Configuration(host=simulator.url + "/sandbox/xendit", api_key=key))
            )

        self.payouts = client(SECRET_KEY)
        self.stranger = client("xnd_development_somebody_else")

    def make(self, key=None, **more):
        """Money to a bank account."""
        asked = {
            "reference_id": new(),
            "channel_code": "ID_BCA",
            "channel_properties": {"account_number": "1231242311", "account_holder_name": "Bob Jones"},
            "amount": 25_000.0,
            "currency": "IDR",
            **more,
        }
        return self.payouts.create_payout(
            idempotency_key=key or new(), create_payout_request=read(CreatePayoutRequest, asked)
        )

    def wait(self, seconds):
        """Lets time pass."""
        self.simulator.call("POST", "/sandbox/clock", {"advance_seconds": seconds})


def judge_payouts(merchant, verdicts):
    """Money to an account: made, asked about, listed, and called off."""

    def cancelled():
        receipt = {"email_to": ["bob@shop.example"]}
        made = merchant.make(description="Shoes", receipt_notification=receipt, metadata={"a": "b"})
        expect_match(made.id, "disb-" + UUID, "id")
        expect((made.status, float(made.amount), made.channel_code), ("ACCEPTED", 25_000.0, "ID_BCA"), "the payout")
        expect(made.channel_properties.account_number, "1231242311", "account_number")
        expect((made.receipt_notification.to_dict(), made.metadata), (receipt, {"a": "b"}), "what came with it")
        expect(merchant.payouts.get_payout_by_id(made.id).to_dict(), made.to_dict(), "the payout asked for")
        gone = merchant.payouts.cancel_payout(made.id)
        expect((gone.id, gone.status), (made.id, "CANCELLED"), "the payout")
        expect(refusal(merchant.payouts.cancel_payout, made.id), INELIGIBLE, "called off again")
        merchant.wait(TAKES_S)
        expect(merchant.payouts.get_payout_by_id(made.id).to_dict(), gone.to_dict(), "the payout asked for later")

    def arrives():
        made = merchant.make()
        merchant.wait(TAKES_S)
        arrived = merchant.payouts.get_payout_by_id(made.id)
        expect((arrived.id, arrived.status), (made.id, "SUCCEEDED"), "the payout")
        expect(arrived.updated, made.estimated_arrival_time, "when it arrived")
        expect(refusal(merchant.payouts.cancel_payout, made.id), INELIGIBLE, "called off, though arrived")

    def listed():
        first = merchant.make()
        merchant.wait(1)
        second = merchant.make(reference_id=first.reference_id, amount=26_000.0)
        both = merchant.payouts.get_payouts(reference_id=first.reference_id)
        expect([one.to_dict() for one in both.data], [second.to_dict(), first.to_dict()], "the payouts")
        expect(both.has_more, False, "whether there are more")
        page = merchant.payouts.get_payouts(reference_id=first.reference_id, limit=1.0)
        expect(([one.id for one in page.data], page.has_more), ([second.id], True), "the first page")
        rest = merchant.payouts.get_payouts(reference_id=first.reference_id, limit=1.0, after_id=second.id)
        expect(([one.id for one in rest.data], rest.has_more), ([first.id], False), "the second page")
        none = merchant.payouts.get_payouts(reference_id="JUDGE-NOTHING")
        expect((list(none.data), none.has_more), ([], False), "payouts by a reference that is not there")
        refused = refusal(merchant.payouts.get_payouts, reference_id=first.reference_id, limit=101.0)
        expect(refused, INVALID, "too many at once")

    def repeated():
        asked = {"key": new(), "reference_id": new()}
        made = merchant.make(**asked)
        expect(merchant.make(**asked).id, made.id, "id of the repetition")
        expect(refusal(merchant.make, amount=1.0, **asked), (409, "IDEMPOTENCY_ERROR"), "another content")
        both = merchant.payouts.get_payouts(reference_id=made.reference_id)
        expect([one.id for one in both.data], [made.id], "the payouts")

    def refused():
        for call in (merchant.payouts.get_payout_by_id, merchant.payouts.cancel_payout):
            expect(refusal(call, "disb-nothing"), NOTHING, "nothing")
        unknown = refusal(merchant.make, channel_code="PH_BPI")
        expect(unknown, (400, "CHANNEL_CODE_NOT_SUPPORTED"), "a channel of another country")
        expect(refusal(merchant.make, currency="PHP"), (400, "UNSUPPORTED_CURRENCY"), "another currency")
        for amount in (0.0, 10.5):
            expect(refusal(merchant.make, amount=amount), INVALID, f"a payout of {amount}")
        receipt = {"email_cc": ["nobody"]}
        expect(refusal(merchant.make, receipt_notification=receipt), INVALID, "a receipt for nobody")
        stranger = refusal(merchant.stranger.get_payout_by_id, "disb-nothing")
        expect(stranger, (401, "INVALID_API_KEY"), "a stranger")

    verdicts.check("payout: made, asked about and called off", cancelled)
    verdicts.check("payout: arrives", arrives)
    verdicts.check("payout: listed by its reference", listed)
    verdicts.check("payout: one key is one payout", repeated)
    verdicts.check("payout: what is not there, and what is not in its form", refused)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    judge_payouts(Merchant(simulator), verdicts)
    verdicts.check("nothing of it is told by a callback", lambda: expect(listener.received(), [], "callbacks"))


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(xendit), (xendit.XenditSdkException,)
    return run_judge(__doc__, LIBRARY, "xendit_second_payouts", classes, judge, refusals=refusals)


if __name__ == "__main__":
    sys.exit(main())
