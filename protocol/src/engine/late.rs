//! Words that come too late to count and take effect all the same, at the custodian of a thread's space: what a partner wrote after it
//! was taken out, or its node retired, and before it heard so. They only narrow (a revocation that was heard) or only record (a
//! copy that was opened in an emergency). The reasons stand in `protocol/decisions/late-words.md`.

use super::Engine;
use super::output::Body;
use super::queries::Applied;
use crate::emergency::EmergencyBody;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::planted::{self, Bug};
use crate::referral::{self, Act};
use crate::space::SpaceKind;
use crate::space::entry::Kind;
use crate::store::View;

impl Engine {
    /// The word of an accepted entry that does not count, if it is one that takes effect here.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn late_word(&mut self, view: &dyn View, space: SpaceId, hash: &EntryHash) -> Result<Option<Applied>> {
        let own = self.identity.org();
        let ours = self
            .spaces
            .record(view, space)?
            .is_some_and(|record| matches!(record.kind, SpaceKind::Thread { .. }) && record.custodian == own);
        if !ours || planted::is(Bug::LateUnheard) {
            return Ok(None);
        }
        let entry = self.spaces.entry(view, hash)?.ok_or_else(|| Fault::bug("accepted, and not there"))?;
        let org = self.spaces.author_org(view, hash)?.ok_or_else(|| Fault::bug("accepted of nobody"))?;
        if entry.header().kind != Kind::Data || org == own {
            return Ok(None);
        }
        let Ok(body) = self.spaces.open_late(view, hash)? else { return Ok(None) };
        let (author, time) = (entry.header().author, entry.header().time);
        Ok(takes_effect(&body).then_some(Applied { hash: *hash, author, org, time, body: Body(body) }))
    }
}

/// Whether a body only narrows or only records.
fn takes_effect(body: &[u8]) -> bool {
    if EmergencyBody::is(body) {
        return matches!(EmergencyBody::decode(body), Ok(EmergencyBody::Opened(_)));
    }
    let heard = |signed: &referral::Signed| matches!(signed.act, Act::HeardRevocation { .. });
    matches!(referral::Body::decode(body), Ok(referral::Body::Act(signed)) if heard(&signed))
}
