#!/usr/bin/env python3
"""Reads the known-answer vectors beside this file with none of Belay's code.

Needs Python 3.11 and what requirements.txt names. Prints a line for each check, then "N passed, N failed".
"""

import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from formats import (
    Coalition, Reader, certificate_holds, claim_proof, claiming_of, commitment, founding_holds, hkdf_expand,
    hkdf_extract, keys_of, mac, offering_of, open_body, open_wrap, org, parse_code, parse_control, parse_entry, parse_file, prekey_id,
    public_of, raw, removal_message, sha256, signed, six_numbers, thread_is_of, transcript_of, varint,
)
from parcels import chained, deposit_holds, open_package, open_parcel, parse_parcel, receipt_holds

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


def load(name):
    return json.loads((HERE / name).read_text())


def unhex(value):
    return bytes.fromhex(value)


def check_keys():
    vectors = load("keys.json")
    for index, thread in enumerate(vectors["threads"]):
        organisation, other = unhex(thread["org"]), bytes(32)
        check(f"thread {index}: whose it is", thread_is_of(unhex(thread["id"]), organisation))
        check(f"thread {index}: whose it is not", not thread_is_of(unhex(thread["id"]), other))
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
              all(code[name] == vector[name] for name in ("expires", "addresses", "relays"))
              and all(code[name].hex() == vector[name] for name in ("node", "org", "secret")))
        check(f"invite code {index}: id", sha256(b"belay invite v1\0", code["secret"]).hex() == vector["id"])
        shown = mac(code["secret"], b"belay pass v1\0", b"")
        check(f"invite code {index}: pass", shown.hex() == vector["pass"]
              and sha256(b"belay pass name v1\0", shown).hex() == vector["pass_name"])
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
            "addresses": read.list(read.text), "relays": read.list(lambda: (read.id(), read.list(read.text)))}
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
    proof, certificate, signature = read.id(), read.certificate(), read.take(64)
    read.done()
    check("welcome file: for this claim, by the inviter, who knows the secret",
          (invite, heard, coalition) == (claim["invite"], transcript, offer["coalition"])
          and proof == mac(code["secret"], tag, digest)
          and certificate_holds(certificate) and org(certificate["root"]) == code["org"]
          and signed(certificate["node"], b"handshake", tag + digest + proof, signature))
    key = open_wrap(unhex(vector["prekey_seed"]), wrap, tag, transcript)
    content = b"".join(
        open_body(key, transcript + varint(index) + varint(len(parts)), part) for index, part in enumerate(parts))
    entries = check_page(Reader(content), coalition.hex())
    check("welcome file: holds the entries", [entry.hex() for entry in entries] == vector["entries"])


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


def check_space(name, space, coalition):
    """Parses a space's entries; gives them by hash."""
    entries = {}
    right = True
    for vector in space["entries"]:
        entry = parse_entry(unhex(vector["bytes"]))
        right &= entry["hash"].hex() == vector["hash"] and entry["space"].hex() == space["id"]
        right &= all(parent in entries for parent in entry["parents"])
        right &= bool(entry["parents"]) == (entry["kind"] != "found")
        right &= all(head in coalition and coalition[head]["kind"] != "data" for head in entry["control"])
        right &= entry["epoch"] is None or entries[entry["epoch"]]["kind"] == "epoch"
        entries[entry["hash"]] = entry
    check(f"{name}: {len(entries)} entries are signed, named by their hashes, and follow what came before", right)
    first = unhex(space["entries"][-1]["bytes"])
    changed = first[:-70] + bytes([first[-70] ^ 1]) + first[-69:]
    check(f"{name}: a changed entry is refused", fails((ValueError, KeyError), lambda: parse_entry(changed)))
    kinds = [entry["kind"] for entry in entries.values()]
    check(f"{name}: begins with its found entry", kinds[0] == "found" and kinds.count("found") == 1)
    return entries


def check_graph():
    vectors = load("graph.json")
    coalition = check_space("coalition", vectors["coalition"], {})
    thread = check_space("thread", vectors["thread"], coalition)
    private = check_space("private space", vectors["private"], {})

    founded, admitted = [parse_control(entry) for entry in coalition.values() if entry["kind"] in ("found", "grant")]
    clinic = founded["certificate"]
    shelter = admitted["admits"]["certificate"]
    check("coalition: its founder is its only steward, with a certificate of its own",
          founded["stewards"] == [org(clinic["root"])] and founded["card"]["root"] == clinic["root"]
          and certificate_holds(clinic))
    check("coalition: who was admitted has a certificate of its own",
          admitted["org"] == org(shelter["root"]) and certificate_holds(shelter))
    check("thread: names its coalition, and in each entry the control heads",
          parse_control(next(iter(thread.values())))["coalition"].hex() == vectors["coalition"]["id"]
          and all(entry["control"] for entry in thread.values()))

    first = next(iter(private.values()))
    founding = parse_control(first)["founding"]
    check("private space: founded by the key that its root names for it, and recovered by the key of its phrase",
          founding_holds(founding, first) and founding["root"] == clinic["root"]
          and founding["recovery"]["key"] == public_of(
              founding["recovery"]["suite"], unhex(vectors["nodes"]["clinic"]["recovery_seed"])))

    people = {}
    for name, certificate in (("clinic", clinic), ("shelter", shelter)):
        secrets = vectors["nodes"][name]
        people[name] = (certificate["node"], {"prekey": unhex(secrets["prekey_seed"])})
        check(f"{name}: its certificate names its node and its prekey",
              certificate["node"].hex() == secrets["node"]
              and certificate["prekey"]["key"] == public_of(secrets["prekey_suite"], unhex(secrets["prekey_seed"])))
    spaces = {"coalition": coalition, "thread": thread, "private": private}
    keys = {name: {space: keys_of(*people[name], entries) for space, entries in spaces.items()} for name in people}
    epochs = [entry["hash"] for entry in thread.values() if entry["kind"] == "epoch"]
    check("thread: the clinic's wraps open to the keys that the epochs commit to",
          sorted(keys["clinic"]["thread"]) == sorted(epochs))
    check("thread: the shelter has the keys from before its revocation only",
          set(keys["shelter"]["thread"]) == set(epochs[:-1]) and len(epochs) > 1)
    late = {"recovery": unhex(vectors["nodes"]["clinic"]["recovery_seed"])}
    lost = keys_of(bytes(32), late, private)
    check("private space: the recovery key alone opens its epochs", lost == keys["clinic"]["private"] and lost)

    for index, vector in enumerate(vectors["bodies"]):
        entry = spaces[vector["space"]][unhex(vector["entry"])]
        name = f"body {index} in the {vector['space']}"
        if entry["epoch"] is None:
            check(f"{name}: stands in clear", entry["body"].hex() == vector["plaintext"])
            continue
        text = open_body(keys["clinic"][vector["space"]][entry["epoch"]], entry["header"], entry["body"])
        check(f"{name}: opens to the clinic", text.hex() == vector["plaintext"])
        can = entry["epoch"] in keys["shelter"][vector["space"]]
        check(f"{name}: {'opens' if can else 'stays shut'} to the shelter", can == vector["shelter_opens"])
        if not can:
            for key in keys["shelter"][vector["space"]].values():
                check(f"{name}: no key of the shelter opens it",
                      fails(InvalidTag, lambda: open_body(key, entry["header"], entry["body"])))

    read = Reader(unhex(vectors["register"]))
    space, node, name = read.id(), read.id(), read.text()
    number, _, value = read.varint(), read.list(read.id), read.bytes()
    covered, signature = read.data[:read.at], read.take(64)
    read.done()
    check("register: signed by its node, in the coalition",
          signed(node, b"register", covered, signature) and space.hex() == vectors["coalition"]["id"]
          and (node, name, number, value) == (clinic["node"], "addresses", 1, b"/ip4/203.0.113.7/tcp/4001"))


def check_charter():
    vectors = load("charter.json")
    entries = [parse_entry(unhex(entry["bytes"])) for entry in vectors["coalition"]["entries"]]
    coalition = Coalition({entry["hash"]: entry for entry in entries})
    check("charter: every hash", [entry["hash"].hex() for entry in entries]
          == [entry["hash"] for entry in vectors["coalition"]["entries"]])
    approvals = [(coalition.entries[name], body) for name, body in coalition.of("approve", coalition.entries)]
    check("charter: every approval is signed by its entry's author",
          all(signed(entry["author"], b"approval", body["message"], body["signature"]) for entry, body in approvals))
    check("charter: every proposal has its id",
          {body["id"].hex() for _, body in approvals} == {*vectors["proposals"].values(), vectors["chain"][1]})
    chain, double = coalition.chain(set(coalition.entries))
    check("charter: the chain", [name.hex() for name, _ in chain] == vectors["chain"])
    check("charter: of the rivals the lower id", chain[-1][0].hex()
          == min(vectors["proposals"]["first"], vectors["proposals"]["rival"]))
    check("charter: who signed twice", sorted(org.hex() for org in double) == vectors["double"])
    revokes = coalition.of("revoke", coalition.entries)
    carried = [(name, body) for name, body in revokes if body["approvals"]]
    for name, body in carried:
        message = removal_message(coalition.space, chain[-1][0], body["org"], body["grant"])
        check("charter: the removal holds its approvals", body["org"].hex() == vectors["removed"]
              and all(signed(node, b"approval", message, signature) for node, signature in body["approvals"]))
    check("charter: one removal by two, one by the founder alone", (len(carried), len(revokes)) == (1, 2))
    check("charter: who is in", sorted(org.hex() for org in coalition.members()) == vectors["members"])


def check_parcels():
    vectors = load("parcels.json")
    nodes = [(unhex(node["node"]), unhex(node["seed"])) for node in vectors["nodes"]]
    to = unhex(vectors["to"])
    for index, vector in enumerate(vectors["parcels"]):
        name, data = f"parcel {index}", unhex(vector["bytes"])
        parcel = parse_parcel(data)
        check(f"{name}: its name", sha256(b"belay parcel v1\0", data).hex() == vector["name"])
        check(f"{name}: for whom, until when, to which nodes",
              (parcel["to"], parcel["expires"]) == (to, vector["expires"])
              and [node for node, _ in parcel["wraps"]] == [node for node, _ in nodes])
        for node, seed in nodes:
            content = open_parcel(parcel, node, seed)
            check(f"{name}: node {node.hex()[:4]} opens it, and its sender has signed it",
                  certificate_holds(content["certificate"]) and content["certificate"]["node"].hex() == vector["sender"]
                  and content["certificate"]["root"].hex() == vector["root"])
            check(f"{name}: what is in it", content["made"] == vector["made"] and all(
                [item.hex() for item in content[kind]] == vector[kind]
                for kind in ("entries", "registers", "removals", "wants")))
            check(f"{name}: the receipt in it is signed",
                  all(receipt_holds(receipt) for receipt in content["receipts"]) and content["receipts"])
        for changed in ({"to": bytes(32)}, {"expires": parcel["expires"] + 1}):
            check(f"{name}: with another {next(iter(changed))} it stays shut",
                  fails(InvalidTag, lambda: open_parcel(parcel | changed, *nodes[0])))
        check(f"{name}: the other node's key does not open this node's wrap",
              fails(ValueError, lambda: open_parcel(parcel, nodes[0][0], nodes[1][1])))
    receipt = {key: unhex(value) for key, value in vectors["receipt"].items()}
    check("receipt: of the first parcel, by the first node", receipt_holds(receipt)
          and receipt["parcel"].hex() == vectors["parcels"][0]["name"] and receipt["node"] == nodes[0][0])
    check("receipt: not of another parcel", not receipt_holds(receipt | {"parcel": bytes(32)}))
    read = Reader(parse_file("BUNDLE", vectors["bundle"]))
    check("bundle: for whom, and its parcels", read.id() == to and [sha256(b"belay parcel v1\0", data).hex()
          for data in read.list(read.bytes)] == [vector["name"] for vector in vectors["parcels"]])
    read.done()
    empty = Reader(parse_file("BUNDLE", vectors["empty_bundle"]))
    check("bundle: an empty one is one", (empty.id(), empty.list(empty.bytes)) == (to, []))
    for index, vector in enumerate(vectors["packages"]):
        seed, of, data = unhex(vector["recovery_seed"]), unhex(vector["org"]), unhex(vector["package"])
        check(f"package {index}: opens to the recovery key",
              [entry.hex() for entry in open_package(seed, of, data)] == vector["entries"])
        check(f"package {index}: not as another organisation's",
              fails(InvalidTag, lambda: open_package(seed, bytes(32), data)))
    odd = vectors["odd_packages"]
    for vector in odd["packages"]:
        package = unhex(vector["package"])
        check(f"package padded otherwise, {vector['what']}: does not open", fails(
            ValueError, lambda: open_package(unhex(odd["recovery_seed"]), unhex(odd["org"]), package)))
    chain, shelf = bytes(16), vectors["shelf"]
    of, keeper = [tuple(unhex(shelf[whose][name]) for name in ("org", "node")) for whose in ("of", "with")]
    for index, vector in enumerate(shelf["piles"]):
        chain, number = chained(chain, unhex(vector["package"])), vector["number"]
        signature = unhex(vector["signature"])
        check(f"shelf: the chain over {index + 1}", chain.hex() == vector["chain"])
        check(f"shelf: signed by who left it, up to {number}", deposit_holds(of, keeper, number, chain, signature))
        check(f"shelf: {number} is for no other number, chain or keeper", not any([
            deposit_holds(of, keeper, number + 1, chain, signature),
            deposit_holds(of, keeper, number, bytes(16), signature),
            deposit_holds(of, (keeper[0], of[1]), number, chain, signature),
            deposit_holds(of, (of[0], keeper[1]), number, chain, signature)]))


def main():
    joins = load("joins.json")
    for name, section in {
        "keys": check_keys,
        "wraps": check_wraps,
        "bodies": check_bodies,
        "codes": lambda: check_codes(joins["codes"]),
        "link": lambda: check_link(joins["link"]),
        "files": lambda: check_files(joins["files"]),
        "admission": lambda: check_admission(joins["admission"]),
        "graph": check_graph,
        "charter": check_charter,
        "parcels": check_parcels,
    }.items():
        try:
            section()
        except Exception as error:  # a vector that can not even be read is one more that does not hold
            check(f"{name}: {type(error).__name__} {error}", False)
    print(f"{RESULTS[True]} passed, {RESULTS[False]} failed")
    return 1 if RESULTS[False] else 0


if __name__ == "__main__":
    sys.exit(main())
