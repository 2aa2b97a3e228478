"""Parcels, receipts, bundles and packages of private spaces, read after protocol/SPEC.md with none of Belay's code."""

from formats import Reader, is_sorted, open_body, open_wrap, parse_wraps, sha256, signed, varint

# What is padded: contents of parcels, and packages of a private space.
SIZES = [4_096, 16_384, 65_536, 229_376]


def padded(plain, behind):
    """The content of a padded plaintext, and as many bytes behind it."""
    length = int.from_bytes(plain[:4], "big")
    whole = 4 + length + behind
    if len(plain) != min(size for size in SIZES if size >= whole) or any(plain[whole:]):
        raise ValueError("not padded as it should be")
    return plain[4:4 + length], plain[4 + length:whole]


def parse_parcel(data):
    read = Reader(data)
    parcel = {"version": read.u8(), "to": read.id(), "expires": read.varint(), "wraps": parse_wraps(read),
              "body": read.bytes()}
    read.done()
    if parcel["version"] != 1 or not is_sorted([node for node, _ in parcel["wraps"]]):
        raise ValueError("no parcel of version 1")
    if len(parcel["body"]) not in [size + 1 + 1 + 32 + 16 for size in SIZES]:
        raise ValueError("its body has none of the four sizes")
    return parcel


def open_parcel(parcel, node, seed):
    """What is in a parcel, with the sender's signature checked."""
    to, expires = parcel["to"], varint(parcel["expires"])
    wrap = next(wrap for reached, wrap in parcel["wraps"] if reached == node)
    key = open_wrap(seed, wrap, b"parcel v1", to + expires + node)
    tag = b"belay parcel v1"
    content, signature = padded(open_body(key, varint(len(tag)) + tag + to + expires, parcel["body"], True), 64)
    read = Reader(content)
    value = {"version": read.u8(), "certificate": read.certificate(), "made": read.varint(),
             "entries": read.list(read.bytes), "registers": read.list(read.bytes), "removals": read.list(read.bytes),
             "wants": read.list(read.id), "receipts": read.list(lambda: parse_receipt(read))}
    read.done()
    if value["version"] != 1 or not signed(value["certificate"]["node"], b"parcel", to + content, signature):
        raise ValueError("not signed by its sender")
    return value


def parse_receipt(read):
    return {"parcel": read.id(), "node": read.id(), "signature": read.take(64)}


def receipt_holds(receipt):
    return signed(receipt["node"], b"receipt", receipt["parcel"] + receipt["node"], receipt["signature"])


def open_package(seed, of, data):
    """The entries in a package that a partner keeps for organisation `of`."""
    read = Reader(data)
    if read.u8() != 1:
        raise ValueError("no package of version 1")
    start = read.at
    wrap = read.wrap()
    header, sealed = data[start:read.at], read.bytes()
    read.done()
    content, _ = padded(open_body(open_wrap(seed, wrap, b"backup v1", of), header, sealed, True), 0)
    read = Reader(content)
    entries = read.list(read.bytes)
    read.done()
    return entries


def chained(before, package):
    """The chain over what lies on a shelf once this package is laid on it."""
    return sha256(b"belay kept v1\0", before, package)[:16]


def deposit_holds(of, keeper, number, chain, signature):
    """Whether the node of `of` signed that it left all this with the keeper; both are (organisation, node)."""
    return signed(of[1], b"package", b"".join(of + keeper) + varint(number) + chain, signature)
