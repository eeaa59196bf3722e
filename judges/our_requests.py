"""The vendors' own Python libraries judge what our adapters send.

The tests of `payments` keep every request that an adapter sends to a party of theirs (`LOKET_TEST_REQUESTS`).
DANA's library signs each of DANA's again, with the key and the time of the test, and has to come to the same
signature; its models read the bodies. Midtrans' library makes each of Midtrans' once more, and Xendit's each of
Xendit's, and have to ask for the same with the same credentials. A kind of request that is expected and was not
sent is a failure, and so is one that nobody expects. Usage:

    python our_requests.py --requests FOLDER
"""

import argparse
import glob
import http.server
import json
import os
import re
import sys
import threading
import urllib.parse

os.environ["TZ"] = "Asia/Jakarta"
# In the sandbox the library refuses options and times that production takes.
os.environ["DANA_ENV"] = os.environ["ENV"] = "production"

import dana.utils.snap_header as dana_signing
from dana.payment_gateway.v1 import (
    CancelOrderRequest,
    CreateOrderByApiRequest,
    QueryPaymentRequest,
    RefundOrderRequest,
)
from midtransclient import CoreApi, Snap
from midtransclient.config import ApiConfig
import xendit
from xendit.apis import PaymentMethodApi, PaymentRequestApi, RefundApi
from xendit.payment_request.model.payment_request_parameters import PaymentRequestParameters
from xendit.refund.model.create_refund import CreateRefund

from harness import Verdicts, expect, expect_match
from xendit_second import read

DANA_PATH = "/payment-gateway/v1.0/debit/"
DANA_CALLS = {
    # We choose how it is paid: on DANA's page the buyer could pay in a way whose terms are none of those that we tell.
    "payment-host-to-host.htm": CreateOrderByApiRequest,
    "status.htm": QueryPaymentRequest,
    "cancel.htm": CancelOrderRequest,
    "refund.htm": RefundOrderRequest,
}
# What the tests must have sent, or this judge has seen nothing of it.
EXPECTED = {
    "dana payment-host-to-host.htm BALANCE",
    "dana payment-host-to-host.htm NETWORK_PAY_PG_QRIS",
    "dana payment-host-to-host.htm NETWORK_PAY_PG_OVO",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_BCA",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_BNI",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_BRI",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_PERMATA",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_MANDIRI",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_BSI_PAYMENT",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_CIMB",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_BTPN",
    "dana payment-host-to-host.htm VIRTUAL_ACCOUNT_PANI",
    "dana status.htm",
    "dana cancel.htm",
    "dana refund.htm",
    "midtrans charge gopay",
    "midtrans charge ovo",
    "midtrans charge qris",
    "midtrans charge bank_transfer bca",
    "midtrans charge bank_transfer bni",
    "midtrans charge bank_transfer bri",
    "midtrans charge bank_transfer permata",
    "midtrans charge cstore alfamart",
    "midtrans charge cstore indomaret",
    "midtrans status",
    "midtrans cancel",
    "midtrans expire",
    "midtrans refund",
    "midtrans transactions",
    "xendit create OVO",
    "xendit create DANA",
    "xendit status",
    "xendit find",
    "xendit payments",
    "xendit expire",
    "xendit refund",
    "xendit refund status",
    "xendit refunds",
}


def kept(folder):
    """Every request once, as it was kept."""
    seen = {}
    for name in sorted(glob.glob(os.path.join(folder, "requests-*.jsonl"))):
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                seen[line] = json.loads(line)
    return list(seen.values())


class Frozen:
    """A clock for DANA's library that stands at the time of a request."""

    def __init__(self, text):
        self._text = text

    def now(self, *_):
        """The library adds seven hours to it, and writes it down."""
        return self

    def __add__(self, _):
        return self

    def strftime(self, _):
        """The time as the request has it."""
        return self._text


def dana_signature(method, path, body, key, time):
    """What DANA's library would send in X-SIGNATURE."""
    before, dana_signing.datetime = dana_signing.datetime, Frozen(time)
    try:
        headers = dana_signing.SnapHeader.get_snap_generated_auth(
            method=method, resource_path=path, body=body, private_key=key, support_debug_mode=False
        )
    finally:
        dana_signing.datetime = before
    expect(headers["X-TIMESTAMP"]["value"], time, "X-TIMESTAMP of the library")
    return headers["X-SIGNATURE"]["value"]


def all_of(ours, theirs, path=""):
    """Whatever we send, the library's model knows and would send as well, in the same words."""
    if isinstance(ours, dict):
        for name, value in ours.items():
            expect(isinstance(theirs, dict) and name in theirs, True, f"the library knows {path}/{name}")
            all_of(value, theirs[name], f"{path}/{name}")
    elif isinstance(ours, list):
        expect(len(theirs), len(ours), f"length of {path}")
        for place, value in enumerate(ours):
            all_of(value, theirs[place], f"{path}/{place}")
    else:
        expect(theirs, ours, path)


def judge_dana(requests_, verdicts):
    """Signatures, headers and bodies of what is for DANA; returns which kinds came."""
    kinds = set()

    def one(request):
        method, path = request["line"].split(" ", 1)
        path = path.removeprefix("/sandbox/dana")
        headers, body = request["headers"], request["body"]
        call = path.removeprefix(DANA_PATH)
        expect(call in DANA_CALLS, True, f"{path} is a path of DANA's")
        ours = json.loads(body)
        way = ours["payOptionDetails"][0] if call.startswith("payment") else None
        kinds.add(f"dana {call} {way['payOption'] or way['payMethod']}" if way else f"dana {call}")
        expected = dana_signature(method, path, body, request["key"], headers["x-timestamp"])
        expect(headers["x-signature"], expected, "X-SIGNATURE")
        expect_match(headers["x-timestamp"], r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", "X-TIMESTAMP")
        expect_match(headers["x-external-id"], r".{1,36}", "X-EXTERNAL-ID")
        expect_match(headers["x-partner-id"], r".{1,36}", "X-PARTNER-ID")
        expect_match(headers["channel-id"], r".{1,5}", "CHANNEL-ID")
        expect_match(headers["origin"], r"https?://.+", "ORIGIN")
        expect(headers["content-type"], "application/json", "Content-Type")
        # The library stops at the first field that is not in its form.
        all_of(ours, DANA_CALLS[call].from_dict(ours).to_dict())

    of_a_kind(verdicts, [r for r in requests_ if r["party"] == "dana"], one)
    return kinds


class Ear:
    """Keeps what a library sends, and answers with nothing in particular."""

    def __init__(self):
        self.heard = []
        ear = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Keeps one request."""

            def _keep(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                ear.heard.append((f"{self.command} {self.path}", headers, body))
                content = b'{"status_code":"200","token":"x","redirect_url":"x"}'
                self.send_response(200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _keep

            def log_message(self, *_):
                """Says nothing: the verdicts are the output."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def by_midtrans_library(line, body, key, headers):
    """The same by Midtrans' library; the kind of call that it is. It has no model of a body and sends what it is given,
    so that path, credentials and headers are what is judged here; bodies are by the simulator, which it judges."""
    own = {name: headers[name] for name in ("x-override-notification",) if name in headers}
    core, snap = (client(server_key=key, custom_headers=own) for client in (CoreApi, Snap))
    if line == "POST /v2/charge":
        core.charge(json.loads(body))
        kind = json.loads(body)["payment_type"]
        own = json.loads(body).get(kind) or {}
        return " ".join(filter(None, ["charge", kind, own.get("bank") or own.get("store")]))
    if line == "POST /snap/v1/transactions":
        snap.create_transaction(json.loads(body))
        return "transactions"
    named = re.fullmatch(r"(?:GET|POST) /v2/([^/]+)/(status|cancel|expire|refund)", line)
    expect(named is not None, True, f"{line} is a call that the library has")
    reference, verb = named.groups()
    arguments = [reference, json.loads(body)] if verb == "refund" else [reference]
    getattr(core.transactions, verb)(*arguments)
    return verb


def judge_midtrans(requests_, verdicts):
    """Paths, credentials and bodies of what is for Midtrans; returns which kinds came."""
    kinds = set()
    # The picture of a code is what a browser would fetch; the library has no call for it.
    calls = [r for r in requests_ if r["party"] == "midtrans" and not r["line"].endswith("/qr-code")]
    with Ear() as ear:
        ApiConfig.CORE_SANDBOX_BASE_URL = ApiConfig.CORE_PRODUCTION_BASE_URL = ear.url
        ApiConfig.SNAP_SANDBOX_BASE_URL = ApiConfig.SNAP_PRODUCTION_BASE_URL = ear.url + "/snap/v1"

        def one(request):
            line, headers, body = request["line"], request["headers"], request["body"]
            ear.heard.clear()
            kinds.add("midtrans " + by_midtrans_library(line, body, request["key"], headers))
            expect(len(ear.heard), 1, "calls of the library")
            asked, theirs, sent = ear.heard[0]
            expect(line, asked, "method and path")
            for name in ("authorization", "accept", "x-override-notification"):
                expect(headers.get(name), theirs.get(name), name)
            if body:
                expect(headers["content-type"], theirs["content-type"], "content-type")
                expect(json.loads(body), json.loads(sent), "body")

        of_a_kind(verdicts, calls, one)
    return kinds


# Fields of the contract's and of Xendit's own examples that the library's model of a request lacks.
BESIDE_THE_MODEL = {"/country"}


def known_to(model, ours, path=""):
    """Whatever we send has a name that the library's model knows; the library itself lets others through."""
    names = {theirs: own for own, theirs in getattr(model, "attribute_map", {}).items()}
    for name, value in ours.items() if names else ():
        expect(name in names or f"{path}/{name}" in BESIDE_THE_MODEL, True, f"the library knows {path}/{name}")
        if isinstance(value, dict):
            known_to(getattr(model, names[name]), value, f"{path}/{name}")


def by_xendit_library(line, body, key, headers, url):
    """The same by Xendit's library; the kind of call that it is."""
    client = xendit.ApiClient(xendit.Configuration(host=url, api_key=key))
    payments, methods, refunds = PaymentRequestApi(client), PaymentMethodApi(client), RefundApi(client)
    # What the ear answers is of no model.
    plain = {"_preload_content": False}
    method, address = line.split(" ", 1)
    path, _, query = address.partition("?")
    asked = dict(urllib.parse.parse_qsl(query))
    if line in ("POST /payment_requests", "POST /refunds"):
        model = {"POST /payment_requests": PaymentRequestParameters, "POST /refunds": CreateRefund}[line]
        ours = json.loads(body)
        # The library's models want a number with a fraction where any number is as good.
        parameters = read(model, {**ours, "amount": float(ours["amount"])})
        known_to(parameters, ours)
        keyed = {"idempotency_key": headers.get("idempotency-key"), **plain}
        if model is CreateRefund:
            refunds.create_refund(create_refund=parameters, **keyed)
            return "refund"
        payments.create_payment_request(payment_request_parameters=parameters, **keyed)
        return f"create {ours['payment_method']['ewallet']['channel_code']}"
    if "limit" in asked:
        asked["limit"] = int(asked["limit"])
    if (method, path) == ("GET", "/payment_requests"):
        payments.get_all_payment_requests(reference_id=[asked.pop("reference_id")], **asked, **plain)
        return "find"
    if (method, path) == ("GET", "/refunds"):
        refunds.get_all_refunds(**asked, **plain)
        return "refunds"
    for pattern, call, kind in (
        (r"GET /payment_requests/([^/]+)", payments.get_payment_request_by_id, "status"),
        (r"GET /v2/payment_methods/([^/]+)/payments", methods.get_payments_by_payment_method_id, "payments"),
        (r"POST /v2/payment_methods/([^/]+)/expire", methods.expire_payment_method, "expire"),
        (r"GET /refunds/([^/]+)", refunds.get_refund, "refund status"),
    ):
        if named := re.fullmatch(pattern, line):
            call(named.group(1), **plain)
            return kind
    raise AssertionError(f"{line} is a call that the library has")


def judge_xendit(requests_, verdicts):
    """Paths, credentials, keys and bodies of what is for Xendit; returns which kinds came."""
    kinds = set()

    def parts(line):
        method, address = line.split(" ", 1)
        path, _, query = address.partition("?")
        # The library writes some numbers with a fraction.
        values = [(name, value.removesuffix(".0")) for name, value in urllib.parse.parse_qsl(query)]
        return method, path, sorted(values)

    with Ear() as ear:

        def one(request):
            line, headers, body = request["line"], request["headers"], request["body"]
            ear.heard.clear()
            kinds.add("xendit " + by_xendit_library(line, body, request["key"], headers, ear.url))
            expect(len(ear.heard), 1, "calls of the library")
            asked, theirs, sent = ear.heard[0]
            expect(parts(line), parts(asked), "method, path and query")
            for name in ("authorization", "accept", "idempotency-key"):
                expect(headers.get(name), theirs.get(name), name)
            if body:
                expect(headers["content-type"], "application/json", "content-type")
            if sent:
                expect(json.loads(body) == json.loads(sent), True, f"{body} is {sent}")
            if line in ("POST /payment_requests", "POST /refunds"):
                # Without one a repetition is a second payment, and a second refund.
                expect_match(headers.get("idempotency-key"), r"LK[0-9A-Z]+-[PR]\d+", "idempotency-key")
                expect(json.loads(body)["reference_id"], headers["idempotency-key"], "reference_id")

        # An address that an answer names is no call of the library's.
        calls = [r for r in requests_ if r["party"] == "xendit" and not r["line"].endswith("/x/cancel")]
        of_a_kind(verdicts, calls, one)
    return kinds


def of_a_kind(verdicts, requests_, work):
    """One verdict for all requests of the same line, which names the first that is wrong."""
    lines = {}
    for request in requests_:
        lines.setdefault((request["party"], request["line"]), []).append(request)
    for (party, line), alike in sorted(lines.items()):
        verdicts.check(f"{party}: {line}, {len(alike)} of them", lambda alike=alike: [work(r) for r in alike])


def main():
    """Judges everything that was kept; the exit code is the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", required=True, help="the folder that the tests kept requests in")
    verdicts = Verdicts()
    requests_ = kept(parser.parse_args().requests)
    kinds = set()
    for judge in (judge_dana, judge_midtrans, judge_xendit):
        kinds |= judge(requests_, verdicts)
    for kind in sorted(EXPECTED):
        verdicts.check(f"sent: {kind}", lambda kind=kind: expect(kind in kinds, True, "the tests sent it"))
    verdicts.check("sent: nothing else", lambda: expect(sorted(kinds - EXPECTED), [], "what nobody expects"))
    return verdicts.finish()


if __name__ == "__main__":
    sys.exit(main())
