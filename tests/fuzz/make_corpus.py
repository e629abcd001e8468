# SPDX-License-Identifier: Apache-2.0
"""make_corpus.py: writes the seeds of tests/fuzz/corpus/ from tests/vectors/ and from what stands here."""
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"


def write(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def envelopes():
    book = json.loads((VECTORS / "envelopes-1.json").read_text())
    for told in book[:2]:
        for number in (0, 1, 10):
            one = told["envelopes"][number]
            write("envelopes", f"suite{told['suite']}-{number}", bytes.fromhex(one["envelope"]))
    for told in json.loads((VECTORS / "envelopes-2.json").read_text()):
        for number in (0, 1, 3):
            write("envelopes", f"group{told['suite']}-{number}", bytes.fromhex(told["envelopes"][number]["envelope"]))
    for name, pieces in (("whole", (0, 2, 4)), ("swapped", (2, 0, 4)), ("one", (0,)), ("twice", (0, 0)), ("mixed", (0, 3)),
                         ("gap", (0, 4))):
        write("envelopes", "joined-" + name, bytes([0]) + bytes(12 + each for each in pieces))
    for name, at, value in (("entry", 30, 3), ("revision", 32, 2), ("length", 33, 10), ("last-length", 94, 1)):
        write("envelopes", "group-edit-" + name, b"\0\0" + struct.pack("<HB", at, value))
    write("envelopes", "text", book[0]["envelopes"][0]["text"])
    write("envelopes", "unchanged", b"\0\0")
    for name, at, value in (("format", 0, 0xC2), ("suite", 1, 2), ("revision", 2, 2), ("generation", 3, 2), ("nonce", 6, 0),
                            ("cipher", 30, 0), ("tag", 56, 0)):
        write("envelopes", "edit-" + name, b"\0\0" + struct.pack("<HB", at, value))
    write("envelopes", "cut", b"\0\1")
    write("envelopes", "longer", b"\1\0")
    write("envelopes", "json", '{"a":{"b":"15400059572"},"c":[1,2,{"d":"\\u4e2d"}]}')
    write("envelopes", "form", "a=%2B86+154+0005+9572&b=1")
    write("envelopes", "phone", "+86 (154) 0005-9572")
    write("envelopes", "name", "\u5f20\u4e09")


def json_at_rest():
    text = json.loads((VECTORS / "envelopes-1.json").read_text())[0]["envelopes"][0]["text"]
    documents = {"strange": {"uid": "u", "text": text, "list": text, "high": text}, "nulls": dict.fromkeys(("uid", "text", "list", "high")),
                 "no-text": {"uid": "u", "text": 1, "list": [], "high": {}}, "missing": {"uid": "u"},
                 "clear": {"uid": "u", "text": "15400059572", "list": "ab", "high": "secret"}, "list": [1, 2]}
    for name, document in documents.items():
        write("json_at_rest", name, json.dumps(document))
    for number in range(16):
        write("json_at_rest", f"crossed-{number}", bytes([number]))


def key_file():
    whole = (VECTORS / "key-file-1.bin").read_bytes()
    short = whole[:88] + whole[1024:1056] + whole[2048:2080] + whole[4096:]
    for flags in (0, 15, 31, 28, 7, 11):
        write("key_file", f"whole-{flags}", bytes([flags]) + short)
    write("key_file", "as-it-is", b"\x20" + whole)
    for cut in (1, 16, 80, 100, 200):
        write("key_file", f"cut-{cut}", b"\x0f" + short[:-cut])
    for kind in range(11):
        head = struct.pack("<II16s16sIIQQ", kind, 0, b"\1" * 16, b"\2" * 16, 1, 0, 4096, 0) + bytes(16)
        write("key_file", f"kind-{kind}", b"\x1f" + short[:152] + head)
    body = struct.pack("<II16s16sIIQQ", 6, 0xFFFFFFF0, b"", b"", 1, 0, 0, 0) + bytes(16)
    write("key_file", "huge-body", b"\x0f" + short[:152] + body)
    for name, at in (("magic", 0), ("id", 24), ("slot", 1024), ("padding", 3000), ("head", 4096), ("body", 4200)):
        write("key_file", "edit-" + name, b"\x40" + struct.pack("<HB", at, 0xAB))
    write("key_file", "edit-slot-and-body", b"\x40" + struct.pack("<HBHB", 1024, 0x38, 0x3838, 0x38))
    write("key_file", "no-records", b"\x1f" + short[:152])


def text_forms():
    text = json.loads((VECTORS / "envelopes-1.json").read_text())[0]["envelopes"][0]["text"]
    line = json.loads((VECTORS / "derivations-1.json").read_text())["passphrase"]["line"]
    seeds = {"form": text, "line": line, "line-end": line + "\n", "weak": line.replace(" 2 ", " 1 "), "zeros": line.replace(" 2 ", " 02 "),
             "huge": line.replace("67108864", "9" * 16), "url": "-_-_", "standard": "+/+/AA==", "stray": "AB", "padded": "QQ==", "nothing": ""}
    for name, seed in seeds.items():
        write("text_forms", name, seed)


if __name__ == "__main__":
    for make in (envelopes, json_at_rest, key_file, text_forms):
        make()
