//! A person asks who was referred to, under no consent of theirs, to leave something out (2.26): from then on it is left out of what is answered
//! and passed on as well.

use super::consents::{KINDS, another, some};
use super::county::County;
use super::model::{LeftOut, Org};
use super::words;
use belay_node::api::care::{Care, PersonRestrict, PersonView, RestrictionRequest};

/// Of somebody whom a recipient linked, most often the sender is not to be told.
pub fn leave_out(county: &mut County) {
    let linked: Vec<(usize, Org, Org)> = county
        .model
        .cases
        .iter()
        .filter_map(|case| Some((case.linked?, case.recipient, case.sender)))
        .filter(|(_, own, _)| county.up(*own))
        .collect();
    let Some((person, own, sender)) = county.rng.pick(&linked).copied() else { return };
    let to = match county.rng.below(10) {
        0..=6 => Some(sender),
        7 | 8 => another(county, &[own]),
        _ => None,
    };
    let kinds = some(county, &KINDS, 30);
    let asked = county.model.word(own, "what a recipient was asked to leave out");
    let restriction = RestrictionRequest {
        asked: words::personal(asked),
        to: to.map(County::name),
        information: kinds.iter().copied().collect(),
        ..RestrictionRequest::default()
    };
    county.tell(format!("{} agrees to leave out of person {person}: {kinds:?} for {to:?}", County::name(own)));
    let id = county.model.persons[person].id.as_str().into();
    if county.ask::<PersonView>(own, &Care::PersonRestrict(PersonRestrict { person: id, restriction })).is_some() {
        county.model.persons[person].left_out.push(LeftOut { asked, to, kinds });
        county.count("recipients that agreed to leave something out");
        super::records::bind(county, person);
    }
}
