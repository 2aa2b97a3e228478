//! How a machine begins, and how organisations come together: the same in both simulators.

use super::disk::Disk;
use super::rng::Rng;
use belay_protocol::engine::{Identity, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::keys::{Certificate, NodeKey, PrekeySecret, RootKey};
use belay_protocol::random;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::time::Time;

/// A new node with its identity on a disk.
pub struct Born {
    pub disk: Disk,
    pub node: NodeId,
    pub org: OrgId,
    pub card: OrgCard,
    pub certificate: Certificate,
}

pub fn born(root: &RootKey, name: &str, kind: PartnerKind, now: Time, rng: &mut Rng) -> Born {
    let key = NodeKey::from_seed(random::array(rng));
    let prekey = PrekeySecret::generate(rng);
    let certificate = root.certify(&key, prekey.public(), now);
    let mut memory = Memory::default();
    let mut draft = Draft::new(&memory);
    Identity::store(&mut draft, &key, &certificate, &prekey, now).unwrap();
    let writes = draft.into_writes();
    memory.commit(writes);
    let card = OrgCard { root: root.public(), name: name.to_owned(), kind };
    Born { disk: Disk::from(memory), node: key.id(), org: card.root.org(), card, certificate }
}

/// Machines by number, each of one organisation.
pub trait Machines {
    /// By which an organisation is let in.
    fn papers(&self, at: usize) -> (OrgCard, Certificate);

    /// A step of this machine, committed. `None`: it is down, or the step was refused.
    fn step<T>(&mut self, at: usize, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T>;

    /// What a newcomer gets of the coalition.
    fn pages(&mut self, at: usize, coalition: SpaceId) -> Option<Vec<Vec<u8>>>;
}

/// The machine `who` takes part in the coalition that `by` is in. Its organisation must have been let in.
pub fn join(machines: &mut impl Machines, coalition: SpaceId, by: usize, who: usize) {
    let introducer = machines.papers(by).0.root.org();
    let Some(pages) = machines.pages(by, coalition) else { return };
    machines.step(who, |step| {
        step.join_coalition(coalition, introducer)?;
        step.take_entries(pages)
    });
}

/// The steward `by` lets the organisation of `who` in. Whether it did.
pub fn admit(machines: &mut impl Machines, coalition: SpaceId, by: usize, who: usize) -> bool {
    let (card, certificate) = machines.papers(who);
    let admitted = machines.step(by, |step| step.admit(coalition, card, certificate)).is_some();
    if admitted {
        join(machines, coalition, by, who);
    }
    admitted
}

/// The first of so many founds a coalition.
pub fn found(machines: &mut impl Machines, name: &str) -> SpaceId {
    let card = machines.papers(0).0;
    machines.step(0, |step| step.found_coalition(name, card)).unwrap()
}
