//! A person asks who was referred to, under no consent of theirs, to leave something out (2.26): from then on it is left out of what is answered
//! and passed on as well, until the person lets it in again by word. A consent that holds it lets it in by a signature alone.

use super::consents::{KINDS, another, promised, some};
use super::county::County;
use super::model::{LeftOut, Org};
use super::words::{self, Word};
use belay_node::api::care::{Care, PersonLetIn, PersonRestrict, PersonView, RestrictionRequest, RestrictionView};
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

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
    let ask = Care::PersonRestrict(PersonRestrict { person: id(county, person), restriction });
    let Some(view) = county.ask::<PersonView>(own, &ask) else { return };
    // It is filed under the record that is shown.
    let person = county.model.record(&view.id.to_string()).unwrap_or(person);
    county.model.persons[person].left_out.push(LeftOut { asked, to, kinds });
    county.count("recipients that agreed to leave something out");
    super::records::bind(county, person);
}

fn id(county: &County, person: usize) -> Personal<String> {
    county.model.persons[person].id.as_str().into()
}

/// What stands of what a person asked to leave out, as staff read it: no more and no less than was agreed and not let in again.
fn standing(county: &mut County, person: usize) -> Option<Vec<RestrictionView>> {
    let own = county.model.persons[person].org;
    let ask = Care::PersonShow { person: id(county, person) };
    let view: PersonView = county.ask(own, &ask)?;
    let shown: BTreeSet<Word> =
        view.left_out.iter().flat_map(|one| words::found(one.asked.reveal().as_bytes())).collect();
    let agreed: BTreeSet<Word> = promised(county, person).iter().map(|one| one.asked).collect();
    if shown != agreed {
        county.breaks(format!(
            "2: {} shows of person {person} that {shown:?} is left out, and {agreed:?} was agreed to (2.26)",
            County::name(own)
        ));
    }
    Some(view.left_out)
}

/// The person says that something may be told after all, whatever form it was asked for under.
pub fn let_in(county: &mut County) {
    let up = |at: &usize| county.up(county.model.persons[*at].org) && !promised(county, *at).is_empty();
    let persons: Vec<usize> = (0..county.model.persons.len()).filter(up).collect();
    let Some(person) = county.rng.pick(&persons).copied() else { return };
    let own = county.model.persons[person].org;
    let Some(one) = standing(county, person).and_then(|all| county.rng.pick(&all).cloned()) else { return };
    let spoken = county.rng.chance(50);
    let said = words::found(one.asked.reveal().as_bytes());
    county.tell(format!("{} hears that {said:?} of person {person} may be told after all", County::name(own)));
    let ask = PersonLetIn { person: id(county, person), what: one.id.to_string(), spoken };
    let Some(view) = county.ask::<PersonView>(own, &Care::PersonLetIn(ask)) else {
        county.breaks(format!("4: {} can not let in again what person {person} asked for", County::name(own)));
        return;
    };
    let shown = county.model.record(&view.id.to_string()).unwrap_or(person);
    county.model.let_in.extend(said.into_iter().map(|word| (shown, word)));
    county.count("words that let something in again");
}

/// At the end: of every person that stands which was agreed and not let in again.
pub fn whole(county: &mut County) {
    for person in 0..county.model.persons.len() {
        if county.seen.answers && standing(county, person).is_some() {
            county.count("persons whose promises are kept");
        }
    }
}
