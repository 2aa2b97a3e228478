//! Parcels: who offers to carry, what goes by stick, what a carrier does that is not to be trusted; and what is checked of it.

use super::faults::{any, running};
use super::halfway;
use super::heal;
use super::world::World;
use belay_protocol::codec;
use belay_protocol::engine::Input;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, ParcelId};
use belay_protocol::keys::Signature;
use belay_protocol::space::Register;
use belay_protocol::space::entry::Entry;
use belay_protocol::store::{Table, Write};
use belay_protocol::sync::carry::CARRIER;
use belay_protocol::sync::parcel::rows::{self, Outgoing, Taken, Way};
use belay_protocol::sync::parcel::{self, Parcel, Receipt};
use belay_protocol::sync::wire::Frame;
use belay_protocol::time::MINUTE;
use std::collections::{BTreeMap, BTreeSet};

/// Parcels on sticks that lie about.
const STICKS: usize = 12;
/// The first byte of a parcel's rows: its bytes, what somebody carries, what an organisation is said to hold.
const ROW_BYTES: u8 = b'b';
const ROW_CARRIED: u8 = b'c';
const ROW_DELIVERED: u8 = b'r';
/// The first byte of the row that says that a parcel came.
const ROW_TAKEN: u8 = b't';
const ROW_OUTGOING: u8 = b'o';

/// A machine offers to carry, little or much, or stops.
pub fn offer(world: &mut World) {
    let Some(host) = running(world) else { return };
    let bytes = [None, Some(12 * 1024), Some(1024 * 1024), Some(1024 * 1024)][world.rng.below(4)];
    offer_bytes(world, host, bytes);
}

pub fn offer_bytes(world: &mut World, host: usize, bytes: Option<u64>) {
    let coalition = world.coalition;
    if world.act(host, |step| step.register(coalition, CARRIER, &codec::encode(&bytes))).is_some() {
        world.count("offers to carry");
        world.tell(format!("host {host} offers to carry {bytes:?}"));
    }
}

/// Some minutes pass, and every machine does what falls due.
pub fn wait(world: &mut World) {
    world.now = world.now.plus(5 * MINUTE + world.rng.next() % (15 * MINUTE));
    for host in 0..world.hosts.len() {
        world.input(host, Input::Tick);
    }
    for _ in 0..world.rng.below(20) {
        world.deliver();
    }
}

/// A machine is switched off in order, and leaves with carriers what nobody got yet.
pub fn leave_in_order(world: &mut World) {
    let Some(host) = running(world) else { return };
    world.tell(format!("host {host} is switched off in order"));
    world.input(host, Input::Leaving);
    for _ in 0..world.rng.below(20) {
        world.deliver();
    }
    if world.hosts[host].engine.is_some() {
        world.stop(host);
    }
}

/// A stick is filled for an organisation.
pub fn export(world: &mut World) {
    let Some(host) = running(world) else { return };
    let to = any(world);
    let (org, all) = (world.hosts[to].org, world.rng.chance(20));
    let Some(made) = world.act(host, |step| step.export_parcels(org, all)) else { return };
    world.count("bundles made");
    world.tell(format!("host {host} puts {} parcels for host {to} on a stick", made.parcels.len()));
    for bytes in made.parcels {
        world.check_parcel(host, &bytes);
        let at = world.rng.below(STICKS);
        match world.sticks.get_mut(at) {
            Some(place) => *place = (org, bytes),
            None => world.sticks.push((org, bytes)),
        }
    }
}

/// A stick is put into a machine: mostly the right one, mostly whole.
pub fn import(world: &mut World) {
    let Some((org, mut bytes)) = world.rng.pick(&world.sticks.clone()).cloned() else { return };
    let right: Vec<usize> = (0..world.hosts.len()).filter(|h| world.hosts[*h].org == org).collect();
    let host = if world.rng.chance(80) { world.rng.pick(&right).copied() } else { running(world) };
    let Some(host) = host.filter(|h| !world.hosts[*h].recovering) else { return };
    let damaged = world.rng.chance(20);
    if damaged {
        let at = world.rng.below(bytes.len());
        bytes[at] ^= 1 << world.rng.below(8);
    }
    // Who opens it looks at its own wrap: those for other nodes of its organisation are nothing to it.
    let alone = Parcel::read(&bytes).is_ok_and(|parcel| parcel.wraps.len() == 1);
    let taken = world.act(host, |step| step.import_parcel(bytes)).is_some();
    if taken && world.hosts[host].honest() && ((damaged && alone) || world.hosts[host].org != org) {
        world.breaks(format!("6: host {host} took a parcel that is damaged, or not for it"));
    }
    if taken {
        world.count("bundles taken");
    }
}

/// What a carrier sends that is not to be trusted: it drops, swaps and replays what lies with it, and says that it arrived.
pub fn meddle(world: &mut World, host: usize, frames: Vec<(u64, Vec<u8>)>) -> Vec<(u64, Vec<u8>)> {
    let mut out = Vec::new();
    for (link, bytes) in frames {
        match Frame::decode(&bytes) {
            Ok(Frame::Kept(parcel, 0)) => {
                out.push((link, bytes));
                out.extend(forged(world, host, parcel).map(|receipt| (link, Frame::Receipts(vec![receipt]).encode())));
            }
            Ok(Frame::Offer(mut parcels)) => {
                parcels.retain(|_| world.rng.chance(50));
                parcels.push(ParcelId(belay_protocol::random::array(&mut world.rng)));
                out.push((link, Frame::Offer(parcels).encode()));
            }
            Ok(Frame::Parcel(mut parcel)) => {
                let at = world.rng.below(parcel.len());
                if world.rng.chance(50) {
                    parcel[at] ^= 1;
                } else if let Some((_, other)) = world.rng.pick(&world.sticks) {
                    parcel.clone_from(other);
                }
                out.push((link, Frame::Parcel(parcel).encode()));
            }
            _ => out.push((link, bytes)),
        }
    }
    out
}

/// A receipt for what lies here, in the name of a node of its recipient.
fn forged(world: &mut World, host: usize, parcel: ParcelId) -> Option<Receipt> {
    let carried = rows::carried(&world.hosts[host].disk.live, None).unwrap();
    let to = carried.into_iter().find(|(id, _)| *id == parcel)?.1.to;
    let node = world.hosts.iter().find(|h| h.org == to)?.node;
    world.count("receipts forged");
    Some(Receipt { parcel, node, signature: Signature([9; 64]) })
}

impl World {
    /// Checks what was written about parcels.
    pub fn check_post(&mut self, host: usize, writes: &[Write]) {
        let mut carried = false;
        let own = self.hosts[host].node;
        for value in
            writes.iter().filter(|write| write.table == Table::Register).filter_map(|write| write.value.as_ref())
        {
            let register = Register::verify(value).unwrap();
            if register.node == own && register.name == CARRIER {
                let bytes: Option<u64> = codec::decode("carrier", &register.value).unwrap();
                let most = self.offered.entry(own).or_default();
                *most = bytes.unwrap_or_default().max(*most);
            }
        }
        for write in writes.iter().filter(|write| write.table == Table::Parcel) {
            let (Some(kind), Some(value)) = (write.key.first().copied(), &write.value) else { continue };
            match kind {
                ROW_BYTES => self.check_parcel(host, value),
                ROW_CARRIED => carried = true,
                ROW_DELIVERED => self.check_delivered(host, &write.key[1..], value),
                ROW_TAKEN => self.check_refused(host, &write.key[1..], value),
                _ => {}
            }
        }
        self.check_behind(host, writes);
        if carried {
            self.count("parcels that carriers took or let go");
            self.check_quota(host);
        }
    }

    /// Only its recipient opens a parcel, it shows nobody else what it is about, and nothing is in it that its recipient may not have.
    pub fn check_parcel(&mut self, host: usize, bytes: &[u8]) {
        let name = parcel::name(bytes);
        let Some(parcel) = Parcel::read(bytes).ok().filter(|_| !self.parcels.contains_key(&name)) else { return };
        self.parcels.insert(name, (parcel.to, parcel.expires));
        let (openers, content) = self.thief.opens(&parcel);
        self.count("parcels");
        if let Some(node) = openers.iter().find(|node| self.reference.orgs[node] != parcel.to) {
            self.breaks(format!("2: node {} opens a parcel for {}", node.short(), parcel.to.short()));
        }
        let names: BTreeSet<&[u8]> = self.threads.iter().map(|space| &space.as_bytes()[..]).collect();
        if bytes.windows(32).any(|window| names.contains(window)) {
            self.breaks(format!("2: a parcel for {} names a thread in clear", parcel.to.short()));
        }
        let Some(content) = content.filter(|content| content.org() == self.hosts[host].org) else { return };
        if !self.hosts[host].honest() {
            return;
        }
        let entries: Vec<Entry> = content.entries.iter().map(|bytes| Entry::parse(bytes.clone()).unwrap()).collect();
        let posted = self.posted.entry((content.node(), parcel.to)).or_default();
        posted.extend(entries.iter().map(Entry::hash));
        let entries = entries.iter().map(Entry::space);
        let registers = content.registers.iter().map(|bytes| Register::verify(bytes).unwrap().space);
        let spaces: BTreeSet<_> = entries.chain(registers).collect();
        let held = self.held(host);
        for space in spaces {
            if !self.reference.may_be_sent(space, parcel.to, &held) {
                self.breaks(format!("3: host {host} puts {} into a parcel for who is not in it", space.short()));
            }
        }
    }

    /// At the end: a carrier keeps nothing for who has taken it back.
    pub fn check_let_go(&mut self) {
        let all: Vec<usize> = (0..self.hosts.len()).filter(|h| heal::counts(self, *h)).collect();
        for carrier in &all {
            for depositor in &all {
                self.check_let_go_at(*carrier, *depositor);
            }
        }
    }

    /// The same of two that are linked and have nothing more to say.
    pub fn check_let_go_at(&mut self, carrier: usize, depositor: usize) {
        // Whose disk was put back, or who has another machine, knows not of all that it left.
        let org = self.hosts[depositor].org;
        let alone = self.hosts.iter().filter(|h| h.org == org).count() == 1;
        let sound = |h: usize| heal::counts(self, h) && !self.hosts[h].rolled;
        if !alone || !sound(carrier) || !sound(depositor) || !self.net.joined(carrier, depositor) {
            return;
        }
        for (parcel, row) in rows::carried(&self.hosts[carrier].disk.live, None).unwrap() {
            if row.from != org {
                continue;
            }
            self.count("parcels that lie with carriers as far as their senders know");
            let own = rows::outgoing_one(&self.hosts[depositor].disk.live, &parcel).unwrap();
            if own.is_none_or(|own| own.way == Way::Withdrawn) && row.receipt.is_none() {
                self.breaks(format!("3: host {carrier} keeps parcel {}, which was taken back", parcel.short()));
            }
        }
    }

    /// Invariant 6: what only a clock says of a parcel is not said for good. Of what can not be opened for good stands its recipient itself
    /// as its sender.
    fn check_refused(&mut self, host: usize, names: &[u8], value: &[u8]) {
        let (Some(from), Some(parcel)) =
            (names.get(..32).and_then(OrgId::from_slice), names.get(32..).and_then(ParcelId::from_slice))
        else {
            return;
        };
        let (own, now) = (self.hosts[host].org, self.hosts[host].clock(self.now));
        let Some((to, expires)) = self.parcels.get(&parcel).copied() else { return };
        if from != own || to != own || !self.hosts[host].honest() {
            return;
        }
        self.count("parcels refused for good");
        let taken: Taken = codec::decode("taken", value).unwrap();
        if taken.receipt.is_none() && halfway::only_clock(expires, now) {
            self.breaks(format!("6: host {host} refuses parcel {} for good, as its clock says", parcel.short()));
        }
    }

    /// Invariant 5: what a parcel's entries follow came to its recipient, or went into a parcel for it as well.
    fn check_behind(&mut self, host: usize, writes: &[Write]) {
        let node = self.hosts[host].node;
        if !self.hosts[host].honest() || self.small {
            return;
        }
        let outgoing = writes.iter().filter(|write| {
            write.table == Table::Parcel && write.key.first() == Some(&ROW_OUTGOING) && write.value.is_some()
        });
        for value in outgoing.filter_map(|write| write.value.as_ref()) {
            let row: Outgoing = codec::decode("outgoing", value).unwrap();
            let of_hostile = self.hosts.iter().any(|h| h.org == row.to && h.hostile.is_some());
            if !row.is_nowhere() || row.way != Way::Carriers || of_hostile {
                continue;
            }
            let posted = self.posted.get(&(node, row.to)).cloned().unwrap_or_default();
            for (space, hash) in &row.entries {
                let Some(past) = self.reference.number.get(hash).map(|n| self.reference.entries[*n].past.clone())
                else {
                    continue;
                };
                let got = |one: &EntryHash| {
                    let by = |all: &BTreeMap<EntryHash, BTreeSet<OrgId>>| {
                        all.get(one).is_some_and(|orgs| orgs.contains(&row.to))
                    };
                    by(&self.had) || by(&self.waited) || posted.contains(one)
                };
                let entries = self.reference.entries.iter().enumerate();
                let mut before = entries.filter(|(n, e)| e.space == *space && past.has(*n)).map(|(_, e)| e.hash);
                if let Some(lacks) = before.find(|one| !got(one)) {
                    self.breaks(format!(
                        "5: host {host} puts {} into a parcel for {}, and never told it {}",
                        hash.short(),
                        row.to.short(),
                        lacks.short()
                    ));
                    return;
                }
            }
        }
    }

    /// What is said to have arrived did.
    fn check_delivered(&mut self, host: usize, names: &[u8], value: &[u8]) {
        let (Some(org), true) = (names.get(..32).and_then(OrgId::from_slice), self.hosts[host].honest()) else {
            return;
        };
        for hash in codec::decode::<Vec<EntryHash>>("delivered", value).unwrap() {
            if !self.had.get(&hash).is_some_and(|orgs| orgs.contains(&org)) {
                self.breaks(format!("4: host {host} was told that {} has {}", org.short(), hash.short()));
            }
        }
    }

    /// A carrier keeps no more for anybody than it offered.
    fn check_quota(&mut self, host: usize) {
        if !self.hosts[host].honest() {
            return;
        }
        let mut kept: BTreeMap<OrgId, u64> = BTreeMap::new();
        for (_, row) in rows::carried(&self.hosts[host].disk.live, None).unwrap() {
            if row.receipt.is_none() {
                *kept.entry(row.from).or_default() += u64::from(row.bytes);
            }
        }
        let most = self.offered.get(&self.hosts[host].node).copied().unwrap_or_default();
        if let Some((org, bytes)) = kept.into_iter().find(|(_, bytes)| *bytes > most) {
            self.breaks(format!("6: host {host} carries {bytes} bytes for {}, and offered {most}", org.short()));
        }
    }

    /// What its recipient may not have any more, or what is sealed to a node that is retired, does not stay with carriers.
    pub fn check_posted(&mut self, host: usize) {
        let posted = rows::outgoing(&self.hosts[host].disk.live).unwrap();
        if posted.is_empty() {
            return;
        }
        let held = self.held(host);
        for (parcel, row) in posted.into_iter().filter(|(_, row)| row.way == Way::Carriers) {
            let closed = row.spaces.iter().find(|space| !self.reference.may_be_sent(**space, row.to, &held));
            if closed.is_some() {
                self.breaks(format!("3: parcel {} of host {host} goes on, and its recipient is out", parcel.short()));
            }
            let retired: Vec<NodeId> =
                row.nodes.iter().copied().filter(|node| self.knows_retired(host, *node)).collect();
            if !retired.is_empty() {
                self.breaks(format!("3: parcel {} of host {host} goes on, sealed to a retired node", parcel.short()));
            }
        }
    }
}
