# SPDX-License-Identifier: Apache-2.0
"""key_file.py <file> <root in hex>: reads a key file, and checks every tag in it; written from docs/format.md."""
import hashlib
import hmac
import struct
import sys

try:
    import custody_format as form
except ImportError as missing:
    print(f"custody: skipped, {missing}; Debian has python3-nacl and python3-cryptography")
    sys.exit(77)

PAGE, HEAD, SLOTS = 4096, 80, (1024, 2048)
KINDS = {1: "key", 2: "drop_wrap", 3: "tombstone", 4: "index_row", 5: "drop_index", 6: "fact", 7: "count", 8: "epoch",
         9: "generation"}


def read(data, root):
    """The records as (offset, kind, a, b, number, value, body); body is None where erasure has overwritten it."""
    def good(told, what, offset, first, second=b""):
        prefix = what + struct.pack("<QQ", offset, len(first))
        return hmac.compare_digest(hashlib.blake2b(prefix + first + second, key=key, digest_size=16).digest(), told)

    assert data[:16] == b"custody-keyfile\n" and struct.unpack_from("<II", data, 16) == (1, 0)
    key = form.derive(form.branch(root, b"key-file"), data[24:40])
    assert form.fingerprint(key) == data[40:72], "another root"
    assert hashlib.blake2b(data[:72], digest_size=16).digest() == data[72:88]
    slots = [struct.unpack_from("<QQ", data, at) for at in SLOTS if good(data[at + 16:at + 32], b"s", at, data[at:at + 16])]
    assert all(SLOTS[sequence % 2] in SLOTS for sequence, _ in slots) and max(slots)[1] <= len(data)
    rest = bytearray(data[88:PAGE])
    for at in SLOTS:
        rest[at - 88:at - 56] = bytes(32)
    assert not any(rest)
    at, records = PAGE, []
    while at != len(data):
        head = data[at:at + 64]
        assert good(data[at + 64:at + HEAD], b"h", at, head), f"head at {at}"
        kind, length, a, b, number, zero, value, zeros = struct.unpack("<II16s16sIIQQ", head)
        assert zero == zeros == 0
        body, room = b"", 0
        if length:
            padded = (length + 15) // 16 * 16
            room = padded + 16
            told = data[at + HEAD:at + HEAD + padded]
            whole = good(data[at + HEAD + padded:at + HEAD + room], b"b", at, data[at + 64:at + HEAD], told)
            assert whole or not any(data[at + HEAD:at + HEAD + room]), f"body at {at}"
            body = told[:length] if whole else None
        records.append((at, KINDS[kind], a, b, number, value, body))
        at += HEAD + room
    return records


def main(path, root):
    with open(path, "rb") as file:
        records = read(file.read(), bytes.fromhex(root))
    assert {kind for _, kind, *_ in records} == set(KINDS.values()) - {"generation"}
    assert any(body is None for *_, body in records), "nothing was erased in it"
    print(f"{path}: {len(records)} records")


if __name__ == "__main__":
    main(*sys.argv[1:])
