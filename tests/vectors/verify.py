#!/usr/bin/env python3
"""Reads the known-answer vectors beside this file with none of Belay's code, after protocol/SPEC.md.

Needs Python 3.11 and what requirements.txt names. Prints a line for each check, then "N passed, N failed".
The primitives (Ed25519, X25519, ML-KEM-768, AES-GCM, ChaCha20-Poly1305) are those of `cryptography`, HKDF and HPKE's key
schedule are written out here, and X-Wing is combined by hand from its two parts.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys

import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

HERE = pathlib.Path(__file__).parent
RESULTS = {True: 0, False: 0}


def check(name, holds):
    holds = bool(holds)
    RESULTS[holds] += 1
    print(("ok      " if holds else "FAILED  ") + name)


def fails(errors, do):
    """Whether `do` raises one of `errors`."""
    try:
        do()
    except errors:
        return True
    return False


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(secret, *parts):
    return hmac.new(secret, b"".join(parts), hashlib.sha256).digest()


def hkdf_extract(salt, secret):
    return mac(salt or bytes(32), secret)


def hkdf_expand(prk, info, length):
    out, block = b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = mac(prk, block, info, bytes([number]))
        out += block
    return out[:length]


def raw(key):
    return key.public_bytes_raw()


def signed(public, tag, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, b"belay sign " + tag + b" v1\0" + message)
        return True
    except InvalidSignature:
        return False


# Postcard (https://postcard.jamesmunns.com/wire-format), read by hand.


class Reader:
    """What is left of some bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift:
                    raise ValueError("not canonical")
                return value
            shift += 7

    def id(self):
        return self.take(32)

    def bytes(self):
        return self.take(self.varint())

    def text(self):
        return self.bytes().decode("utf-8")

    def bool(self):
        return {0: False, 1: True}[self.u8()]

    def list(self, item):
        return [item() for _ in range(self.varint())]

    def option(self, item):
        return item() if self.bool() else None

    def done(self):
        if self.at != len(self.data):
            raise ValueError("too many bytes")

    # The types of the protocol.

    def prekey(self):
        return {"suite": self.u8(), "key": self.bytes()}

    def certificate(self):
        start = self.at
        value = {"root": self.id(), "node": self.id(), "prekey": self.prekey(), "issued": self.varint()}
        value["signed"] = self.data[start:self.at]
        value["signature"], value["possession"] = self.take(64), self.take(64)
        return value

    def card(self):
        return {"root": self.id(), "name": self.text(), "kind": self.varint()}

    def party(self):
        return {"card": self.card(), "certificate": self.certificate()}

    def wrap(self):
        return {"suite": self.u8(), "prekey": self.id(), "encapsulated": self.bytes(), "sealed": self.bytes()}


def certificate_holds(certificate):
    return signed(certificate["root"], b"certificate", certificate["signed"], certificate["signature"]) and signed(
        certificate["node"], b"possession", certificate["signed"], certificate["possession"])


def org(root):
    return sha256(b"belay organisation v1\0", root)


def prekey_id(suite, key):
    return sha256(b"belay prekey v1\0", bytes([suite]), key)


# Wraps: HPKE (RFC 9180), base mode.


def xwing(seed):
    """The two private keys in an X-Wing seed (draft-connolly-cfrg-xwing-kem)."""
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def public_of(suite, seed):
    if suite == 2:
        return raw(X25519PrivateKey.from_private_bytes(seed).public_key())
    mlkem, x25519 = xwing(seed)
    return raw(mlkem.public_key()) + raw(x25519.public_key())


def labeled_extract(suite_id, salt, label, secret):
    return hkdf_extract(salt, b"HPKE-v1" + suite_id + label + secret)


def labeled_expand(suite_id, prk, label, info, length):
    return hkdf_expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite_id + label + info, length)


def decapsulate(suite, seed, encapsulated):
    """The KEM's id and shared secret."""
    if suite == 1:
        mlkem, x25519 = xwing(seed)
        first, second = encapsulated[:1088], encapsulated[1088:]
        shared = x25519.exchange(X25519PublicKey.from_public_bytes(second))
        label = b"\\.//^\\"
        secret = hashlib.sha3_256(mlkem.decapsulate(first) + shared + second + raw(x25519.public_key()) + label)
        return 0x647A, secret.digest()
    private = X25519PrivateKey.from_private_bytes(seed)
    shared = private.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    kem = b"KEM" + struct.pack(">H", 0x0020)
    prk = labeled_extract(kem, b"", b"eae_prk", shared)
    context = encapsulated + raw(private.public_key())
    return 0x0020, labeled_expand(kem, prk, b"shared_secret", context, 32)


def open_wrap(seed, wrap, info, aad):
    if wrap["prekey"] != prekey_id(wrap["suite"], public_of(wrap["suite"], seed)):
        raise ValueError("for another prekey")
    kem, shared = decapsulate(wrap["suite"], seed, wrap["encapsulated"])
    suite_id = b"HPKE" + struct.pack(">HHH", kem, 0x0001, 0x0003)
    psk_id_hash = labeled_extract(suite_id, b"", b"psk_id_hash", b"")
    info_hash = labeled_extract(suite_id, b"", b"info_hash", b"belay wrap v1\0" + info)
    context = b"\0" + psk_id_hash + info_hash
    secret = labeled_extract(suite_id, shared, b"secret", b"")
    key = labeled_expand(suite_id, secret, b"key", context, 32)
    nonce = labeled_expand(suite_id, secret, b"base_nonce", context, 12)
    return ChaCha20Poly1305(key).decrypt(nonce, wrap["sealed"], aad)


# Sealed bodies.


def commitment(key):
    return sha256(b"belay epoch commitment v1\0", key)


def open_body(key, header, sealed):
    suite, salt, text = sealed[0], sealed[1:33], sealed[33:]
    prk = hkdf_extract(salt + sha256(header), key)
    body_key = hkdf_expand(prk, b"belay body v1\0" + bytes([suite]), 32)
    packed = {1: AESGCM, 2: ChaCha20Poly1305}[suite](body_key).decrypt(bytes(12), text, header)
    return {0: lambda rest: rest, 1: zstandard.decompress}[packed[0]](packed[1:])


# Six words: the BIP39 list is not kept here; the words are compared by their numbers, which the vectors carry.


def six_numbers(of):
    bits = int.from_bytes(sha256(b"belay six words v1\0", of), "big") >> (256 - 66)
    return [bits >> (55 - 11 * index) & 0x7FF for index in range(6)]


# Invite codes and files.


def parse_code(text):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    text = text.lower().replace("o", "0")
    if not text.startswith("belay1-"):
        raise ValueError("no code")
    bits = 0
    symbols = text[7:].replace("i", "1").replace("l", "1")
    for symbol in symbols:
        bits = bits << 5 | alphabet.index(symbol)
    count = len(symbols) * 5 // 8
    spare = len(symbols) * 5 - count * 8
    if bits & ((1 << spare) - 1):
        raise ValueError("spare bits")
    data = (bits >> spare).to_bytes(count, "big")
    payload, checksum = data[:-4], data[-4:]
    if sha256(b"belay invite code v1\0", payload)[:4] != checksum:
        raise ValueError("checksum")
    read = Reader(payload)
    if int.from_bytes(read.take(2), "big") != len(payload):
        raise ValueError("length")
    code = {"node": read.id(), "org": read.id(), "secret": read.take(16),
            "expires": int.from_bytes(read.take(4), "big") * 60_000}
    code["addresses"] = [parse_address(read) for _ in range(read.u8())]
    read.done()
    return code


def parse_address(read):
    tag = read.u8()
    if tag == 0:
        return read.take(read.u8()).decode()
    host = ["ip4", "ip6", "dns", "dns4", "dns6"][(tag - 1) // 2]
    if host == "ip4":
        name = ".".join(str(byte) for byte in read.take(4))
    elif host == "ip6":
        import ipaddress
        name = str(ipaddress.IPv6Address(read.take(16)))
    else:
        name = read.take(read.u8()).decode()
    port = int.from_bytes(read.take(2), "big")
    return f"/{host}/{name}/tcp/{port}" if tag % 2 else f"/{host}/{name}/udp/{port}/quic-v1"


def parse_file(word, text):
    lines = text.strip().splitlines()
    content = base64.b64decode("".join(lines[1:-1]), validate=True)
    checksum = sha256(b"belay file v1\0", word.encode(), b"\0", content)[:8].hex()
    if lines[0] != f"-----BEGIN BELAY {word} 1-----" or lines[-1] != f"-----END BELAY {word} 1 {checksum}-----":
        raise ValueError("not such a file")
    return content


def claiming_of(read):
    """A claim's covered bytes, its parts and its proof."""
    start = read.at
    invite, party, nonce = read.id(), read.party(), read.id()
    return read.data[start:read.at], {"invite": invite, "party": party, "nonce": nonce}, read.id()


def offering_of(read):
    """An offer's bytes and its parts."""
    start = read.at
    value = {"party": read.party(), "coalition": read.id(), "name": read.text(), "nonce": read.id()}
    return read.data[start:read.at], value


def claim_proof(code, claiming):
    return mac(code["secret"], b"belay join claim v1\0", code["node"], code["org"], claiming)


def transcript_of(claiming, offering):
    return sha256(b"belay join transcript v1\0", claiming, offering)


# The checks.


def load(name):
    return json.loads((HERE / name).read_text())


def unhex(value):
    return bytes.fromhex(value)


def check_keys():
    vectors = load("keys.json")
    for index, phrase in enumerate(vectors["phrases"]):
        seed = hashlib.pbkdf2_hmac("sha512", phrase["words"].encode(), b"mnemonic", 2048, 64)
        prk = hkdf_extract(b"belay recovery phrase v1\0", seed)
        root = Ed25519PrivateKey.from_private_bytes(hkdf_expand(prk, b"belay root v1\0", 32))
        recovery = hkdf_expand(prk, b"belay recovery v1\0", 32)
        check(f"phrase {index}: root key", raw(root.public_key()).hex() == phrase["root_public"])
        check(f"phrase {index}: organisation id", org(raw(root.public_key())).hex() == phrase["org"])
        check(f"phrase {index}: recovery seed", recovery.hex() == phrase["recovery_seed"])
        check(f"phrase {index}: recovery prekey id",
              prekey_id(1, public_of(1, recovery)).hex() == phrase["recovery_prekey_id"])

    vector = vectors["certificates"]
    read = Reader(unhex(vector["certificate"]))
    certificate = read.certificate()
    read.done()
    check("certificate: names root, node and time",
          (certificate["root"].hex(), certificate["node"].hex(), certificate["issued"])
          == (vector["root_public"], vector["node"], vector["issued"]))
    check("certificate: signed by the root and by the node", certificate_holds(certificate))
    forged = dict(certificate, signature=certificate["possession"])
    check("certificate: the node's signature is not the root's", not certificate_holds(forged))
    read = Reader(unhex(vector["retirement"]))
    root, node, issued, signature = read.id(), read.id(), read.varint(), read.take(64)
    read.done()
    check("retirement: signed by the root, of that node and time",
          signed(root, b"retirement", read.data[:-64], signature)
          and (node.hex(), issued) == (vector["node"], vector["retired"]))

    for prekey in vectors["prekeys"]:
        public = public_of(prekey["suite"], unhex(prekey["seed"]))
        name = f"prekey of suite {prekey['suite']} from {prekey['seed'][:4]}.."
        check(f"{name}: public half", public.hex() == prekey["public"])
        check(f"{name}: id", prekey_id(prekey["suite"], public).hex() == prekey["id"])
    for vector in vectors["six_words"]:
        check(f"six words of {vector['of'][:8] or 'nothing'}", six_numbers(unhex(vector["of"])) == vector["numbers"])


def check_wraps():
    for index, vector in enumerate(load("wraps.json")["wraps"]):
        read = Reader(unhex(vector["wrap"]))
        wrap = read.wrap()
        read.done()
        seed, info, aad = unhex(vector["seed"]), unhex(vector["info"]), unhex(vector["aad"])
        name = f"wrap {index} of suite {wrap['suite']}"
        check(f"{name}: opens", open_wrap(seed, wrap, info, aad).hex() == vector["secret"])
        check(f"{name}: not for another use", fails(InvalidTag, lambda: open_wrap(seed, wrap, info + b"x", aad)))
        check(f"{name}: not in another place", fails(InvalidTag, lambda: open_wrap(seed, wrap, info, aad + b"x")))


def check_bodies():
    vectors = load("bodies.json")
    key = unhex(vectors["key"])
    check("epoch key: commitment", commitment(key).hex() == vectors["commitment"])
    for index, vector in enumerate(vectors["bodies"]):
        header, sealed = unhex(vector["header"]), unhex(vector["sealed"])
        check(f"body {index} of suite {sealed[0]}: opens", open_body(key, header, sealed).hex() == vector["plaintext"])
        check(f"body {index}: not under another header", fails(InvalidTag, lambda: open_body(key, header + b"x", sealed)))


def check_codes(vectors):
    for index, vector in enumerate(vectors):
        code = parse_code(vector["text"])
        check(f"invite code {index}: holds what it should",
              all(code[name] == vector[name] for name in ("expires", "addresses"))
              and all(code[name].hex() == vector[name] for name in ("node", "org", "secret")))
        check(f"invite code {index}: id", sha256(b"belay invite v1\0", code["secret"]).hex() == vector["id"])
        wrong = vector["text"][:40] + ("7" if vector["text"][40] != "7" else "8") + vector["text"][41:]
        check(f"invite code {index}: a wrong character is noticed", fails(ValueError, lambda: parse_code(wrong)))


def check_link(vector):
    code = parse_code(vector["code"])
    read = Reader(unhex(vector["claim"]))
    check("join: the first request is a claim of version 1", (read.u8(), read.varint()) == (1, 0))
    claiming, claim, proof = claiming_of(read)
    read.done()
    newcomer = claim["party"]["certificate"]
    check("join: the newcomer's certificate is its own", certificate_holds(newcomer)
          and newcomer["node"].hex() == vector["newcomer"] and newcomer["root"] == claim["party"]["card"]["root"])
    check("join: the claim proves the secret", proof == claim_proof(code, claiming))
    read = Reader(unhex(vector["welcome"]))
    check("join: the answer is a welcome of version 1", (read.u8(), read.varint()) == (1, 0))
    offering, offer = offering_of(read)
    proof = read.id()
    read.done()
    inviter = offer["party"]["certificate"]
    check("join: the inviter is whom the code names", certificate_holds(inviter) and inviter["node"] == code["node"]
          and org(inviter["root"]) == code["org"] and offer["coalition"].hex() == vector["coalition"])
    transcript = transcript_of(claiming, offering)
    check("join: the welcome proves the secret", proof == mac(code["secret"], b"belay join offer v1\0", transcript))
    check("join: both see these six words", six_numbers(transcript) == vector["numbers"])
    read = Reader(unhex(vector["ask"]))
    asked = (read.u8(), read.varint(), read.id(), read.varint(), read.id())
    read.done()
    check("join: the question names the invite and proves the secret",
          asked == (1, 1, claim["invite"], 0, mac(code["secret"], b"belay join ask v1\0", transcript)))
    check("join: pending", unhex(vector["pending"]) == bytes([1, 1]))
    read = Reader(unhex(vector["approved"]))
    check("join: approved", (read.u8(), read.varint()) == (1, 2))
    check_page(read, vector["coalition"])


def check_page(read, coalition):
    space, start = read.id(), read.varint()
    entries, following = read.list(read.bytes), read.option(read.varint)
    read.list(lambda: (read.id(), read.list(read.text)))
    read.done()
    check("join: the page is the whole coalition, from its found entry",
          space.hex() == coalition and start == 0 and following is None
          and sha256(b"belay entry v1\0", entries[0]) == space)
    return entries


def check_files(vector):
    content = parse_file("INVITE", vector["invite"])
    read = Reader(content)
    code = {"node": read.id(), "org": read.id(), "secret": read.take(16), "expires": read.varint(),
            "addresses": read.list(read.text)}
    offering, offer = offering_of(read)
    read.done()
    read = Reader(parse_file("CLAIM", vector["claim"]))
    claiming, claim, proof = claiming_of(read)
    signature = read.take(64)
    check("claim file: proves the secret and is signed by the newcomer's node",
          proof == claim_proof(code, claiming)
          and signed(claim["party"]["certificate"]["node"], b"handshake",
                     b"belay claim file v1\0" + read.data[:-64], signature))
    read.done()
    transcript = transcript_of(claiming, offering)
    check("files: both see these six words", six_numbers(transcript) == vector["numbers"])

    tag = b"belay welcome file v1\0"
    read = Reader(parse_file("WELCOME", vector["welcome"]))
    invite, heard, coalition, wrap, parts = read.id(), read.id(), read.id(), read.wrap(), read.list(read.bytes)
    digest = sha256(tag, read.data[:read.at])
    proof, signature = read.id(), read.take(64)
    read.done()
    check("welcome file: for this claim, by the inviter, who knows the secret",
          (invite, heard, coalition) == (claim["invite"], transcript, offer["coalition"])
          and proof == mac(code["secret"], tag, digest)
          and signed(code["node"], b"handshake", tag + digest + proof, signature))
    key = open_wrap(unhex(vector["prekey_seed"]), wrap, tag, transcript)
    content = b"".join(
        open_body(key, transcript + varint(index) + varint(len(parts)), part) for index, part in enumerate(parts))
    entries = check_page(Reader(content), coalition.hex())
    check("welcome file: holds the entries", [entry.hex() for entry in entries] == vector["entries"])


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def check_admission(vector):
    sender, receiver = unhex(vector["from"]), unhex(vector["to"])
    read = Reader(unhex(vector["frame"]))
    check("admission: version 1, first kind of frame", (read.u8(), read.varint()) == (1, 0))
    certificate, tokens = read.certificate(), read.list(read.id)
    read.done()
    check("admission: the certificate is the sender's", certificate_holds(certificate) and certificate["node"] == sender)
    expected = sorted(
        sha256(b"belay admission v1\0", unhex(space), sender, receiver) for space in vector["coalitions"])
    check("admission: a token for each coalition, sorted", tokens == expected)
    read = Reader(unhex(vector["denial_of_the_removed"]))
    denial = (read.u8(), read.varint(), read.u8(), read.list(read.bytes))
    read.done()
    check("admission: a denial with its notice", denial == (1, 1, 5, [b"an entry"]))


def main():
    check_keys()
    check_wraps()
    check_bodies()
    joins = load("joins.json")
    check_codes(joins["codes"])
    check_link(joins["link"])
    check_files(joins["files"])
    check_admission(joins["admission"])
    print(f"{RESULTS[True]} passed, {RESULTS[False]} failed")
    return 1 if RESULTS[False] else 0


if __name__ == "__main__":
    sys.exit(main())
