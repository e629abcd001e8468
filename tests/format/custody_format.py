# SPDX-License-Identifier: Apache-2.0
"""custody's bytes at rest, a second time: written from docs/format.md, sharing nothing with the headers."""
import base64
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl import bindings, exceptions

SUITES = {1: (24, 16), 2: (12, 16)}  # number: nonce, tag
HEADER, PREFIX, LARGEST, LONGEST_ROW, GRADE4 = 6, "~c1.", 1 << 20, 255, 4
BOUND, TRANSIENT, GROUP, ENTRY = 0xC1, 0xC2, 0xC4, 6


class Refused(Exception):
    """An envelope that may not be opened; the text is the name of the error."""


def part(data):
    return struct.pack("<I", len(data)) + data


def derive(parent, context):
    return hashlib.blake2b(b"custody.derive.1" + context, key=parent, digest_size=32).digest()


def fingerprint(key):
    return hashlib.blake2b(b"custody.finger.1", key=key, digest_size=32).digest()


def branch(root, label):
    return derive(root, part(b"custody.root.1") + part(label))


def field_key(content, suite, record, field):
    return derive(content, part(b"field") + struct.pack("<BIH", suite, record, field))


def holder_key(content):
    return derive(content, part(b"wrap"))


def index_value(root, label, product, record, field, normaliser, generation, value, bits=128):
    key = derive(branch(root, b"custody.ring.index"), part(b"custody.index.1") + part(label) + part(product) +
                 part(record) + struct.pack("<I", field) + part(normaliser) + struct.pack("<I", generation))
    whole = int.from_bytes(hashlib.blake2b(value, key=key, digest_size=16).digest(), "big")
    return (whole >> (128 - bits) << (128 - bits)).to_bytes(16, "big")


def aead_seal(suite, key, nonce, plain, aad):
    if suite == 1:
        return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, aad, nonce, key)
    return AESGCM(key).encrypt(nonce, plain, aad)


def aead_open(suite, key, nonce, sealed, aad):
    try:
        if suite == 1:
            return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, aad, nonce, key)
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except (InvalidTag, exceptions.CryptoError):
        raise Refused("tampered") from None


def under_number(under):  # the generation of the holder's key, said only where it is not the first
    return b"" if under == 1 else struct.pack("<I", under)


def wrap_aad(product, handle, holder, generation, created, under=1):
    return part(b"custody.wrap.1") + part(part(b"custody.key.1") + part(product) + handle + holder +
                                          struct.pack("<IQ", generation, created) + under_number(under))


def wrap(kek, key, nonce, *place, under=1):
    return under_number(under) + nonce + aead_seal(1, kek, nonce, key, wrap_aad(*place, under=under))


def wrapped_under(wrapped):
    if len(wrapped) == 72:
        return 1
    under = struct.unpack("<I", wrapped[:4])[0] if len(wrapped) == 76 else 0
    if under < 2:
        raise Refused("malformed")
    return under


def unwrap(kek, wrapped, print32, *place):
    under, bare = wrapped_under(wrapped), wrapped[-72:]
    key = aead_open(1, kek, bare[:24], bare[24:], wrap_aad(*place, under=under))
    if not hmac.compare_digest(fingerprint(key), print32):
        raise Refused("tampered")
    return key


def associated_data(header, place, entry=None):
    """`place`: product, record, field, purposes, level, sensitive, version, owners, row; `entry`: of a group's member."""
    ids = sorted(purpose.encode() for purpose in place["purposes"])
    aad = b"custody:g1" + header + entry if entry else b"custody:b1" + header + struct.pack("<H", place["field"])
    aad += struct.pack("<H", len(ids)) + b"".join(struct.pack("<B", len(each)) + each for each in ids)
    aad += struct.pack("<BB", place["level"], place["sensitive"])
    if place["level"] >= GRADE4:
        aad += struct.pack("<Q", place["version"])
    owners = sorted(set(place["owners"]))
    return (aad + part(place["product"]) + struct.pack("<II", place["record"], len(owners)) + b"".join(owners) +
            part(place["row"]))


def head(form, suite, revision, generation):
    return struct.pack("<BBB", form, suite, revision) + struct.pack("<I", generation)[:3]


def seal(content, suite, revision, generation, place, plain, nonce):
    if len(plain) > LARGEST or len(place["row"]) > LONGEST_ROW:
        raise Refused("too_large")
    header = head(BOUND, suite, revision, generation)
    key = field_key(content, suite, place["record"], place["field"])
    return header + nonce + aead_seal(suite, key, nonce, plain, associated_data(header, place))


def seal_group(content, suite, generation, members, nonce):
    """`members`: place, revision and plaintext of each, of one row and in any order; the nonce must be a new one."""
    header = head(GROUP, suite, 0, generation)
    out = header + nonce
    for place, revision, plain in sorted(members, key=lambda member: member[0]["field"]):
        if len(plain) > LARGEST or len(place["row"]) > LONGEST_ROW:
            raise Refused("too_large")
        entry = struct.pack("<HB", place["field"], revision) + struct.pack("<I", len(plain))[:3]
        key = field_key(content, suite, place["record"], place["field"])
        out += entry + aead_seal(suite, key, nonce, plain, associated_data(header, place, entry))
    return out


def parse(envelope):
    """Suite, revision, generation, nonce, and what follows: ciphertext with tag, or the members of a group."""
    if len(envelope) < HEADER:
        raise Refused("truncated")
    if envelope[0] not in (BOUND, TRANSIENT, GROUP):
        raise Refused("malformed")
    if envelope[1] not in SUITES:
        raise Refused("suite_unavailable")
    nonce, tag = SUITES[envelope[1]]
    if len(envelope) < HEADER + nonce + tag:
        raise Refused("truncated")
    if envelope[0] == TRANSIENT:
        raise Refused("not_bound")
    if envelope[0] == BOUND and len(envelope) > LARGEST + 256:
        raise Refused("too_large")
    return (envelope[1], envelope[2], int.from_bytes(envelope[3:6], "little"), envelope[HEADER:HEADER + nonce],
            envelope[HEADER + nonce:])


def members_of(group):
    """Field number to entry, and ciphertext with tag, of every member."""
    suite, revision, _, _, rest = parse(group)
    tag, found, last = SUITES[suite][1], {}, -1
    while rest:
        field, plain = int.from_bytes(rest[:2], "little"), int.from_bytes(rest[3:6], "little")
        end = ENTRY + plain + tag
        if revision != 0 or len(rest) < ENTRY + tag or plain > LARGEST or field <= last or len(rest) < end:
            raise Refused("malformed")
        found[field], rest, last = (rest[:ENTRY], rest[ENTRY:end]), rest[end:], field
    return found


def cut(group, fields):
    """A group of some of the members alone: takes no key."""
    at, members = HEADER + SUITES[group[1]][0], members_of(group)
    return group[:at] + b"".join(b"".join(members[field]) for field in sorted(fields))


def open_envelope(keys, place, envelope):
    """`keys`: generation to content key; `place["revisions"]`: revision to its purposes, level and sensitivity."""
    suite, revision, generation, nonce, sealed = parse(envelope)
    entry = None
    if envelope[0] == GROUP:
        members = members_of(envelope)
        if place["field"] not in members:
            raise Refused("foreign_envelope")
        entry, sealed = members[place["field"]]
        revision = entry[2]
    if revision not in place["revisions"]:
        raise Refused("unknown_revision")
    if generation not in keys:
        raise Refused("unknown_key")
    key = field_key(keys[generation], suite, place["record"], place["field"])
    told = {**place, **place["revisions"][revision]}
    return aead_open(suite, key, nonce, sealed, associated_data(envelope[:HEADER], told, entry))


def to_text(envelope):
    return PREFIX + base64.urlsafe_b64encode(envelope).rstrip(b"=").decode()


def from_text(text):
    if not text.startswith(PREFIX):
        raise Refused("malformed")
    digits = text[len(PREFIX):]
    try:
        envelope = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except ValueError:
        raise Refused("malformed") from None
    if to_text(envelope) != text:  # another alphabet, padding, stray bits
        raise Refused("malformed")
    return envelope
