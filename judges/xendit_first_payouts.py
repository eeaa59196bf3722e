"""Xendit's own Python library, of the older kind, judges what our simulator has of money out of the account that
is no refund: payouts, disbursements and transfers, none of which the shop makes. Usage:

    python xendit_first_payouts.py --loket path/to/loket
"""

import sys

from xendit import Xendit, XenditError, models

from harness import classes_of, expect, expect_match, new, run_judge
from xendit_first import HELPERS, INVALID, SECRET_KEY, UUID, complete, refusal
from xendit_first_debits import ANOTHER_CONTENT, INELIGIBLE, NOTHING, OBJECT_ID

LIBRARY = "xendit-python-0.2"
NO_DISBURSEMENT = (404, "DIRECT_DISBURSEMENT_NOT_FOUND_ERROR")
NO_BANK = (400, "BANK_CODE_NOT_SUPPORTED_ERROR")
NO_ACCOUNT = (400, "RECIPIENT_ACCOUNT_NUMBER_ERROR")
# How long a link can be used, and how long money is on its way.
LINK_LIVES_S, TAKES_S = 86_400, 900


class Merchant:
    """A shop that pays out by Xendit's library, against the simulator."""

    def __init__(self, simulator):
        self.simulator = simulator
        client = Xendit(api_key=SECRET_KEY, base_url=simulator.url + "/sandbox/xendit")
        self.payouts = client.Payout
        self.disbursements = client.Disbursement
        self.batches = client.BatchDisbursement
        self.platform = client.XenPlatform

    def payout(self, **more):
        """Money for whoever gets the link."""
        return self.payouts.create(**{"external_id": new(), "amount": 50_000, "email": "friend@shop.example", **more})

    def disburse(self, **more):
        """Money to a bank account."""
        asked = {
            "external_id": new(),
            "bank_code": "BCA",
            "account_holder_name": "Bob Jones",
            "account_number": "1231242311",
            "description": "Shoes",
            "amount": 17_000,
            **more,
        }
        return self.disbursements.create(**asked)

    def part(self, **more):
        """One of many that get money."""
        asked = {
            "amount": 10_000,
            "bank_code": "BNI",
            "bank_account_name": "Bob Jones",
            "bank_account_number": "12345678",
            "description": "Shoes",
            "external_id": new(),
            **more,
        }
        return self.batches.helper_create_batch_item(**asked)

    def transfer(self, source, destination, **more):
        """Money from one account of the platform to another."""
        asked = {"reference": new(), "amount": 10_000, **more}
        return self.platform.transfers(source_user_id=source, destination_user_id=destination, **asked)

    def wait(self, seconds):
        """Lets time pass."""
        self.simulator.call("POST", "/sandbox/clock", {"advance_seconds": seconds})


def judge_payouts(merchant, verdicts):
    """Money for whoever gets a link."""
    # Before somebody takes the money there is no account.
    later = (
        "bank_code",
        "account_holder_name",
        "account_number",
        "disbursement_id",
        "failure_reason",
        "claimed_timestamp",
        "completed_timestamp",
        "failed_timestamp",
        "payment_id",
    )

    def voided():
        made = complete(merchant.payout(), *later)
        expect_match(made.id, UUID, "id")
        expect((made.status, made.amount, made.email), ("PENDING", 50_000, "friend@shop.example"), "the payout")
        expect(vars(merchant.payouts.get(id=made.id)), vars(made), "the payout asked for")
        gone = complete(merchant.payouts.void(id=made.id), "payout_url", *later)
        expect((gone.id, gone.status), (made.id, "VOIDED"), "the payout")
        expect(vars(merchant.payouts.get(id=made.id)), vars(gone), "the payout asked for")
        expect(refusal(merchant.payouts.void, id=made.id), INELIGIBLE, "voided again")

    def repeated():
        asked = {"external_id": new(), "x_idempotency_key": new()}
        made = merchant.payout(**asked)
        expect(merchant.payout(**asked).id, made.id, "id of the repetition")
        expect(refusal(merchant.payout, amount=1, **asked), ANOTHER_CONTENT, "another content")

    def ended():
        made = merchant.payout()
        merchant.wait(LINK_LIVES_S)
        expect(merchant.payouts.get(id=made.id).status, "EXPIRED", "status")
        expect(refusal(merchant.payouts.void, id=made.id), INELIGIBLE, "voided, though over")

    def refused():
        for call in (merchant.payouts.get, merchant.payouts.void):
            expect(refusal(call, id="nothing"), NOTHING, "nothing")
        for wrong in ({"email": "nobody"}, {"amount": "a lot"}, {"amount": -1}):
            expect(refusal(merchant.payout, **wrong), INVALID, f"with {wrong}")

    verdicts.check("payout: made, asked about and voided", voided)
    verdicts.check("payout: one key is one payout", repeated)
    verdicts.check("payout: nobody takes it in time", ended)
    verdicts.check("payout: what is not there, and what is not in its form", refused)


def judge_disbursements(merchant, verdicts):
    """Money to bank accounts."""

    def arrives():
        made = complete(merchant.disburse(email_to=["bob@shop.example"]), "email_cc", "email_bcc")
        expect_match(made.id, OBJECT_ID, "id")
        expect((made.status, made.amount, made.bank_code), ("PENDING", 17_000, "BCA"), "the disbursement")
        expect(made.email_to, ["bob@shop.example"], "email_to")
        expect(vars(merchant.disbursements.get(id=made.id)), vars(made), "the disbursement asked for")
        other = merchant.disburse(external_id=made.external_id, amount=18_000)
        listed = merchant.disbursements.get_by_ext_id(external_id=made.external_id)
        expect({one.id: one.amount for one in listed}, {made.id: 17_000, other.id: 18_000}, "those of the id")
        merchant.wait(TAKES_S)
        expect(merchant.disbursements.get(id=made.id).status, "COMPLETED", "status")
        listed = merchant.disbursements.get_by_ext_id(external_id=made.external_id)
        expect([one.status for one in listed], ["COMPLETED", "COMPLETED"], "those of the id")

    def repeated():
        asked = {"external_id": new(), "x_idempotency_key": new()}
        made = merchant.disburse(**asked)
        expect(merchant.disburse(**asked).id, made.id, "id of the repetition")
        expect(refusal(merchant.disburse, amount=1, **asked), ANOTHER_CONTENT, "another content")
        listed = merchant.disbursements.get_by_ext_id(external_id=made.external_id)
        expect([one.id for one in listed], [made.id], "those of the id")

    def refused():
        expect(refusal(merchant.disbursements.get, id="0" * 24), NO_DISBURSEMENT, "nothing")
        expect(refusal(merchant.disbursements.get_by_ext_id, external_id=new()), NO_DISBURSEMENT, "nothing of an id")
        expect(refusal(merchant.disburse, bank_code="NO_BANK"), NO_BANK, "no bank")
        expect(refusal(merchant.disburse, account_number="12-34"), NO_ACCOUNT, "no account")
        for wrong in ({"amount": "a lot"}, {"description": ""}, {"email_cc": ["nobody"]}):
            expect(refusal(merchant.disburse, **wrong), INVALID, f"with {wrong}")

    def batch():
        asked = {"reference": new(), "disbursements": [merchant.part(), merchant.part(amount=15_000)]}
        asked["x_idempotency_key"] = new()
        made = complete(merchant.batches.create(**asked))
        expect((made.reference, made.status), (asked["reference"], "UPLOADING"), "the batch")
        expect((made.total_uploaded_count, made.total_uploaded_amount), (2, 25_000), "its sums")
        expect(merchant.batches.create(**asked).id, made.id, "id of the repetition")

    def no_batch():
        def create(*parts):
            return refusal(merchant.batches.create, reference=new(), disbursements=list(parts))

        expect(create(), INVALID, "nothing in it")
        expect(create(merchant.part(), merchant.part(bank_code="NO_BANK")), NO_BANK, "no bank")
        expect(create(merchant.part(), merchant.part(bank_account_number="12-34")), NO_ACCOUNT, "no account")
        expect(create(merchant.part(amount=0)), INVALID, "no amount")
        expect(create(merchant.part(bank_account_name=None)), INVALID, "no name")

    verdicts.check("disbursement: made, found by either id, and arrived", arrives)
    verdicts.check("disbursement: one key is one disbursement", repeated)
    verdicts.check("disbursement: what is not there, and what is not in its form", refused)
    verdicts.check("batch: many at once, and one key is one batch", batch)
    verdicts.check("batch: what is not in its form", no_batch)


def judge_transfers(merchant, verdicts):
    """Money between accounts of one platform."""
    other = "5cafeb170a2b1851246b8768"

    def made():
        own = merchant.disburse().user_id
        asked = {"reference": new(), "x_idempotency_key": new()}
        out = complete(merchant.transfer(own, other, **asked))
        expect_match(out.transfer_id, UUID, "transfer_id")
        expect((out.status, out.amount, out.source_user_id), ("SUCCESSFUL", 10_000, own), "the transfer")
        expect(merchant.transfer(own, other, **asked).transfer_id, out.transfer_id, "id of the repetition")
        again = refusal(merchant.transfer, source=own, destination=other, reference=asked["reference"])
        expect(again, (400, "DUPLICATE_REFERENCE"), "the reference again")
        back = merchant.transfer(other, own)
        expect((back.status, back.destination_user_id), ("SUCCESSFUL", own), "the transfer back")

    def refused():
        own = merchant.disburse().user_id
        accounts = {"own to own": (own, own), "between others": (other, "54afeb170a2b18519b1b8768")}
        for name, (source, destination) in accounts.items():
            expect(refusal(merchant.transfer, source=source, destination=destination), INVALID, name)
        expect(refusal(merchant.transfer, source=own, destination="nobody"), NOTHING, "to nobody")
        expect(refusal(merchant.transfer, source=own, destination=other, amount=0), INVALID, "no amount")

    verdicts.check("transfer: out and back, and one reference is one transfer", made)
    verdicts.check("transfer: what is not in its form", refused)


def judge(simulator, listener, verdicts):
    """Everything, one after the other."""
    merchant = Merchant(simulator)
    judge_payouts(merchant, verdicts)
    judge_disbursements(merchant, verdicts)
    judge_transfers(merchant, verdicts)
    verdicts.check("nothing of it is told by a callback", lambda: expect(listener.received(), [], "callbacks"))


def main():
    """Starts a simulator and judges it; the exit code is the verdict."""
    classes, refusals = classes_of(models, ending=""), (XenditError,)
    return run_judge(__doc__, LIBRARY, "xendit_first_payouts", classes, judge, refusals=refusals, helpers=HELPERS)


if __name__ == "__main__":
    sys.exit(main())
