//! One node: its keys, its store and its spaces.

use crate::world::{Act, Event};
use belay_protocol::fault::{Class, Fault, Result};
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::{Certificate, NodeKey, PrekeySecret, RootKey};
use belay_protocol::random::Random;
use belay_protocol::space::control::{OrgCard, PartnerKind, Proposal};
use belay_protocol::space::entry::Entry;
use belay_protocol::space::{By, Offered, ProposalState, Spaces, Written};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::time::{DAY, Time};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// No rule asks for the time: every node's clock stands.
pub const NOW: Time = Time(20_000 * DAY);

/// Bytes that follow from what a node knows, so that the same deed after the same news is the same entry.
pub struct Seeded(pub u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

pub struct Peer {
    number: (u8, u8),
    pub key: NodeKey,
    pub root: RootKey,
    pub prekey: PrekeySecret,
    pub spaces: Spaces,
    pub store: Memory,
    random: Seeded,
}

/// What became of one event.
pub enum Became {
    /// Entries that it wrote, in order.
    Wrote(Vec<EntryHash>),
    /// The rules, or what it knows, do not let this node do that.
    NotNow,
    /// Something that an honest node wrote was refused, or the code broke a rule of its own.
    Broke(String),
}

impl Peer {
    /// A node of the organisation with this number, started on a store.
    pub fn on(number: (u8, u8), store: Memory) -> Self {
        let (org, node) = number;
        let key = NodeKey::from_seed([org * 16 + node; 32]);
        let prekey = PrekeySecret::of_suite(2, [org * 16 + node; 32]).unwrap();
        Self {
            number,
            spaces: Spaces::new(key.id()),
            root: root(org),
            store,
            random: Seeded(u64::from(org)),
            prekey,
            key,
        }
    }

    /// The same, new.
    pub fn new(org: u8, node: u8) -> Self {
        let mut peer = Self::on((org, node), Memory::default());
        let prekey = peer.prekey.clone();
        peer.act(|spaces, draft, by| {
            spaces.hold_prekey(draft, &prekey, by.now);
            Ok(())
        })
        .unwrap();
        peer
    }

    /// This node once more, started on what it had stored.
    pub fn again(&self) -> Self {
        Self::on(self.number, self.store.clone())
    }

    pub fn id(&self) -> NodeId {
        self.key.id()
    }

    pub fn card(&self) -> OrgCard {
        card(&self.root)
    }

    pub fn certificate(&self) -> Certificate {
        self.root.certify(&self.key, self.prekey.public(), NOW)
    }

    /// One step: its writes are committed if it succeeds, else what is in memory is forgotten.
    pub fn act<T>(&mut self, step: impl FnOnce(&mut Spaces, &mut Draft<'_>, &mut By<'_>) -> Result<T>) -> Result<T> {
        let mut draft = Draft::new(&self.store);
        let mut by = By { key: &self.key, now: NOW, random: &mut self.random };
        let done = step(&mut self.spaces, &mut draft, &mut by);
        let writes = draft.into_writes();
        match done {
            Ok(value) => {
                self.store.commit(writes);
                Ok(value)
            }
            Err(fault) => {
                self.spaces.forget();
                Err(fault)
            }
        }
    }

    pub fn entry(&self, hash: &EntryHash) -> Entry {
        self.spaces.entry(&self.store, hash).unwrap().unwrap()
    }

    /// The accepted entries of these spaces.
    pub fn held(&mut self, spaces: &[SpaceId]) -> BTreeSet<EntryHash> {
        spaces.iter().flat_map(|space| self.spaces.since(&self.store, *space, &[]).unwrap()).collect()
    }

    /// Lets one event happen. What came in is tended at once, as the engine does.
    pub fn happens(&mut self, event: &Event, spaces: &[SpaceId], entry: impl Fn(&EntryHash) -> Entry) -> Became {
        let mut hasher = DefaultHasher::new();
        (self.key.id(), self.held(spaces), event).hash(&mut hasher);
        self.random = Seeded(hasher.finish());
        let mut wrote = Vec::new();
        match event {
            Event::Does(act) => match self.does(*act, spaces) {
                Ok(offered) => wrote.extend(offered.accepted.into_iter().map(|(_, hash)| hash)),
                Err(fault) if matches!(fault.class, Class::NotPermitted | Class::Misuse) => return Became::NotNow,
                Err(fault) => return Became::Broke(fault.to_string()),
            },
            Event::Hears(hashes) => {
                for hash in hashes {
                    if let Err(fault) = self.act(|s, d, by| s.offer(d, entry(hash), Some(NodeId([9; 32])), by.now)) {
                        return Became::Broke(fault.to_string());
                    }
                }
            }
        }
        match self.tend() {
            Ok(more) => wrote.extend(more),
            Err(fault) => return Became::Broke(fault.to_string()),
        }
        Became::Wrote(wrote)
    }

    fn tend(&mut self) -> Result<Vec<EntryHash>> {
        let mut wrote = Vec::new();
        loop {
            let due = self.spaces.to_tend();
            if due.is_empty() {
                return Ok(wrote);
            }
            for space in due {
                let Ok(fold) = self.spaces.fold(&self.store, space) else { continue };
                let orgs: Vec<OrgId> = fold.members.keys().copied().collect();
                // Here spaces stand alone; what was told to whom is put on record by what lies above.
                self.act(|spaces, draft, _| {
                    orgs.iter().for_each(|org| spaces.note_told(draft, space, *org, EntryHash(space.0)));
                    Ok(())
                })?;
                let offered = self.act(|spaces, draft, by| spaces.tend(draft, by, space))?;
                wrote.extend(offered.accepted.into_iter().map(|(_, hash)| hash));
            }
        }
    }

    fn does(&mut self, act: Act, spaces: &[SpaceId]) -> Result<Offered> {
        let (coalition, thread) = (spaces[0], spaces.last().copied().unwrap());
        let written = |written: Written| written.offered;
        match act {
            Act::Writes => self.act(|s, d, by| s.write(d, by, thread, b"a line")).map(written),
            Act::Grants(org) => self.act(|s, d, by| s.grant(d, by, thread, id(org), true, true, None)).map(written),
            Act::Revokes(org) => {
                self.needs(thread, id(org))?;
                self.act(|s, d, by| s.revoke(d, by, thread, id(org))).map(written)
            }
            Act::Expels(org) => {
                self.needs(coalition, id(org))?;
                self.act(|s, d, by| s.revoke(d, by, coalition, id(org))).map(written)
            }
            Act::Admits(org) => {
                let newcomer = Self::new(org, 1);
                self.act(|s, d, by| s.admit(d, by, coalition, newcomer.card(), newcomer.certificate())).map(written)
            }
            Act::Retires(node) => {
                let retirement = self.root.retire(Self::new(node / 16, node % 16).id(), NOW);
                self.act(|s, d, by| s.retire(d, by, coalition, retirement)).map(written)
            }
            Act::Proposes(stewards, threshold) => {
                let stewards = stewards.iter().map(|org| id(*org)).collect();
                self.act(|s, d, by| s.propose_charter(d, by, coalition, stewards, threshold, false))
                    .map(|(_, w)| w.offered)
            }
            Act::Removes(org) => {
                self.act(|s, d, by| s.propose_removal(d, by, coalition, id(org))).map(|(_, w)| w.offered)
            }
            Act::Approves { charter, instead } => {
                let proposals = self.spaces.proposals(&self.store, coalition)?;
                let own = self.root.public().org();
                let open = proposals.into_iter().find(|p| {
                    p.state == ProposalState::Open
                        && !p.approvers.contains(&own)
                        && matches!(p.proposal, Proposal::Charter(_)) == charter
                });
                let open = open.ok_or_else(|| Fault::misuse("nothing is open"))?;
                self.act(|s, d, by| s.approve(d, by, coalition, &open.id, instead)).map(written)
            }
        }
    }

    /// Nobody takes out who is not in.
    fn needs(&mut self, space: SpaceId, org: OrgId) -> Result<()> {
        if self.spaces.fold(&self.store, space)?.members.contains_key(&org) {
            return Ok(());
        }
        Err(Fault::misuse("it is not in"))
    }
}

fn root(org: u8) -> RootKey {
    RootKey::from_seed([org; 32])
}

fn card(root: &RootKey) -> OrgCard {
    let root = root.public();
    OrgCard { root, name: format!("Organisation {}", root.org().short()), kind: PartnerKind::Part2Program }
}

/// The organisation with this number.
pub fn id(org: u8) -> OrgId {
    root(org).public().org()
}
