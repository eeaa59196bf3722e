"""What every judge needs: a simulator to judge, an ear for its notifications, a list of verdicts, and an
account of which calls of a library were made."""

import argparse
import functools
import http.server
import importlib
import inspect
import json
import os
import pkgutil
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import requests

START_LIMIT_S = 20
CALL_LIMIT_S = 15
FOLDER = os.path.dirname(os.path.abspath(__file__))
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

# Calls to the loopback address never go through a proxy, whatever the machine is set to.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"


# What stands in a list of calls where no judge is named: see `Calls`.
NO_PAYMENT = "-"


class Verdicts:
    """Runs checks one after the other; one that fails does not hide the next."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, work):
        """One line for one check; returns what `work` returned, or None if it failed."""
        try:
            result = work()
        except Exception as error:  # whatever goes wrong inside a check is its verdict
            self.failed += 1
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"FAIL {name}: {reason[:600]}", flush=True)
            return None
        self.passed += 1
        print(f"ok   {name}", flush=True)
        return result

    def finish(self):
        """The last line, and the exit code that says the same."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


def new():
    """A reference of the shop's that nobody has used."""
    return f"JUDGE-{uuid.uuid4().hex[:12].upper()}-P1"


def expect(actual, expected, what):
    """Fails the check at hand unless the two are equal, in type as well."""
    if type(actual) is not type(expected) or actual != expected:
        raise AssertionError(f"{what} is {actual!r}, expected {expected!r}")


def expect_one_of(actual, allowed, what):
    """Fails the check at hand unless the value is one of those allowed."""
    if actual not in allowed:
        raise AssertionError(f"{what} is {actual!r}, expected one of {sorted(allowed)!r}")


def expect_match(actual, pattern, what):
    """Fails the check at hand unless the value is a string of that form."""
    if not isinstance(actual, str) or not re.fullmatch(pattern, actual):
        raise AssertionError(f"{what} is {actual!r}, expected the form {pattern}")


class Calls:
    """What a library can be asked to do, and which of it was done.

    `calls/LIBRARY.txt` has one line for each public call of the library's classes that talk to the party: the
    call, and the judges that make it. A judge with `!` behind its name makes a call that can only be refused,
    and sees it refused. If none makes it, there is a mark instead and why: `-` for a call that makes no payment
    and asks about none, calls none off and gives none back. Of those that do, each is made, also by a product
    that Loket does not use.

    A call that the list gives to this judge and that never came to that end is a failure; so is one that the
    list gives to somebody who does not hold it, one that the library has and the list has not, and the other
    way round.
    """

    def __init__(self, library, judge, classes, refusals=(), passed_over=(), helpers=(), folder=FOLDER):
        """Counts from now on. `refusals` are the errors by which the library tells what the party refused;
        `passed_over` are endings of names that are other forms of the same call; `helpers` are beginnings of
        names that call nobody; `folder` is where the judges and their lists are."""
        self._library = library
        self._path = os.path.join(folder, "calls", f"{library}.txt")
        self._judges = judges_of(library, folder)
        self._judge = judge
        self._refusals = tuple(refusals)
        self._known, self._ran, self._refused = set(), set(), set()
        for owner in classes:
            for call, held in list(vars(owner).items()):
                wrap = type(held) if isinstance(held, (staticmethod, classmethod)) else None
                function = held.__func__ if wrap else held
                if not inspect.isfunction(function) or call.startswith("_") or call.endswith(tuple(passed_over)):
                    continue
                if call.startswith(tuple(helpers)):
                    continue
                name = f"{owner.__name__}.{call}"
                if name in self._known:
                    raise AssertionError(f"two classes of the library have {name}")
                self._known.add(name)
                counted = self._counted(name, function)
                setattr(owner, call, wrap(counted) if wrap else counted)

    def judge(self, verdicts):
        """Holds the list against the library and against what was done; to be called last."""
        listed = read_calls(self._path)
        verdicts.check(
            f"calls: {self._judge} holds the list",
            lambda: expect_one_of(self._judge, self._judges, f"who judges by {self._path}"),
        )
        for name in sorted(self._known | set(listed)):
            verdicts.check(f"calls: {name}", lambda name=name: self._account_for(name, listed))
        marks = [(words or [""])[0] for words in listed.values()]
        none = marks.count(NO_PAYMENT)
        print(
            f"calls of {self._library}: {len(marks) - none} that judges make; {none} that nobody makes, of no payment",
            flush=True,
        )

    def _account_for(self, name, listed):
        if name not in listed:
            raise AssertionError(f"the library has it, and {self._path} does not")
        if name not in self._known:
            raise AssertionError(f"{self._path} has it, and the library does not")
        words = listed[name]
        check_line(words, self._judges)
        if words[0] == NO_PAYMENT:
            return
        if self._judge in words:
            expect(name in self._ran, True, "it was made to its end")
        elif self._judge + "!" in words:
            expect(name in self._refused and name not in self._ran, True, "it was made, and refused")

    def _counted(self, name, function):
        @functools.wraps(function)
        def counted(*arguments, **options):
            try:
                answer = function(*arguments, **options)
            except self._refusals:
                self._refused.add(name)
                raise
            self._ran.add(name)
            return answer

        # A library that looks at its own parameters finds them.
        counted.__signature__ = inspect.signature(function)

        return counted


def read_calls(path):
    """From each call of a list to the other words of its line."""
    listed = {}
    with open(path, encoding="utf-8") as lines:
        for call, *rest in (words for words in (line.split("#")[0].split() for line in lines) if words):
            if call in listed:
                raise AssertionError(f"{path} has {call} twice")
            listed[call] = rest
    return listed


def check_line(words, judges):
    """Fails the check at hand unless behind a call stand some of these judges, or a mark and a reason."""
    expect(bool(words), True, "a judge or a reason is given")
    if words[0] == NO_PAYMENT:
        expect(len(words) > 1, True, "a reason is given")
        return
    named = [word.removesuffix("!") for word in words]
    for judge in named:
        expect_one_of(judge, judges, "who makes it")
    expect(len(set(named)), len(named), "how many make it")


def judges_of(library, folder=FOLDER):
    """Who judges by the list of this library: whose file says so, in a line `LIBRARY = "…"`."""
    found = set()
    for file in os.listdir(folder):
        if file.endswith(".py"):
            with open(os.path.join(folder, file), encoding="utf-8") as source:
                if f'LIBRARY = "{library}"' in source.read().splitlines():
                    found.add(file.removesuffix(".py"))
    return found


def classes_of(package, ending="Api"):
    """Every class of a package, wherever in it, whose name ends so: none is overlooked by a list of ours."""
    found = {}
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for _, owner in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if owner.__module__.startswith(package.__name__ + ".") and owner.__name__.endswith(ending):
                found[f"{owner.__module__}.{owner.__name__}"] = owner
    return list(found.values())


class Simulator:
    """`loket sandbox` as a process of its own, in a folder of its own; both are gone afterwards."""

    def __init__(self, loket, notify=None):
        self._loket = loket
        # The address of the shop in the parties' dashboards, where a call cannot say where to notify.
        self._notify = notify
        self._folder = None
        self._process = None
        self._lines = queue.Queue()
        self._said = []
        self.url = None

    def __enter__(self):
        # A judge that is told to stop still removes what it started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self._folder = tempfile.TemporaryDirectory(prefix="loket-judge-")
        # Nothing that the person who runs this has configured may reach the simulator.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LOKET_")}
        arguments = ["sandbox", "--listen", "127.0.0.1:0", "--data-dir", self._folder.name]
        if self._notify is not None:
            arguments += ["--notify", self._notify]
        try:
            self._process = subprocess.Popen(
                [self._loket, *arguments],
                cwd=self._folder.name,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            threading.Thread(target=self._read, daemon=True).start()
            self.url = self._wait_for_address()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    @property
    def folder(self):
        """Where the simulator keeps its world."""
        return self._folder.name

    def call(self, method, path, body=None, **options):
        """One call to the simulator's own controls; anything but a success fails the check at hand."""
        answer = requests.request(method, self.url + path, json=body, timeout=CALL_LIMIT_S, **options)
        if not 200 <= answer.status_code < 300:
            raise AssertionError(f"{method} {path} {body} answered {answer.status_code}: {answer.text[:300]}")
        return answer

    def said(self):
        """The last of what the simulator printed."""
        return "".join(self._said[-40:])

    def _read(self):
        for line in self._process.stdout:
            self._said.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_address(self):
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"no address within {START_LIMIT_S} s; it said:\n{self.said()}") from None
            if line is None:
                raise RuntimeError(f"the simulator ended ({self._process.wait()}); it said:\n{self.said()}")
            if found := ADDRESS.search(line):
                return found.group()


class Listener:
    """An HTTP server that keeps every notification, as it came, and answers 200 with what it is told to."""

    def __init__(self, answer=None):
        content = b"ok" if answer is None else json.dumps(answer).encode()
        self._received = []
        self._changed = threading.Condition()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Keeps one notification."""

            def do_POST(self):
                """Every path is an address for notifications."""
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                listener._keep(dict(self.headers.items()), body)
                self.send_response(200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                """Says nothing: the verdicts are the output."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/notifications"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def received(self):
        """All that came so far: headers, JSON and bytes of each."""
        with self._changed:
            return list(self._received)

    def wait_for(self, limit_s=CALL_LIMIT_S, **fields):
        """The first notification whose JSON has these fields: its headers and its JSON."""
        headers, body, _ = self._wait_for(limit_s, fields)
        return headers, body

    def wait_for_raw(self, limit_s=CALL_LIMIT_S, **fields):
        """The first notification whose JSON has these fields: its headers and its text, to the letter."""
        headers, _, raw = self._wait_for(limit_s, fields)
        return headers, raw.decode()

    def find(self, fits, limit_s=CALL_LIMIT_S):
        """The first notification whose JSON fits: its headers and its JSON."""
        received = self._first(limit_s, fits)
        if received is None:
            raise AssertionError(f"no notification that fits within {limit_s} s; came: {len(self._received)}")
        return received[:2]

    def _wait_for(self, limit_s, fields):
        def fits(body):
            return all(body.get(name) == value for name, value in fields.items())

        received = self._first(limit_s, fits)
        if received is None:
            seen = [{name: body.get(name) for name in fields} for _, body, _ in self._received]
            raise AssertionError(f"no notification with {fields} within {limit_s} s; came: {seen}")
        return received

    def _first(self, limit_s, fits):
        deadline = time.monotonic() + limit_s
        with self._changed:
            while True:
                for received in self._received:
                    if fits(received[1]):
                        return received
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                self._changed.wait(remaining)

    def _keep(self, headers, raw):
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        with self._changed:
            self._received.append((headers, body if isinstance(body, dict) else {}, raw))
            self._changed.notify_all()


def run_judge(doc, library, judge, classes, work, refusals=(), helpers=(), passed_over=(), notify=True, answer=None):
    """What every judge's `main` does: starts a simulator and an ear, lets `work(simulator, listener, verdicts)`
    judge, and holds the library's list against what was called; returns the exit code, which is the verdict.
    `doc` is what the script says of itself; `notify` is whether the simulator is told at its start where the
    ear is, and `answer` what the ear answers, as `Listener` has it. The rest is as `Calls` has it."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--loket", required=True, help="the program to judge")
    loket = parser.parse_args().loket
    verdicts = Verdicts()
    calls = Calls(library, judge, classes, refusals=refusals, passed_over=passed_over, helpers=helpers)
    try:
        with Listener(answer) as listener, Simulator(loket, notify=listener.url if notify else None) as simulator:
            work(simulator, listener, verdicts)
            calls.judge(verdicts)
            if verdicts.failed:
                print(f"The simulator said last:\n{simulator.said()}", file=sys.stderr)
    except (OSError, RuntimeError) as error:
        verdicts.check("judge: the simulator starts", functools.partial(_raise, error))
    return verdicts.finish()


def _raise(error):
    """An error as a verdict."""
    raise error
