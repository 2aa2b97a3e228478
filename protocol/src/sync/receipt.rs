//! What an organisation holds of a space, by its own word: the register `receipt` of its nodes, and its receipts for parcels.

use crate::codec;
use crate::fault::Result;
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::space::Spaces;
use crate::store::View;
use crate::sync::parcel::rows;

/// The register in which a node says what of a space it holds durably: the encoded list of heads.
pub const RECEIPT: &str = "receipt";

/// What nodes of `org` have said in their registers of this name, which hold heads: these heads; some may not be here. Of who was
/// taken out of a thread, what it had said by then: what it held it holds.
pub fn said(
    spaces: &mut Spaces,
    view: &dyn View,
    (space, name): (SpaceId, &str),
    org: OrgId,
) -> Result<Vec<EntryHash>> {
    let mut heads = Vec::new();
    for register in spaces.registers_of(view, space, org, name)? {
        if let Ok(said) = codec::decode::<Vec<EntryHash>>("heads", &register.value) {
            heads.extend(said);
        }
    }
    Ok(heads)
}

/// Whether a node of `org` has said that it holds this entry durably.
///
/// # Errors
/// `Store`.
pub fn delivered(spaces: &mut Spaces, view: &dyn View, space: SpaceId, hash: EntryHash, org: OrgId) -> Result<bool> {
    for head in heads(spaces, view, space, org)? {
        if head == hash || (spaces.has(view, &head)? && spaces.follows(view, &head, &hash)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// All that `org` says it holds of a space, as heads; some may follow others, or not be here.
///
/// # Errors
/// `Store`.
pub fn heads(spaces: &mut Spaces, view: &dyn View, space: SpaceId, org: OrgId) -> Result<Vec<EntryHash>> {
    let mut heads = rows::delivered(view, org, space)?;
    heads.extend(said(spaces, view, (space, RECEIPT), org)?);
    Ok(heads)
}
