//! How much is on its way to whom: counts, and nothing of what it is.

use crate::engine::Engine;
use crate::fault::Result;
use crate::ids::{EntryHash, OrgId};
use crate::limits;
use crate::space::entry::Kind;
use crate::store::View;
use crate::sync::arrivals::{self, Item};
use crate::sync::parcel::rows::{self, Way};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What of this organisation's own words in threads is on its way to another one, in entries of kind `Data`: grants and keys, which
/// travel with words, are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// Nobody but this node has them, of the newest that are looked at ([`limits::UNDER_WAY_LOOKED`]).
    pub waiting: u64,
    /// They lie with a carrier.
    pub left: u64,
    /// They came by carriers or by file, by the organisation's receipts, since this node has been counting.
    pub came: u64,
}

impl Engine {
    /// For whom something waits or lies with carriers, or came by them. What links bring is at once, and not counted.
    ///
    /// # Errors
    /// `Store`.
    pub fn under_way(&mut self, view: &dyn View, now: Time) -> Result<BTreeMap<OrgId, UnderWay>> {
        let mut all: BTreeMap<OrgId, UnderWay> = BTreeMap::new();
        for (org, came) in rows::came(view)? {
            all.entry(org).or_default().came = came;
        }
        let (mut left, mut made) = (BTreeSet::new(), BTreeSet::new());
        for (_, row) in rows::outgoing(view)?.into_iter().filter(|(_, row)| row.way == Way::Carriers) {
            let to = if row.left.is_empty() { &mut made } else { &mut left };
            for (_, entry) in &row.entries {
                if self.is_own_word(view, entry)? {
                    to.insert((row.to, *entry));
                }
            }
        }
        let due: Vec<OrgId> = rows::due(view)?.into_iter().map(|(org, _)| org).collect();
        for org in due {
            if self.sessions.speaks_with(org) {
                continue;
            }
            let newest = arrivals::last(view)?.0;
            let first = (rows::sent(view, org)? + 1).max(newest.saturating_sub(limits::UNDER_WAY_LOOKED) + 1);
            for (_, arrival) in arrivals::from(view, first, usize::MAX)? {
                let Item::Entry { space, hash } = arrival.item else { continue };
                if self.spaces.is_thread(view, space)?
                    && self.is_own_word(view, &hash)?
                    && !left.contains(&(org, hash))
                    && self.spaces.may_have(view, space, org, now)?
                    && !self.delivered(view, space, hash, org)?
                {
                    made.insert((org, hash));
                }
            }
        }
        for (org, _) in made.difference(&left) {
            all.entry(*org).or_default().waiting += 1;
        }
        for (org, _) in &left {
            all.entry(*org).or_default().left += 1;
        }
        Ok(all)
    }

    /// Whether a node of this organisation wrote this entry, and into the body.
    pub(super) fn is_own_word(&mut self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        let data = self.spaces.entry(view, hash)?.is_some_and(|entry| entry.header().kind == Kind::Data);
        Ok(data && self.spaces.author_org(view, hash)? == Some(self.identity.org()))
    }
}
