//! Members that break a rule on purpose: the real code with one rule out of force, or an honest engine whose frames somebody meddles with.
//!
//! Nothing is expected of them, and what they write is theirs to give away. Everything else must hold for everybody else.

use super::rng::Rng;
use super::world::World;
use belay_protocol::codec;
use belay_protocol::keys::Signature;
use belay_protocol::limits;
use belay_protocol::planted::Bug;
use belay_protocol::random;
use belay_protocol::sync::kept::Pile;
use belay_protocol::sync::wire::{Backup, Frame};

/// What a node does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hostile {
    /// Its own code has this rule out of force.
    Rule(Bug),
    /// Its frames are changed on their way out.
    Meddle(Meddle),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddle {
    /// Sends frames of earlier again.
    Replay,
    /// Keeps entries back, and goes on as if it had sent them.
    Withhold,
    /// Says of heads and registers what is not so.
    Lie,
    /// Bits flip, and frames end too early.
    Garble,
    /// Frames above their bound, or with more in them than fits.
    Oversize,
    /// Writes and asks without end.
    Flood,
    /// Says that it keeps what nobody left there, or less than was left.
    Claim,
    /// Drops, swaps and replays what it carries, and says that it arrived.
    Carry,
}

/// All that a member may be, but for a carrier that is not to be trusted.
const KINDS: [Hostile; 13] = [
    Hostile::Rule(Bug::SentToTheRemoved),
    Hostile::Rule(Bug::StaleEpochUsed),
    Hostile::Rule(Bug::Backdated),
    Hostile::Rule(Bug::GarbageWrapped),
    Hostile::Rule(Bug::ExpiryIgnored),
    Hostile::Rule(Bug::Untended),
    Hostile::Meddle(Meddle::Replay),
    Hostile::Meddle(Meddle::Withhold),
    Hostile::Meddle(Meddle::Lie),
    Hostile::Meddle(Meddle::Garble),
    Hostile::Meddle(Meddle::Oversize),
    Hostile::Meddle(Meddle::Flood),
    Hostile::Meddle(Meddle::Claim),
];

/// In some histories a member turns hostile: never the first, who is the only steward.
pub fn turn(world: &mut World) {
    let members: Vec<usize> = (1..world.hosts.len()).filter(|h| world.hosts[*h].honest()).collect();
    if members.len() < 2 {
        return;
    }
    let carries = world.repertoire.is_whole() && world.rng.chance(25);
    let kind = if carries { Some(Hostile::Meddle(Meddle::Carry)) } else { world.rng.pick(&KINDS).copied() };
    if let Some(kind) = kind {
        turn_to(world, kind);
    }
}

/// As [`turn`], to one kind.
pub fn turn_to(world: &mut World, kind: Hostile) {
    let members: Vec<usize> = (1..world.hosts.len()).filter(|h| world.hosts[*h].honest()).collect();
    let Some(host) = world.rng.pick(&members).copied() else { return };
    let node = world.hosts[host].node;
    for h in world.hosts.iter_mut().filter(|h| h.node == node) {
        h.hostile = Some(kind);
    }
    world.reference.hostile.insert(node);
    world.count("members turned hostile");
    world.tell(format!("host {host} turns hostile: {kind:?}"));
}

/// What really goes out instead of these frames.
pub fn meddle(
    kind: Meddle,
    frames: Vec<(u64, Vec<u8>)>,
    kept: &mut Vec<Vec<u8>>,
    rng: &mut Rng,
) -> Vec<(u64, Vec<u8>)> {
    let mut out = Vec::new();
    for (link, bytes) in frames {
        if kept.len() < 64 {
            kept.push(bytes.clone());
        }
        match kind {
            Meddle::Replay => {
                out.push((link, bytes));
                if rng.chance(40) {
                    out.extend(rng.pick(kept).map(|old| (link, old.clone())));
                }
            }
            // Carriers are `post`'s.
            Meddle::Carry => out.push((link, bytes)),
            Meddle::Withhold => out.push((link, withhold(bytes, rng))),
            Meddle::Lie => out.push((link, lie(bytes, rng))),
            Meddle::Garble => out.push((link, garble(bytes, rng))),
            Meddle::Claim => out.push((link, claim(bytes, rng))),
            Meddle::Oversize => out.push((link, if rng.chance(20) { oversize(rng) } else { bytes })),
            Meddle::Flood => {
                out.push((link, bytes));
                for _ in 0..rng.below(6) {
                    let hashes: Vec<_> = (0..200).map(|_| belay_protocol::ids::EntryHash(random::array(rng))).collect();
                    let announced = rng.chance(50);
                    let frame = if announced {
                        Frame::Page(belay_protocol::sync::wire::Page { announced: hashes, ..Default::default() })
                    } else {
                        Frame::Want(hashes)
                    };
                    out.push((link, frame.encode()));
                }
            }
        }
    }
    out
}

fn withhold(bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    match Frame::decode(&bytes) {
        Ok(Frame::Page(mut page)) => {
            page.entries.retain(|_| rng.chance(50));
            page.registers.retain(|_| rng.chance(50));
            Frame::Page(page).encode()
        }
        _ => bytes,
    }
}

fn lie(bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    match Frame::decode(&bytes) {
        Ok(Frame::Compare(mut spaces)) => {
            for summary in &mut spaces {
                if rng.chance(50) {
                    summary.heads = random::array(rng);
                }
            }
            Frame::Compare(spaces).encode()
        }
        Ok(Frame::Have(mut have)) => {
            have.sample.retain(|_| rng.chance(30));
            have.sample.extend((0..3).map(|_| belay_protocol::ids::EntryHash(random::array(rng))));
            have.registers.clear();
            Frame::Have(have).encode()
        }
        Ok(Frame::Page(mut page)) => {
            page.gone.extend(page.announced.iter().copied());
            page.done.clear();
            Frame::Page(page).encode()
        }
        _ => bytes,
    }
}

/// A shelf that somebody made up: with no signature, with one that says nothing, or with the true one, which is over something else.
fn claim(bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    match Frame::decode(&bytes) {
        Ok(Frame::Backup(Backup::Shelf { at, pile, signature })) if rng.chance(60) => {
            let more = rng.chance(80);
            let by = 1 + rng.below(9) as u64;
            let number = if more { pile.number + by } else { pile.number.saturating_sub(by) };
            let signature = if rng.chance(50) { signature } else { Some(Signature(random::array(rng))) };
            let at = at.filter(|_| rng.chance(80));
            let pile = Pile { number, chain: random::array(rng) };
            Frame::Backup(Backup::Shelf { at, pile, signature }).encode()
        }
        _ => bytes,
    }
}

fn garble(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    if rng.chance(70) {
        return bytes;
    }
    if rng.chance(30) {
        bytes.truncate(rng.below(bytes.len() + 1));
        return bytes;
    }
    // One bit of one entry of a page, its frame whole: a forged body under an honest signature.
    if let Ok(Frame::Page(mut page)) = Frame::decode(&bytes)
        && let Some(entry) = page.entries.first_mut()
        && entry.len() > 80
    {
        let at = entry.len() - 65 - rng.below(4);
        entry[at] ^= 1;
        return Frame::Page(page).encode();
    }
    let at = rng.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << rng.below(8);
    }
    bytes
}

fn oversize(rng: &mut Rng) -> Vec<u8> {
    if rng.chance(50) {
        return vec![2; limits::FRAME_BYTES + 1];
    }
    // Claims four thousand million entries.
    let mut bytes = vec![2];
    bytes.extend(codec::encode(&u32::MAX));
    bytes
}
