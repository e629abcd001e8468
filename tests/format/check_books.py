# SPDX-License-Identifier: Apache-2.0
"""check_books.py check <file>...          opens and seals again everything in books that the library wrote
check_books.py exchange <program> <dir>   the same for books written now; then writes its own, which the program opens
check_books.py example <file>          makes the worked example of docs/format.md"""
import json
import os
import subprocess
import sys

try:
    import custody_format as form
except ImportError as missing:
    print(f"custody: skipped, {missing}; Debian has python3-nacl and python3-cryptography")
    sys.exit(77)

ROOT_HOLDER = bytes(16)


class Book:
    """A product's keys as its key store has them, unwrapped from the root down."""

    def __init__(self, book):
        self.product, self.suite, self.root = book["product"].encode(), book["suite"], bytes.fromhex(book["root"])
        self.keys = {}  # handle: generation: content key
        wrapping = form.branch(self.root, b"custody.ring.wrap")
        for one in sorted(book["wraps"], key=lambda each: bytes.fromhex(each["holder"]) != ROOT_HOLDER):
            handle, holder, print32, wrapped = (
                bytes.fromhex(one[name]) for name in ("handle", "holder", "fingerprint", "wrapped"))
            under = form.wrapped_under(wrapped)
            kek = wrapping if holder == ROOT_HOLDER else form.holder_key(self.keys[holder][under])
            place = self.product, handle, holder, one["generation"], one["created"]
            key = form.unwrap(kek, wrapped, print32, *place)
            assert form.wrap(kek, key, wrapped[-72:-48], *place, under=under) == wrapped
            assert form.fingerprint(key) == print32
            assert self.keys.setdefault(handle, {}).setdefault(one["generation"], key) == key

    def index(self, one):
        return form.index_value(self.root, one["label"].encode(), self.product, one["record"].encode(), one["field"],
                                one["normaliser"].encode(), one["generation"], bytes.fromhex(one["normalised"]))

    def place(self, one):
        return {"product": self.product, "record": one["record"], "field": one["field"], "version": one["version"],
                "owners": [bytes.fromhex(each) for each in one["owners"]], "row": bytes.fromhex(one["row"]),
                "revisions": {int(number): told for number, told in one["revisions"].items()}}

    def keys_of(self, one):
        return self.keys[bytes.fromhex(one["group"] or one["owners"][0])]


def opened(book, one):
    envelope = form.from_text(one["text"]) if "envelope" not in one else bytes.fromhex(one["envelope"])
    return form.open_envelope(book.keys_of(one), book.place(one), envelope)


def check(books):
    """Opens and makes again what stands in books; gives how much that was."""
    count = 0
    for told in books:
        book = Book(told)
        for one in told["index"]:
            assert book.index(one).hex() == one["value"], one
        for one in told["envelopes"]:
            envelope, plain = bytes.fromhex(one["envelope"]), bytes.fromhex(one["plain"])
            assert opened(book, one) == plain, one["name"]
            assert form.from_text(one["text"]) == envelope and form.to_text(envelope) == one["text"], one["name"]
            suite, revision, generation, nonce, _ = form.parse(envelope)
            place = book.place(one)
            again = form.seal(book.keys_of(one)[generation], suite, revision, generation,
                              {**place, **place["revisions"][revision]}, plain, nonce)
            assert again == envelope, one["name"]
        for one in told["refused"]:
            try:
                opened(book, one)
            except form.Refused as error:
                assert str(error) == one["error"], (one["name"], error)
            else:
                raise AssertionError(f"{one['name']} was opened")
        count += sum(len(told[name]) for name in ("wraps", "index", "envelopes", "refused"))
    assert count != 0
    return count


def write_own(told):
    """A book like `told` of new persons, keys and nonces; every person and conversation has a second generation."""
    book = Book(told)
    renamed = {"": ""}
    for one in told["wraps"]:
        for name in ("handle", "holder"):
            renamed.setdefault(one[name], os.urandom(16).hex() if any(bytes.fromhex(one[name])) else one[name])
    contents, wraps = {}, []  # handle: generation: content key

    def put(handle, holder, generation, kek, under=1):
        key = contents.setdefault(handle, {}).setdefault(generation, os.urandom(32))
        place = book.product, bytes.fromhex(handle), bytes.fromhex(holder), generation, 1700000000123
        wraps.append({"handle": handle, "holder": holder, "generation": generation, "created": place[-1],
                      "fingerprint": form.fingerprint(key).hex(),
                      "wrapped": form.wrap(kek, key, os.urandom(24), *place, under=under).hex()})

    root_kek = form.branch(book.root, b"custody.ring.wrap")
    latest = 0x010203
    for one in told["persons"]:
        for generation in (1, latest):
            put(renamed[one["handle"]], ROOT_HOLDER.hex(), generation, root_kek)
    for one in told["wraps"]:
        if any(bytes.fromhex(one["holder"])):
            kek = form.holder_key(contents[renamed[one["holder"]]][latest])
            put(renamed[one["handle"]], renamed[one["holder"]], one["generation"], kek, latest)
    index = [{**one, "value": book.index(one).hex()} for one in told["index"]]
    persons = [{**one, "handle": renamed[one["handle"]]} for one in told["persons"]]

    def seal(one, number):
        suite, revision, _, nonce, _ = form.parse(bytes.fromhex(one["envelope"]))
        own = {**one, "group": renamed[one["group"]], "owners": [renamed[each] for each in one["owners"]]}
        keys = contents[own["group"] or own["owners"][0]]
        generation = sorted(keys)[number % len(keys)]
        place = book.place(own)
        envelope = form.seal(keys[generation], suite, revision, generation, {**place, **place["revisions"][revision]},
                             bytes.fromhex(one["plain"]), os.urandom(len(nonce)))
        return {**own, "envelope": envelope.hex(), "text": form.to_text(envelope)}

    envelopes = [seal(one, number) for number, one in enumerate(told["envelopes"])]
    refused = []
    for one in envelopes[:3]:
        for at in range(len(bytes.fromhex(one["envelope"]))):
            bad = bytearray.fromhex(one["envelope"])
            bad[at] ^= 0xE0 if at == 1 else 1 << at % 8  # no suite has such a number
            entry = {**one, "name": f"{one['name']}, byte {at}", "envelope": bad.hex()}
            del entry["text"], entry["plain"]
            try:
                form.open_envelope({generation: key for generation, key in contents[one["owners"][0]].items()},
                                   book.place(one), bytes(bad))
            except form.Refused as error:
                refused.append({**entry, "error": str(error)})
            else:
                raise AssertionError(f"byte {at} may be changed")
    return {**told, "persons": persons, "wraps": wraps, "index": index, "envelopes": envelopes, "refused": refused}


def example(path):
    """Makes the values of the worked example again, in the order of the page; gives how many there are."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    told = []  # the values alone: lines that begin with two spaces, joined
    for before, line in zip([""] + lines, lines):
        if line.startswith("  ") and before.startswith("  "):
            told[-1] += line[2:]
        elif line.startswith("  "):
            told.append(line[2:])

    def counted(first, count):
        return bytes(range(first, first + count))

    product, root, alice, bob, talk = b"frozen-im", b"r" * 32, counted(0x10, 16), counted(0x20, 16), counted(0x30, 16)
    keys, of_talk = {1: counted(0x40, 32)}, {1: counted(0x50, 32)}
    wrapping, created = form.branch(root, b"custody.ring.wrap"), 1700000000000
    phone = {"product": product, "record": 1, "field": 1, "purposes": ["push.personalised", "account.service"], "level": 3,
             "sensitive": 0, "version": 0, "owners": [alice], "row": b"alice"}
    body = {"product": product, "record": 0x01020304, "field": 0x0506, "purposes": ["message.delivery"], "level": 4,
            "sensitive": 0, "version": 7, "owners": [bob, alice], "row": b"m1"}
    sealed = [form.seal(keys[1], 1, 1, 1, phone, b"15400059572", counted(0xA0, 24)),
              form.seal(of_talk[1], 2, 1, 1, body, b"hello", counted(0xC0, 12))]
    places = [(product, alice, ROOT_HOLDER, 1, created), (product, talk, alice, 1, created)]
    index = root, b"field", product, b"", 65537, b"phone_e164", 1, b"+8615400059572"
    file_key = form.derive(form.branch(root, b"key-file"), counted(0x90, 16))
    made = [root, wrapping, form.branch(root, b"custody.ring.index"), alice, keys[1], form.wrap_aad(*places[0]),
            form.wrap(wrapping, keys[1], counted(0x60, 24), *places[0]), form.fingerprint(keys[1]),
            form.holder_key(keys[1]), talk, of_talk[1], form.wrap_aad(*places[1]),
            form.wrap(form.holder_key(keys[1]), of_talk[1], counted(0x78, 24), *places[1]), form.fingerprint(of_talk[1]),
            form.field_key(keys[1], 1, 1, 1), form.associated_data(sealed[0][:6], phone), sealed[0],
            form.field_key(of_talk[1], 2, 0x01020304, 0x0506), form.associated_data(sealed[1][:6], body), sealed[1],
            form.index_value(*index), form.index_value(*index, bits=18), file_key]
    missing = [value.hex() for value in made if value.hex() not in told] + [
        text for text in [form.to_text(sealed[0])] if text not in told]
    assert not missing, missing
    return len(made) + 1


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(verb, *words):
    if verb == "check":
        for path in words:
            print(f"{path}: {check(load(path))} opened, sealed again or refused")
    elif verb == "example":
        print(f"{words[0]}: {example(words[0])} values")
    elif verb == "exchange":
        program, folder = words
        os.makedirs(folder, exist_ok=True)
        theirs, ours = os.path.join(folder, "library.json"), os.path.join(folder, "python.json")
        subprocess.run([program, "write", theirs], check=True)
        print(f"{theirs}: {check(load(theirs))} opened, sealed again or refused")
        with open(ours, "w", encoding="utf-8") as file:
            json.dump([write_own(told) for told in load(theirs)], file)
        subprocess.run([program, "open", ours], check=True)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
