//! That this node tells nothing of a space to an organisation for now, though it is in: staff say that the consent may be false
//! (42 CFR 2.31(c)(4)).
//!
//! It is this node's own and no change of who is in: nothing is written, nobody is told, and it may be lifted; then all of the space is
//! shown again. Who was taken out is told so all the same. `Table::Own` holds it under `held/`, by space and organisation, as one byte.

use super::spaces::Spaces;
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::store::{Draft, Table, View, after_prefix};

const HELD: &[u8] = b"held/";

/// What is held back. The number is what the store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Held {
    /// Keys that it asks for: what is sealed goes on to it.
    Keys = 1,
    /// Whatever stands there.
    All = 2,
}

fn key(space: SpaceId, org: OrgId) -> Vec<u8> {
    [HELD, space.as_bytes(), org.as_bytes()].concat()
}

/// Whether so much is held back from it.
///
/// # Errors
/// `Store`.
pub fn is_held(view: &dyn View, space: SpaceId, org: OrgId, what: Held) -> Result<bool> {
    let held = view.get(Table::Own, &key(space, org))?;
    Ok(held.is_some_and(|held| held.first().is_some_and(|held| *held >= what as u8)))
}

/// Whether anything is held back from anybody: while nothing is, nobody need ask for each space.
///
/// # Errors
/// `Store`.
pub fn any(view: &dyn View) -> Result<bool> {
    Ok(!view.scan(Table::Own, HELD, after_prefix(HELD).as_deref(), 1, false)?.is_empty())
}

impl Spaces {
    /// From now on so much is held back from it. Whether that is new.
    ///
    /// # Errors
    /// `Store`.
    pub fn hold(&mut self, draft: &mut Draft<'_>, space: SpaceId, org: OrgId, what: Held) -> Result<bool> {
        let new = !is_held(draft, space, org, what)?;
        if new {
            draft.put(Table::Own, key(space, org), [what as u8]);
        }
        Ok(new)
    }

    /// It may have the space again, as far as it is in. Whether anything was held back. What it asked for meanwhile is answered.
    ///
    /// # Errors
    /// `Store`.
    pub fn let_go(&mut self, draft: &mut Draft<'_>, space: SpaceId, org: OrgId) -> Result<bool> {
        let held = is_held(draft, space, org, Held::Keys)?;
        if held {
            draft.delete(Table::Own, key(space, org));
            self.tend.insert(space);
        }
        Ok(held)
    }
}
