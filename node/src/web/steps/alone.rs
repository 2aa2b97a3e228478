//! What stands alone in a consent, and what is ticked beside it all the same.

use super::ask::{of, rows, wrong};
use super::{Fields, Wrong};
use belay_protocol::consent::Class;
use belay_protocol::referral::Information;

/// Counselling notes stand alone in their consent (2.31(b)): by them alone it has its rules, and what is ticked beside them is named.
pub(super) fn counselling(fields: &Fields, class: Option<Class>) -> Result<Option<Class>, Vec<Wrong>> {
    let ticks = || {
        rows(fields, "parties").enumerate().flat_map(|(number, row)| {
            ["tell", "back"].map(|way| (format!("parties.{number}.{way}"), of::<Vec<Information>>(row, way)))
        })
    };
    let (notes, others) = (
        |kinds: &[Information]| kinds.contains(&Information::Counselling),
        |kinds: &[Information]| kinds.iter().any(|kind| *kind != Information::Counselling),
    );
    let any_notes = ticks().any(|(_, kinds)| notes(&kinds));
    let beside = ticks().find(|(_, kinds)| others(kinds));
    match (class, any_notes, beside) {
        (Some(Class::Counselling), _, Some((field, _))) => wrong(
            &field,
            "Counselling notes stand alone in their consent (42 CFR 2.31(b)): please untick everything but counselling notes, both ways.",
        ),
        (_, true, Some((field, _))) => wrong(
            &field,
            "Counselling notes take a consent of their own (42 CFR 2.31(b)): please untick them here, or untick everything else, both ways.",
        ),
        (None, true, None) => Ok(Some(Class::Counselling)),
        (class, _, _) => Ok(class),
    }
}
