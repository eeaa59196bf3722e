"""The judges' own rules judged: what a list of calls must say, by made-up libraries and lists, and what the real lists
say. Needs no simulator and no vendor's library. Usage:

    python harness_test.py
"""

import contextlib
import importlib
import io
import os
import re
import sys
import tempfile

from harness import FOLDER, Calls, Verdicts, check_line, classes_of, expect, judges_of, read_calls

MADE = "Wallet.pay  till\nWallet.ask  till desk\nWallet.deny till!\nWallet.bind -  no account is bound\n"


class Refused(Exception):
    """What the made-up library raises when its party refuses."""


def library():
    """A library of a party that takes everything and denies nothing; made anew, because its calls get counted."""

    class Wallet:
        """All that it has."""

        def pay(self):
            """Makes a payment."""

        def ask(self):
            """Asks about it."""

        def deny(self):
            """Is refused."""
            raise Refused

        def bind(self):
            """Is made by nobody."""

    return Wallet


def said(text, calls=("pay", "ask", "deny"), judge="till"):
    """What a judge says at last that has made these calls, by a list of this text."""
    with tempfile.TemporaryDirectory(prefix="loket-judge-") as folder:
        os.mkdir(os.path.join(folder, "calls"))
        files = {
            "till.py": 'LIBRARY = "wallet"\n',
            "desk.py": '"""Doc."""\n\nLIBRARY = "wallet"\n',
            "other.py": 'LIBRARY = "another"\n',
            "calls/wallet.txt": text,
        }
        for name, content in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content)
        owner = library()
        counted = Calls("wallet", judge, [owner], refusals=[Refused], folder=folder)
        for call in calls:
            with contextlib.suppress(Refused):
                getattr(owner(), call)()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            counted.judge(Verdicts())
        return output.getvalue()


def failures(*arguments, **options):
    """The calls, or other things, that fail."""
    return re.findall(r"^FAIL calls: (?:(\S+):|(.*) holds)", said(*arguments, **options), re.MULTILINE)


def fails(text, *expected, **options):
    """These fail, and no others."""
    found = ["".join(names) for names in failures(text, **options)]
    expect(found, list(expected), f"what fails by {text!r}")


def with_line(call, rest):
    """The good list, with another line for this call."""
    return re.sub(rf"(?m)^{re.escape(call)} .*$", f"{call} {rest}", MADE)


def package(folder):
    """A library with a class in a module below it, and one that is only borrowed."""
    place = os.path.join(folder, "loket_made_up")
    os.makedirs(os.path.join(place, "deep"))
    files = {
        "__init__.py": "",
        "deep/__init__.py": "",
        "deep/api.py": "from decimal import Decimal\n\nclass Till:\n    pass\n\nclass TillApi:\n    pass\n",
    }
    for name, content in files.items():
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(content)
    sys.path.insert(0, folder)
    try:
        found = importlib.import_module("loket_made_up")
        return [sorted(owner.__name__ for owner in classes_of(found, ending)) for ending in ("", "Api")]
    finally:
        sys.path.remove(folder)


def judge_lines(verdicts):
    """What stands behind a call."""
    check = verdicts.check
    check("a list that is true passes", lambda: fails(MADE))
    check("a misspelt judge fails", lambda: fails(with_line("Wallet.ask", "til"), "Wallet.ask"))
    check("so does one beside a judge that is there", lambda: fails(with_line("Wallet.ask", "till dsk"), "Wallet.ask"))
    check("and one with its mark", lambda: fails(with_line("Wallet.deny", "til!"), "Wallet.deny"))
    check(
        "a judge that holds another list fails", lambda: fails(with_line("Wallet.ask", "till other"), "Wallet.ask")
    )
    check("a judge and words fail", lambda: fails(with_line("Wallet.ask", "till because"), "Wallet.ask"))
    check("a judge that is named twice fails", lambda: fails(with_line("Wallet.ask", "till till!"), "Wallet.ask"))
    check("neither judge nor reason fails", lambda: fails(with_line("Wallet.bind", ""), "Wallet.bind"))
    check("a mark without a reason fails", lambda: fails(with_line("Wallet.bind", "-"), "Wallet.bind"))
    check("a mark that is none fails", lambda: fails(with_line("Wallet.bind", "-- no account"), "Wallet.bind"))
    check("a reason without a mark fails", lambda: fails(with_line("Wallet.bind", "no account"), "Wallet.bind"))
    check("a mark and a reason pass", lambda: fails(with_line("Wallet.bind", "- no account")))
    check("who judges by a list that it does not hold fails", lambda: fails(MADE, "other", judge="other"))


def judge_calls(verdicts):
    """What was made, and what there is."""
    check = verdicts.check
    check("a call that was not made fails", lambda: fails(MADE, "Wallet.pay", calls=("ask", "deny")))
    check("a refusal that was not seen fails", lambda: fails(MADE, "Wallet.deny", calls=("pay", "ask")))
    check("a refusal that went through fails", lambda: fails(with_line("Wallet.pay", "till!"), "Wallet.pay"))
    check("what another judge makes is that one's", lambda: fails(MADE, calls=("ask",), judge="desk"))
    check("a call that the list has not fails", lambda: fails(MADE.split("\n", 1)[1], "Wallet.pay"))
    check("a call that the library has not fails", lambda: fails(MADE + "Wallet.fly till\n", "Wallet.fly"))

    def told():
        text = with_line("Wallet.bind", "- no account")
        expect("3 that judges make; 1 that nobody makes, of no payment" in said(text), True, "the sum of the list")

    check("how many nobody makes is told", told)

    def found():
        with tempfile.TemporaryDirectory(prefix="loket-judge-") as folder:
            expect(package(folder), [["Till", "TillApi"], ["TillApi"]], "what is found in a library")

    check("every class of a library is found, and none that it borrows", found)


def judge_real(verdicts):
    """The lists that are there: this judge knows them all, whatever library it stands beside."""
    for file in sorted(os.listdir(os.path.join(FOLDER, "calls"))):
        judges = judges_of(file.removesuffix(".txt"))

        def named(file=file, judges=judges):
            words = set()
            for call, line in read_calls(os.path.join(FOLDER, "calls", file)).items():
                try:
                    check_line(line, judges)
                except AssertionError as error:
                    raise AssertionError(f"{call}: {error}") from None
                words.update(word.removesuffix("!") for word in line)
            expect(sorted(judges - words), [], "who holds the list and is not in it")
            expect(bool(judges), True, "somebody holds the list")

        verdicts.check(f"{file}: every judge that it names holds it, and none is left out", named)


def main():
    """Judges the rules; the exit code is the verdict."""
    verdicts = Verdicts()
    judge_lines(verdicts)
    judge_calls(verdicts)
    judge_real(verdicts)
    return verdicts.finish()


if __name__ == "__main__":
    sys.exit(main())
