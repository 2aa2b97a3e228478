//! Entries that count no more, and that count again: the records of both sides hang on the entries that count, and on no order.

use super::agreements::{drafted, fields, signed};
use super::emergency::{opened, placed};
use super::files::{pdf, to_thread};
use super::inquiries::{answer, inquire};
use super::*;
use crate::usecases::project;
use crate::usecases::records::prefix::Prefix;
use belay_protocol::engine::Event;
use belay_protocol::referral::inquiry::Reply;
use std::collections::BTreeMap;

impl Office {
    /// What is kept for good: not what is only marked to be looked at.
    fn lasting(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let mut records = self.records();
        let marks = [Prefix::Heard as u8, Prefix::TieChanged as u8];
        records.retain(|key, _| !marks.contains(&key[0]));
        records
    }

    pub(super) fn turned(&mut self, events: &[Event]) {
        let now = self.now;
        let writes = self.with(|engine, store| project::writes(engine, store, events, now).expect("projects"));
        self.keep(writes);
    }
}

#[test]
fn what_is_taken_back_entry_by_entry_and_told_again_in_another_order_is_what_it_was() {
    let mut county = county();
    placed(&mut county);
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    let id = sent(&mut county, None);
    let link = LinkAsk { another: true, ..LinkAsk::new(&id) };
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(link));
    county.office(CLINIC).act(&id, accept());
    county.office(HOSPITAL).attach(&to_thread(&id), "letter.pdf", &pdf(200_000));
    county.office(CLINIC).act(&id, message("he is here"));
    drafted(&mut county, CLINIC, &fields("County Hospital", 8));
    signed(&mut county, CLINIC, "County Hospital");
    let asked = county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Harbor Shelter"])).inquiries.remove(0);
    county.pump();
    county.office(SHELTER).done::<InquiryView>(&answer(&asked, Reply::Yes));
    county.pump();
    for at in [HOSPITAL, CLINIC, SHELTER] {
        let office = county.office(at);
        let (before, all) = (office.lasting(), office.bodies());
        assert!(!all.is_empty());
        let lost: Vec<Event> = all
            .iter()
            .map(|(space, a)| Event::Lost { space: *space, hash: a.hash, org: a.org, body: a.body.clone() })
            .collect();
        office.turned(&lost);
        for (_, gone) in &all {
            let names = |key: &[u8]| key[0] >= 32 && key.windows(32).any(|part| part == gone.hash.0);
            assert!(office.lasting().keys().all(|key| !names(key)), "nothing hangs on it any more");
        }
        let applied: Vec<Event> = all
            .into_iter()
            .rev()
            .map(|(space, a)| {
                let (hash, author, org, time, body) = (a.hash, a.author, a.org, a.time, a.body);
                Event::Applied { space, hash, author, org, time, body }
            })
            .collect();
        office.turned(&applied);
        let after = office.lasting();
        let differs: Vec<u8> = before
            .iter()
            .filter(|(key, value)| after.get(*key) != Some(*value))
            .map(|(key, _)| key[0])
            .chain(after.keys().filter(|key| !before.contains_key(*key)).map(|key| key[0]))
            .collect();
        assert!(differs.is_empty(), "of office {at} these kinds are not what they were: {differs:?}");
    }
}
