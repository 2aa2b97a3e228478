"""Belay's formats, read after protocol/SPEC.md with none of Belay's code.

The primitives (Ed25519, X25519, ML-KEM-768, AES-GCM, ChaCha20-Poly1305) are those of `cryptography`, HKDF and HPKE's key
schedule are written out here, and X-Wing is combined by hand from its two parts.
"""

import base64
import hashlib
import hmac
import ipaddress
import struct

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

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

    def founding(self):
        start = self.at
        value = {"root": self.id(), "key": self.id(), "recovery": self.prekey(), "issued": self.varint()}
        value["signed"] = self.data[start:self.at]
        value["signature"] = self.take(64)
        return value

    def card(self):
        return {"root": self.id(), "name": self.text(), "kind": self.varint()}

    def party(self):
        return {"card": self.card(), "certificate": self.certificate()}

    def wrap(self):
        return {"suite": self.u8(), "prekey": self.id(), "encapsulated": self.bytes(), "sealed": self.bytes()}


def founding_holds(founding, found):
    """Of a private space: by the key that the organisation's root names, in the root's word."""
    return founding["key"] == found["author"] and signed(
        founding["root"], b"founding", founding["signed"], founding["signature"])


def certificate_holds(certificate):
    return signed(certificate["root"], b"certificate", certificate["signed"], certificate["signature"]) and signed(
        certificate["node"], b"possession", certificate["signed"], certificate["possession"])


def org(root):
    return sha256(b"belay organisation v1\0", root)


def thread_is_of(thread, organisation):
    return thread[16:] == sha256(b"belay thread v1\0", organisation, thread[:16])[:16]


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


def open_body(key, header, sealed, plain=False):
    """Opens a sealed body; `plain`: one that must not be compressed."""
    suite, salt, text = sealed[0], sealed[1:33], sealed[33:]
    prk = hkdf_extract(salt + sha256(header), key)
    body_key = hkdf_expand(prk, b"belay body v1\0" + bytes([suite]), 32)
    packed = {1: AESGCM, 2: ChaCha20Poly1305}[suite](body_key).decrypt(bytes(12), text, header)
    if plain and packed[0] != 0:
        raise ValueError("compressed, where it is padded to a size")
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
    code["relays"] = [{"node": read.id().hex(), "addresses": [parse_address(read) for _ in range(read.u8())]}
                      for _ in range(read.u8())]
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


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


# Entries and what they say.

KINDS = ["found", "grant", "revoke", "certify", "retire", "keep", "epoch", "extend", "ask", "approve", "data"]


def is_sorted(items):
    return all(left < right for left, right in zip(items, items[1:]))


def parse_entry(data):
    """An entry's header, body and hash; refuses a wrong signature."""
    read = Reader(data)
    entry = {"version": read.u8(), "space": read.id(), "author": read.id(), "parents": read.list(read.id),
             "control": read.list(read.id), "kind": KINDS[read.varint()], "epoch": read.option(read.id),
             "time": read.varint(), "length": read.varint()}
    entry["header"] = data[:read.at]
    entry["body"] = read.take(entry["length"])
    signature = read.take(64)
    read.done()
    if entry["version"] != 1 or not is_sorted(entry["parents"]) or not is_sorted(entry["control"]):
        raise ValueError("no entry of version 1")
    if not signed(entry["author"], b"entry", data[:-64], signature):
        raise ValueError("not signed by its author")
    entry["hash"] = sha256(b"belay entry v1\0", data)
    if entry["kind"] == "found":
        entry["space"] = entry["hash"]
    return entry


def parse_wraps(read):
    return read.list(lambda: (read.id(), read.wrap()))


def parse_control(entry):
    """The body of a control entry, as far as the checks below need it."""
    read, kind = Reader(entry["body"]), entry["kind"]
    if kind == "found":
        value = {"nonce": read.id(), "purpose": ["coalition", "private", "thread"][read.varint()]}
        if value["purpose"] == "coalition":
            value |= {"name": read.text(), "number": read.varint(), "stewards": read.list(read.id),
                      "threshold": read.varint(), "card": read.card(), "certificate": read.certificate()}
        elif value["purpose"] == "private":
            value["founding"] = read.founding()
        else:
            value |= {"coalition": read.id(), "custodian_reads": read.bool()}
    elif kind == "grant":
        value = {"org": read.id(), "read": read.bool(), "write": read.bool(), "expires": read.option(read.varint),
                 "admits": read.option(read.party)}
    elif kind == "revoke":
        value = {"org": read.id(), "grant": read.option(read.id),
                 "approvals": read.list(lambda: (read.id(), read.take(64))), "word": read.bool()}
    elif kind == "epoch":
        value = {"commitment": read.id(), "wraps": parse_wraps(read), "recovery": read.option(read.wrap),
                 "earlier": read.list(read.id), "bundle": read.bytes()}
    elif kind == "extend":
        value = {"epochs": read.list(read.id), "wraps": parse_wraps(read)}
    elif kind == "keep":
        value = {}
    elif kind == "approve":
        start = read.at
        if read.varint() == 0:
            value = {"previous": read.id(), "number": read.varint(), "stewards": read.list(read.id),
                     "threshold": read.varint(), "heads": read.list(read.id)}
        else:
            value = {"under": read.id(), "org": read.id(), "grant": read.option(read.id)}
        value |= {"message": entry["space"] + read.data[start:read.at], "signature": read.take(64)}
        value["id"] = sha256(b"belay proposal v1\0", value["message"])
    else:
        raise ValueError(kind)
    read.done()
    return value


def sorted_list(items):
    return varint(len(items)) + b"".join(items)


def learn(keys, entries, epoch, key):
    """Keeps an epoch's key if it is the committed one, and those that lie sealed under it."""
    entry = entries[epoch]
    control = parse_control(entry)
    if commitment(key) != control["commitment"]:
        raise ValueError("another key than was committed to")
    keys[epoch] = key
    if control["bundle"]:
        tag = b"belay bundle v1"
        place = varint(len(tag)) + tag + entry["space"] + control["commitment"] + sorted_list(control["earlier"])
        opened = open_body(key, place, control["bundle"])
        for index, earlier in enumerate(control["earlier"]):
            learn(keys, entries, earlier, opened[32 * index:32 * index + 32])


def keys_of(node, seeds, entries):
    """Every epoch key that a node gets from the entries of a space, in their order."""
    keys = {}
    for entry in entries.values():
        if entry["kind"] == "epoch":
            control = parse_control(entry)
            place = entry["space"] + control["commitment"]
            wraps = [(wrap, b"epoch v1", place + b"\1" + to) for to, wrap in control["wraps"] if to == node]
            if control["recovery"] and "recovery" in seeds:
                wraps.append((control["recovery"], b"recovery v1", place + b"\0"))
            for wrap, info, place in wraps:
                seed = seeds["recovery"] if info == b"recovery v1" else seeds["prekey"]
                learn(keys, entries, entry["hash"], open_wrap(seed, wrap, info, place))
        elif entry["kind"] == "extend":
            control = parse_control(entry)
            place = entry["space"] + sorted_list(control["epochs"])
            for to, wrap in control["wraps"]:
                if to == node:
                    opened = open_wrap(seeds["prekey"], wrap, b"extend v1", place + to)
                    for index, epoch in enumerate(control["epochs"]):
                        learn(keys, entries, epoch, opened[32 * index:32 * index + 32])
    return keys


# Charters: the chain of a coalition's entries, and who is in, the slow way. Of the fold only what the vector has: no retirements.

def removal_message(coalition, under, org, grant):
    return coalition + b"\1" + under + org + (b"\0" if grant is None else b"\1" + grant)


def pasts(entries):
    """What each entry follows, by hash; entries come parents first."""
    past = {}
    for name, entry in entries.items():
        past[name] = set(entry["parents"]).union(*(past[parent] for parent in entry["parents"]))
    return past


class Coalition:
    """Control entries by hash, parents first."""

    def __init__(self, entries):
        self.entries, self.past = entries, pasts(entries)
        self.bodies = {name: parse_control(entry) for name, entry in entries.items()}
        self.space, found = next((entry["space"], self.bodies[name]) for name, entry in entries.items())
        self.founder = org(found["card"]["root"])
        self.first = {"stewards": found["stewards"], "threshold": found["threshold"], "heads": []}
        self.org_of = {found["certificate"]["node"]: self.founder}
        for name, entry in entries.items():
            if entry["kind"] == "grant":
                self.org_of[self.bodies[name]["admits"]["certificate"]["node"]] = self.bodies[name]["org"]

    def of(self, kind, known):
        return [(name, self.bodies[name]) for name in known if self.entries[name]["kind"] == kind]

    def author(self, name):
        return self.org_of[self.entries[name]["author"]]

    def chain(self, known):
        """The charters in force one after the other, and who signed twice."""
        chain, double = [(self.space, self.first)], set()
        while True:
            last, charter = chain[-1]
            rivals = {}
            for name, body in self.of("approve", known):
                if body.get("previous") == last:
                    rivals.setdefault(body["id"], (body, set()))[1].add(self.author(name))
            adopted = sorted((-len(signers), name, body, signers) for name, (body, signers) in rivals.items()
                             if 2 * len(signers) > len(charter["stewards"]))
            if not adopted:
                return chain, double
            double |= {a for i, one in enumerate(adopted) for other in adopted[:i] for a in one[3] & other[3]}
            chain.append((adopted[0][1], adopted[0][2]))

    def backed(self, name, chain, enough):
        under = self.chain(self.past[name])[0][-1][0]
        for (before, _), (_, after) in zip(chain, chain[1:]):
            if before == under and any(name == head or name in self.past[head] for head in after["heads"]):
                return True
        return enough(chain[-1][1])

    def members(self):
        known = set(self.entries)
        chain, _ = self.chain(known)
        revokes = []
        for name, body in self.of("revoke", known):
            signers = {self.author(name)} | {self.org_of[node] for node, _ in body["approvals"]}
            enough = lambda charter: len(signers & set(charter["stewards"])) >= charter["threshold"]
            if body["org"] == self.author(name) or self.backed(name, chain, enough):
                revokes.append((name, body["org"]))
        grants = [(name, body["org"]) for name, body in self.of("grant", known)
                  if self.backed(name, chain, lambda charter: self.author(name) in charter["stewards"])]
        members, before = {self.founder} - {gone for _, gone in revokes}, None
        while members != before:
            before = set(members)
            for grant, newcomer in grants:
                lives = all(revoke in self.past[grant] for revoke, gone in revokes if gone == newcomer)
                behind = any(grant in self.past[revoke] for revoke, gone in revokes if gone == self.author(grant))
                if lives and (self.author(grant) in members or behind):
                    members.add(newcomer)
        return members
