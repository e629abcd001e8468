# SPDX-License-Identifier: Apache-2.0
"""derivations.py make | check <file>
Passphrases, branches of the root, field keys, fingerprints and index values, from this implementation alone."""
import base64
import json
import sys

try:
    from nacl import bindings

    import custody_format as form
except ImportError as missing:
    print(f"custody: skipped, {missing}; Debian has python3-nacl and python3-cryptography")
    sys.exit(77)


def passphrase_root(line, passphrase):
    name, kind, operations, memory, salt = line.split(" ")
    assert (name, kind) == ("custody-passphrase-1", "argon2id")
    return bindings.crypto_pwhash_alg(32, passphrase.encode(), base64.urlsafe_b64decode(salt + "=="), int(operations),
                                      int(memory), bindings.crypto_pwhash_ALG_ARGON2ID13)


def make():
    salt = base64.urlsafe_b64encode(bytes(range(16))).rstrip(b"=").decode()
    line, passphrase = f"custody-passphrase-1 argon2id 2 67108864 {salt}", "correct horse battery staple"
    root, content = bytes(range(32)), bytes(range(64, 96))
    fields = [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (1, 0x01020304, 0x0506), (2, 0xFFFFFFFF, 0xFFFF)]
    places = [("field", "im", "", 65537, "phone_e164", 1, "+8615400059572"), ("uid", "im", "", 0, "exact", 1, "alice"),
              ("ab", "c", "", 1, "exact", 1, "x"), ("a", "bc", "", 1, "exact", 1, "x"), ("a", "b", "c", 1, "exact", 1, "x"),
              ("field", "im", "", 65537, "phone_e164", 2, "+8615400059572"), ("field", "im", "", 65537, "exact", 1, ""),
              ("field", "im", "", 65538, "phone_e164", 1, "+8615400059572")]
    return {
        "passphrase": {"line": line, "passphrase": passphrase, "root": passphrase_root(line, passphrase).hex()},
        "root": root.hex(), "content": content.hex(), "fingerprint": form.fingerprint(content).hex(),
        "branches": {label: form.branch(root, label.encode()).hex()
                     for label in ("custody.ring.wrap", "custody.ring.index", "key-file", "ab", "")},
        "holder_key": form.holder_key(content).hex(),
        "field_keys": [{"suite": suite, "record": record, "field": field,
                        "key": form.field_key(content, suite, record, field).hex()} for suite, record, field in fields],
        "index": [{"label": label, "product": product, "record": record, "field": field, "normaliser": normaliser,
                   "generation": generation, "normalised": value, "bits": bits,
                   "value": form.index_value(root, label.encode(), product.encode(), record.encode(), field,
                                             normaliser.encode(), generation, value.encode(), bits).hex()}
                  for label, product, record, field, normaliser, generation, value in places
                  for bits in (128, 18, 10, 1)]}


def main(verb, *paths):
    made = make()
    if verb == "make":
        print(json.dumps(made, indent=1))
        return
    for path in paths:
        with open(path, encoding="utf-8") as file:
            assert json.load(file) == made, "the file is not what this program makes"
        print(f"{path}: {len(made['index']) + len(made['field_keys']) + len(made['branches']) + 3} values")


if __name__ == "__main__":
    main(*sys.argv[1:])
