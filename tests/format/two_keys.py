# SPDX-License-Identifier: Apache-2.0
"""two_keys.py make | check <file>
Makes one envelope that opens under two content keys. Poly1305 is linear in the ciphertext: with the one-time keys of
both, one block of 16 bytes is chosen so that the two tags agree. Anybody who knows both keys can do it, so the key
file commits to its keys by their fingerprints."""
import hashlib
import json
import struct
import sys

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    import custody_format as form
except ImportError as missing:
    print(f"custody: skipped, {missing}; Debian has python3-nacl and python3-cryptography")
    sys.exit(77)

P = (1 << 130) - 5
TOP = 1 << 128


def secret(label, size):
    return hashlib.blake2b(label.encode(), person=b"two keys 1", digest_size=size).digest()


def key_stream(key, nonce16, size):
    return Cipher(algorithms.ChaCha20(key, nonce16), mode=None).encryptor().update(bytes(size))


def hchacha20(key, nonce16):
    """The ChaCha20 block without its last addition, words 0 to 3 and 12 to 15."""
    words = struct.unpack("<16I", key_stream(key, nonce16, 64))
    start = struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<4I", nonce16)
    return struct.pack("<8I", *((word - first) % (1 << 32) for word, first in zip(words[:4] + words[12:], start)))


def one_time_key(key, nonce):
    """Poly1305's r and s for an XChaCha20-Poly1305 key and nonce."""
    block = key_stream(hchacha20(key, nonce[:16]), bytes(8) + nonce[16:], 32)
    r = int.from_bytes(block[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    return r, int.from_bytes(block[16:], "little")


def blocks_of(aad, cipher):
    padded = aad + bytes(-len(aad) % 16) + cipher + struct.pack("<QQ", len(aad), len(cipher))
    return [int.from_bytes(padded[at:at + 16], "little") + TOP for at in range(0, len(padded), 16)]


def sum_of(blocks, r):
    total = 0
    for block in blocks:
        total = (total + block) * r % P
    return total


def collide(keys, nonce, aad):
    """Three blocks of ciphertext and the tag that they have under both keys."""
    (r1, s1), (r2, s2) = (one_time_key(key, nonce) for key in keys)
    from_end = 3  # the chosen block, the last block of ciphertext, the lengths
    inverse = pow(pow(r1, from_end, P) - pow(r2, from_end, P), -1, P)
    for attempt in range(1 << 16):
        first, last = secret(f"first {attempt}", 16), secret("last", 16)
        blocks = blocks_of(aad, first + bytes(16) + last)
        blocks[-from_end] = 0
        without = sum_of(blocks, r1) - sum_of(blocks, r2)
        for carry in range(-4, 5):
            chosen = (s2 - s1 + carry * TOP - without) * inverse % P
            if not TOP <= chosen < 2 * TOP:
                continue
            cipher = first + (chosen - TOP).to_bytes(16, "little") + last
            tags = [(sum_of(blocks_of(aad, cipher), r) + s) % TOP for r, s in ((r1, s1), (r2, s2))]
            if tags[0] == tags[1]:
                return cipher + tags[0].to_bytes(16, "little")
    raise AssertionError("no block was found")


def make():
    root, product, handle, created = b"r" * 32, b"frozen-im", secret("handle", 16), 1700000000000
    contents = [secret("first key", 32), secret("second key", 32)]
    nonce, header = secret("nonce", 24), bytes.fromhex("c10101010000")
    place = {"product": product, "record": 1, "field": 1, "purposes": ["account.service", "push.personalised"],
             "level": 3, "sensitive": 0, "version": 0, "owners": [handle], "row": b"alice"}
    keys = [form.field_key(content, 1, 1, 1) for content in contents]
    envelope = header + nonce + collide(keys, nonce, form.associated_data(header, place))
    told = {1: {name: place[name] for name in ("purposes", "level", "sensitive")}}
    plains = [form.open_envelope({1: content}, {**place, "revisions": told}, envelope) for content in contents]
    assert plains[0] != plains[1] and form.seal(contents[0], 1, 1, 1, place, plains[0], nonce) == envelope
    kek = form.branch(root, b"custody.ring.wrap")
    return {
        "product": product.decode(), "root": root.hex(), "handle": handle.hex(), "generation": 1, "created": created,
        "row": place["row"].hex(), "envelope": envelope.hex(),
        "keys": [{"content": content.hex(), "fingerprint": form.fingerprint(content).hex(),
                  "wrapped": form.wrap(kek, content, secret("wrap " + content.hex(), 24), product, handle, bytes(16), 1,
                                       created).hex(), "plain": plain.hex()}
                 for content, plain in zip(contents, plains)]}


def main(verb, *paths):
    made = make()
    if verb == "make":
        print(json.dumps(made, indent=1))
        return
    for path in paths:
        with open(path, encoding="utf-8") as file:
            assert json.load(file) == made, "the file is not what this program makes"
        print(f"{path}: one envelope, two keys, two plaintexts")


if __name__ == "__main__":
    main(*sys.argv[1:])
