//! What this node holds back from an organisation for now, though it is in: see [`crate::space::hold`].

use super::Step;
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::space::hold::Held;
use crate::sync::rights;

impl Step<'_> {
    /// From now on this node passes on no keys to an organisation that is in a space; and if all is held back, sends nothing of the space to
    /// it, over no link, by no carrier and in no bundle: parcels that lie with carriers are taken back. It changes nothing in who is in, and
    /// nobody is told. What that organisation writes comes on.
    ///
    /// # Errors
    /// `Store`.
    pub fn hold(&mut self, space: SpaceId, org: OrgId, what: Held) -> Result<()> {
        if self.engine.spaces.hold(&mut self.draft, space, org, what)? {
            self.work.held = true;
            self.work.got.access_changed();
        }
        Ok(())
    }

    /// Ends [`Step::hold`]: as far as the organisation is in the space it is shown all of it again.
    ///
    /// # Errors
    /// `Store`.
    pub fn let_go(&mut self, space: SpaceId, org: OrgId) -> Result<()> {
        if self.engine.spaces.let_go(&mut self.draft, space, org)? {
            self.work.got.access_changed();
            rights::shown_again(&mut self.draft, space, org)?;
            self.work.owed.insert(org);
        }
        Ok(())
    }
}
