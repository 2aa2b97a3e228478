//! Disclosures that a node makes of its own accord: keys that it passes on to a reader that asked. Each goes on record in the same
//! transaction (42 CFR 2.25, 45 CFR 164.528), with staff, consent, purpose and recipient of what was last told there.

use super::Context;
use super::Engine;
use super::settle::Work;
use crate::disclosure::PrivateBody;
use crate::disclosure::private::VERSION;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::space::{By, SpaceKind, Told};
use crate::store::Draft;

/// How an encoded record of a disclosure begins: the version, and the number of its variant.
const DISCLOSURE: [u8; 2] = [VERSION, 3];

impl Engine {
    /// Remembers the newest record of each disclosure: it is the permit under which keys may be passed on again.
    pub(super) fn note_told(
        &mut self,
        draft: &mut Draft<'_>,
        space: SpaceId,
        hash: EntryHash,
        body: &[u8],
    ) -> Result<()> {
        if !body.starts_with(&DISCLOSURE) {
            return Ok(());
        }
        let own = self.identity.org();
        let private =
            self.spaces.record(draft, space)?.is_some_and(|r| r.kind == SpaceKind::Private && r.custodian == own);
        if private && let Ok(PrivateBody::Disclosure(told)) = PrivateBody::decode(body) {
            self.spaces.note_told(draft, told.space, told.to, hash);
        }
        Ok(())
    }

    /// Puts on record what was told by passing keys on, and by nobody's command.
    pub(super) fn record_told(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        for Told { space, entry, to } in std::mem::take(&mut work.got.told) {
            let unrecorded = || Fault::bug("keys were passed on to an organisation to which nothing was told");
            let record = self.spaces.told(draft, space, to)?.ok_or_else(unrecorded)?;
            let private = self.spaces.entry(draft, &record)?.ok_or_else(unrecorded)?.space();
            let body = self.spaces.open_body(draft, &record)?.map_err(|_| unrecorded())?;
            let PrivateBody::Disclosure(told) = PrivateBody::decode(&body)? else { return Err(unrecorded()) };
            let body = PrivateBody::Disclosure(Box::new(told.again(entry, ctx.now))).encode();
            let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
            let written = self.spaces.write(draft, &mut by, private, &body)?;
            work.got.wrote(written.offered);
        }
        Ok(())
    }
}
