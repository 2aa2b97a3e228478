//! Whether this organisation was taken out of a thread because the person took the consent back: what a removal says of it (42 CFR
//! 2.31(a)(6)).

use super::control::Control;
use super::entry::Entry;
use super::notice;
use super::record::SpaceKind;
use super::spaces::Spaces;
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::store::View;
use crate::time::Time;

impl Spaces {
    /// When the person took it back, as who keeps the consent says in the removal that took `own` out of this thread, in its graph or
    /// apart from it; of several the first. `None`: it is in, or is out for whatever other reason.
    ///
    /// # Errors
    /// `Store`.
    pub fn taken_back(&mut self, view: &dyn View, space: SpaceId, own: OrgId) -> Result<Option<Time>> {
        let Some(record) = self.record(view, space)? else { return Ok(None) };
        let SpaceKind::Thread { coalition, .. } = record.kind else { return Ok(None) };
        let mut removals: Vec<Entry> = notice::heard(view, space)?;
        for hash in self.removals(view, space, &own)? {
            removals.extend(self.entry(view, &hash)?);
        }
        let mut first: Option<Time> = None;
        for entry in removals.iter().filter(|entry| says_so(entry)) {
            // What is told apart from the graph was not checked for who may say it.
            if self.holder(view, coalition, &entry.header().author)? == Some(record.custodian) {
                let at = entry.header().time;
                first = Some(first.map_or(at, |before| before.min(at)));
            }
        }
        Ok(first)
    }
}

fn says_so(entry: &Entry) -> bool {
    matches!(Control::decode(entry.header().kind, entry.body()), Ok(Some(Control::Revoke(revoke))) if revoke.word)
}
