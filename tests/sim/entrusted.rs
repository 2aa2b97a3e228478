//! Invariant 4, for others: what a carrier or a keeper said that it keeps is there after the power went.

use super::world::World;
use belay_protocol::ids::{NodeId, OrgId, ParcelId};
use belay_protocol::sync::kept;
use belay_protocol::sync::parcel::rows;
use belay_protocol::sync::wire::{Backup, Frame};
use std::collections::BTreeSet;

/// What one machine keeps for somebody by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entrusted {
    /// A parcel that was left with it.
    Parcel { host: usize, parcel: ParcelId },
    /// So many packages of one node.
    Packages { host: usize, of: (OrgId, NodeId), count: u64 },
}

impl World {
    /// Notes what an honest machine promises by a frame.
    pub fn note_entrusted(&mut self, host: usize, link: u64, bytes: &[u8]) {
        match Frame::decode(bytes) {
            Ok(Frame::Kept(parcel, 0)) => {
                self.entrusted.insert(Entrusted::Parcel { host, parcel });
                self.count("parcels entrusted");
            }
            Ok(Frame::Backup(Backup::Kept(true))) => {
                let Some(ends) = self.net.links.get(&link).map(|link| link.ends) else { return };
                let peer = if ends[0] == host { ends[1] } else { ends[0] };
                let of = (self.hosts[peer].org, self.hosts[peer].node);
                let count = self.packages(host, of);
                self.entrusted.insert(Entrusted::Packages { host, of, count });
                self.count("packages entrusted");
            }
            _ => {}
        }
    }

    fn packages(&self, host: usize, of: (OrgId, NodeId)) -> u64 {
        kept::shelf(&self.hosts[host].disk.live, of).unwrap().unwrap_or_default().count
    }

    fn is_there(&self, one: &Entrusted) -> bool {
        match one {
            Entrusted::Parcel { host, parcel } => {
                rows::carried(&self.hosts[*host].disk.live, None).unwrap().iter().any(|(id, _)| id == parcel)
            }
            Entrusted::Packages { host, of, count } => self.packages(*host, *of) >= *count,
        }
    }

    /// What a machine holds of what was entrusted to it: it may have been taken back, have ended, or been lost with a disk since.
    pub fn entrusted_to(&self, at: usize) -> BTreeSet<Entrusted> {
        let of = |one: &&Entrusted| match one {
            Entrusted::Parcel { host, .. } | Entrusted::Packages { host, .. } => *host == at,
        };
        self.entrusted.iter().filter(of).filter(|one| self.is_there(one)).copied().collect()
    }

    /// After a crash: all of it is there still.
    pub fn check_entrusted(&mut self, host: usize, held: &BTreeSet<Entrusted>) {
        if self.hosts[host].honest()
            && let Some(lost) = held.iter().find(|one| !self.is_there(one))
        {
            self.breaks(format!("4: host {host} lost what it had promised to keep for others: {lost:?}"));
        }
    }
}
