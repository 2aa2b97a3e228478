//! What is looked at after every step.

use super::reference::{Heard, Set};
use super::world::World;
use belay_protocol::engine::Event;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::planted;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{Register, SpaceKind};
use belay_protocol::store::{Table, View, Write};
use belay_protocol::sync::wire::Frame;
use std::collections::BTreeSet;

impl World {
    /// Whether a machine has heard, in the coalition, that a node is retired.
    pub fn knows_retired(&mut self, host: usize, node: NodeId) -> bool {
        let retired: Vec<usize> =
            self.reference.retirements(self.coalition).filter(|(_, out)| *out == node).map(|(r, _)| r).collect();
        retired.into_iter().any(|r| {
            let hash = self.reference.entries[r].hash;
            self.has(host, &hash)
        })
    }

    /// Invariant 6: what is accepted is signed; and an honest writer follows nothing that does not count.
    pub fn check_entry(&mut self, host: usize, entry: &Entry) {
        let signed = unplanted(|| Entry::verify(entry.bytes().to_vec()).is_ok());
        if !signed {
            self.breaks(format!("6: host {host} accepted entry {}, which nobody signed", entry.hash().short()));
        }
        self.check_founding(host, entry);
        let header = entry.header();
        if header.author != self.hosts[host].node || header.kind != Kind::Data || self.reference.is_known(&entry.hash())
        {
            return;
        }
        for parent in header.parents.clone() {
            let counts = self.hosts[host].ask(|engine, view| engine.spaces().counts(view, &parent).unwrap());
            if counts == Some(false) {
                self.breaks(format!("1: host {host} follows {}, which does not count", parent.short()));
            }
        }
    }

    pub fn has(&mut self, host: usize, hash: &EntryHash) -> bool {
        self.hosts[host].ask(|engine, view| engine.has(view, hash).unwrap()).unwrap_or_default()
    }

    /// All that a machine holds of what is in the world.
    pub fn held(&mut self, host: usize) -> Set {
        let mut held = Set::default();
        for n in 0..self.reference.entries.len() {
            let hash = self.reference.entries[n].hash;
            if self.has(host, &hash) {
                held.add(n);
            }
        }
        held
    }

    pub fn heard(&mut self, host: usize, n: usize, space: SpaceId) -> Heard {
        let mut heard = Heard::default();
        let orgs: BTreeSet<OrgId> = self.reference.orgs.values().copied().collect();
        let held = self.held(host);
        for org in &orgs {
            for r in self.reference.revocations(space, *org, &held) {
                if !self.reference.entries[r].past.has(n) {
                    heard.revoked.entry(*org).or_default().push(r);
                }
            }
        }
        let retired: Vec<(usize, NodeId)> = self.reference.retirements(space).collect();
        for (r, node) in retired {
            let hash = self.reference.entries[r].hash;
            if !self.reference.entries[r].past.has(n) && self.has(host, &hash) {
                heard.retired.insert(node);
            }
        }
        let now = self.hosts[host].clock(self.now);
        heard.expired = orgs.into_iter().filter(|org| self.reference.expired(space, *org, &held, now)).collect();
        heard
    }

    /// Who ends a place because its time has passed, by a clock that runs ahead, has two organisations linked whose clocks agree. (A frame
    /// that is long on its way makes a clock seem further ahead than it is, never less.)
    pub fn check_ended(&mut self, host: usize, events: &[Event]) {
        let ended = events.iter().any(|event| matches!(event, Event::Expired { .. }));
        let (skew, most) = (self.hosts[host].skew, i64::try_from(belay_protocol::limits::CLOCK_SKEW).unwrap());
        if !ended || !self.hosts[host].honest() {
            return;
        }
        self.count("places ended by the clock");
        if skew <= most {
            return;
        }
        let mut agreeing = BTreeSet::new();
        for link in self.net.links.values() {
            let Some(side) = link.ends.iter().position(|end| *end == host) else { continue };
            if link.clocks[1 - side] >= skew - most {
                agreeing.insert(self.hosts[link.ends[1 - side]].org);
            }
        }
        agreeing.remove(&self.hosts[host].org);
        if agreeing.len() < 2 {
            self.breaks(format!("5: host {host} ends a place by a clock that {} others share", agreeing.len()));
        }
    }

    /// A register never goes back on a disk that nobody put back.
    pub fn check_registers(&mut self, host: usize, writes: &[Write]) {
        if !self.hosts[host].honest() {
            return;
        }
        for write in writes.iter().filter(|write| write.table == Table::Register) {
            let before = self.hosts[host].disk.live.get(Table::Register, &write.key).unwrap();
            let (Some(before), Some(after)) = (before, &write.value) else { continue };
            let [before, after] = [&before, after].map(|bytes| Register::verify(bytes).unwrap());
            if after.order() < before.order() {
                self.breaks(format!("1: at host {host} register {} goes back", after.name));
            }
        }
    }

    /// Nothing of a space leaves for who is not in it, as far as the sender has heard.
    pub fn check_sent(&mut self, host: usize, link: u64, bytes: &[u8]) {
        assert!(bytes.len() <= belay_protocol::limits::FRAME_BYTES, "a frame over the bound");
        let Some(l) = self.net.links.get(&link) else { return };
        let peer = if l.ends[0] == host { l.ends[1] } else { l.ends[0] };
        let org = self.hosts[peer].org;
        let Ok(Frame::Page(page)) = Frame::decode(bytes) else { return };
        let sent = page.entries.iter().map(|bytes| Entry::parse(bytes.clone()).unwrap().hash());
        let spaces: BTreeSet<SpaceId> = sent
            .chain(page.announced.iter().copied())
            .filter_map(|hash| Some(self.reference.entries[*self.reference.number.get(&hash)?].space))
            .collect();
        if spaces.is_empty() {
            return;
        }
        let held = self.held(host);
        for space in spaces {
            if !self.reference.may_be_sent(space, org, &held) {
                self.breaks(format!("3: host {host} sends of space {} to who is not in it", space.short()));
            }
        }
    }

    /// Invariant 1: who holds the same entries shows the same.
    pub fn check_shown(&mut self, host: usize) {
        let Some(spaces) = self.hosts[host].ask(|engine, view| engine.space_records(view).unwrap()) else { return };
        for record in spaces {
            let space = record.space;
            let coalition = if let SpaceKind::Thread { coalition, .. } = record.kind { coalition } else { space };
            let key = self.hosts[host].ask(|engine, view| {
                let heads = engine.spaces().heads(view, space).unwrap();
                (space, heads, engine.spaces().heads(view, coalition).unwrap())
            });
            let Some(key) = key else { continue };
            if self.last_shown.get(&(host, space)) == Some(&key) {
                continue;
            }
            let digest = self.hosts[host].ask(|engine, view| {
                let fold = engine.fold(view, space).unwrap();
                let mut counted = BTreeSet::new();
                for hash in engine.spaces().order(view, space, 0, usize::MAX).unwrap() {
                    if engine.spaces().counts(view, &hash).unwrap() {
                        counted.insert(hash);
                    }
                }
                fnv(format!("{fold:?} {counted:?}").as_bytes())
            });
            let Some(digest) = digest else { continue };
            let before = *self.shown.entry(key.clone()).or_insert((digest, host));
            if before.0 != digest {
                self.breaks(format!("1: hosts {} and {host} fold space {} differently", before.1, space.short()));
            }
            self.last_shown.insert((host, space), key);
            self.check_ends(host, space);
            if space == self.coalition && self.hosts[host].honest() {
                self.check_charter(host);
            }
        }
    }

    /// Invariant 4: what was promised is there.
    pub fn check_promises(&mut self, host: usize) {
        if !self.hosts[host].honest() || self.hosts[host].engine.is_none() {
            return;
        }
        for hash in self.hosts[host].promised.clone() {
            if !self.has(host, &hash) {
                self.breaks(format!("4: host {host} lost entry {} that it had promised to keep", hash.short()));
            }
        }
    }
}

/// Runs as the program is, whatever bug is planted.
fn unplanted<T>(run: impl FnOnce() -> T) -> T {
    let before = planted::planted();
    planted::plant(None);
    let done = run();
    planted::plant(before);
    done
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
