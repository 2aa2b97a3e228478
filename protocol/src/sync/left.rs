//! What nodes of other organisations keep of this node's private space, as they last said: `Table::Own`, under `backup/`, organisation
//! and node.
//!
//! A node that loses its disk, puts an older copy back or is retired keeps nothing any more, whatever others of its organisation hold.
//! So each says for itself what lies there, in every session, and what does not fit is left anew. That more lies there than was left it
//! shows by our own signature, or is not believed.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::kept::Pile;
use crate::time::Time;
use serde::{Deserialize, Serialize};

const LEFT: &[u8] = b"backup/";

/// What one node holds of this node's private space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Backup {
    /// The entries of the private space up to this one, in the order of acceptance at this node.
    pub upto: u32,
    /// In these packages.
    pub pile: Pile,
    /// With the last one that was ever signed for it here, or by a later state of this disk: the number never goes down, so that what was
    /// signed before is no proof of such a state, whatever it took, refused or lost since.
    pub signed: Pile,
    /// When it last took some, or said that they lie there.
    pub at: Time,
    /// When it last had all that there was.
    pub whole: Time,
    /// It was sent that one and has not said that it keeps it: up to which entry it goes.
    pub sent: Option<u32>,
    /// It had no room for the next.
    pub full: bool,
    /// It gets no more before this.
    pub next: Time,
    /// When it last turned out not to hold what was left there.
    pub anew: Time,
    /// When it claimed more than it could show our signature for. It is neither asked nor left anything since.
    pub claimed: Option<Time>,
}

impl Backup {
    /// Whether it is to say what lies there: something was left or signed for it, and it has not lied.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        self.signed.number > 0 && self.claimed.is_none()
    }
}

fn key((org, node): (OrgId, NodeId)) -> Vec<u8> {
    [LEFT, org.as_bytes(), node.as_bytes()].concat()
}

fn read(row: &[u8]) -> Result<Backup> {
    codec::decode("backup", row).map_err(|fault| Fault::store(fault.message))
}

/// What this node holds.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, with: (OrgId, NodeId)) -> Result<Option<Backup>> {
    view.get(Table::Own, &key(with))?.map(|row| read(&row)).transpose()
}

pub fn put(draft: &mut Draft<'_>, with: (OrgId, NodeId), row: &Backup) {
    draft.put(Table::Own, key(with), codec::encode(row));
}

pub fn forget(draft: &mut Draft<'_>, with: (OrgId, NodeId)) {
    draft.delete(Table::Own, key(with));
}

/// Every node that was left something.
///
/// # Errors
/// `Store`.
pub fn all(view: &dyn View) -> Result<Vec<(OrgId, NodeId, Backup)>> {
    let mut all = Vec::new();
    for (key, row) in view.scan(Table::Own, LEFT, after_prefix(LEFT).as_deref(), usize::MAX, false)? {
        let names = key.get(LEFT.len()..).and_then(|names| names.split_at_checked(32));
        let Some((org, node)) = names.and_then(|(o, n)| Some((OrgId::from_slice(o)?, NodeId::from_slice(n)?))) else {
            return Err(Fault::store("backup: a key of another length"));
        };
        all.push((org, node, read(&row)?));
    }
    Ok(all)
}
