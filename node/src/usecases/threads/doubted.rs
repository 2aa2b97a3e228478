//! Whether our staff doubt the consent under which something came here.

use crate::usecases::records::{self, Kind};
use belay_protocol::consent::{Doubt, open_doubts};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// What our staff said of the part of a consent that came to us.
///
/// # Errors
/// `Store`.
pub fn doubts(view: &dyn View, keeper: OrgId, part: ConsentId) -> Result<Vec<Doubt>> {
    let words = records::all(view, Kind::Doubted, &[keeper.0, part.0].concat())?.into_iter();
    Ok(words
        .filter_map(|record| if let PrivateBody::Doubted(said) = record.body { Some(said.word) } else { None })
        .collect())
}

/// Since when it is doubted, if it is.
///
/// # Errors
/// `Store`.
pub(super) fn since(view: &dyn View, keeper: OrgId, part: ConsentId) -> Result<Option<Time>> {
    Ok(open_doubts(&doubts(view, keeper, part)?).map(|doubt| doubt.at).min())
}
