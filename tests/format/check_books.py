# SPDX-License-Identifier: Apache-2.0
"""check_books.py check <file>...          opens and seals again everything in books that the library wrote
check_books.py exchange <program> <dir>   the same for books written now; then writes its own, which the program opens
check_books.py example <file> <file>   makes the worked examples of docs/format.md"""
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


def member(place, group, plain):
    """A member's place, revision and plaintext, for sealing it as it is in a group."""
    revision = form.members_of(group)[place["field"]][0][2]
    return {**place, **place["revisions"][revision]}, revision, plain


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
            place, key = book.place(one), book.keys_of(one)[generation]
            if envelope[0] == form.GROUP:
                again = form.seal_group(key, suite, generation, [member(place, envelope, plain)], nonce)
                assert again == form.cut(envelope, [place["field"]]), one["name"]
            else:
                again = form.seal(key, suite, revision, generation, {**place, **place["revisions"][revision]}, plain, nonce)
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

    sealed = {}  # what the library sealed: the same here

    def seal(one, number):
        theirs = bytes.fromhex(one["envelope"])
        suite, revision, _, nonce, _ = form.parse(theirs)
        own = {**one, "group": renamed[one["group"]], "owners": [renamed[each] for each in one["owners"]]}
        keys = contents[own["group"] or own["owners"][0]]
        generation = sorted(keys)[number % len(keys)]
        place, fresh = book.place(own), os.urandom(len(nonce))
        if theirs[0] == form.GROUP:  # once, with all members that the book has the values of
            all_of = [member({**book.place(each), "owners": place["owners"]}, theirs, bytes.fromhex(each["plain"]))
                      for each in told["envelopes"] if each["envelope"] == one["envelope"]]
            assert [m[0]["field"] for m in sorted(all_of, key=lambda m: m[0]["field"])] == list(form.members_of(theirs))
            made = sealed.setdefault(theirs, form.seal_group(keys[generation], suite, generation, all_of, fresh))
        else:
            made = form.seal(keys[generation], suite, revision, generation, {**place, **place["revisions"][revision]},
                             bytes.fromhex(one["plain"]), fresh)
        return {**own, "envelope": made.hex(), "text": form.to_text(made)}

    envelopes = [seal(one, number) for number, one in enumerate(told["envelopes"])]
    refused = []

    def refuse(one, at):
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

    groups = [one for one in envelopes if one["envelope"].startswith("c4")]
    for one in [each for each in envelopes if each not in groups][:3] + groups:
        envelope = bytes.fromhex(one["envelope"])
        begin, end = 0, len(envelope)
        if one in groups:  # a member's own part, and with the first one's, header and nonce
            members = form.members_of(envelope)
            own = b"".join(members[one["field"]])
            begin = 0 if one["field"] == min(members) else envelope.index(own)
            end = envelope.index(own) + len(own)
        for at in range(begin, end):
            refuse(one, at)
    return {**told, "persons": persons, "wraps": wraps, "index": index, "envelopes": envelopes, "refused": refused}


def values_of(path):
    """The values of a worked example alone: lines that begin with two spaces, joined."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    told = []
    for before, line in zip([""] + lines, lines):
        if line.startswith("  ") and before.startswith("  "):
            told[-1] += line[2:]
        elif line.startswith("  "):
            told.append(line[2:])
    return told


def counted(first, count):
    return bytes(range(first, first + count))


def found(made, told):
    missing = [value for value in made if value not in told]
    assert not missing, missing
    return len(made)


def example(path):
    """Makes the values of the worked example again; gives how many there are."""
    told = values_of(path)
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
    return found([value.hex() for value in made] + [form.to_text(sealed[0])], told)


def group_example(path):
    """The same for the worked example of a group."""
    told = values_of(path)
    both = {"product": b"frozen-im", "record": 0x0A0B, "purposes": ["push.personalised", "account.service"], "sensitive": 0,
            "version": 7, "owners": [counted(0x10, 16)], "row": b"alice"}
    address, name = {**both, "field": 2, "level": 4}, {**both, "field": 5, "level": 3}
    content, nonce = counted(0x40, 32), counted(0xB0, 24)
    group = form.seal_group(content, 1, 1, [(name, 1, b"Li Lei"), (address, 1, b"Lane 7")], nonce)
    made = [group[:6], nonce, b"Lane 7", b"Li Lei", group, form.cut(group, [5])]
    for place in (address, name):
        entry, sealed = form.members_of(group)[place["field"]]
        made += [form.field_key(content, 1, 0x0A0B, place["field"]), entry, sealed,
                 form.associated_data(group[:6], place, entry)]
    return found([value.hex() for value in made], told)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(verb, *words):
    if verb == "check":
        for path in words:
            print(f"{path}: {check(load(path))} opened, sealed again or refused")
    elif verb == "example":
        print(f"{words[0]}: {example(words[0])} values")
        print(f"{words[1]}: {group_example(words[1])} values")
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
