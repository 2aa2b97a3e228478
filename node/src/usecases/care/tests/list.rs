//! The list is what it would be were every thread folded anew, after whatever happened; and it is read a page at a time.

use super::agreements::fields;
use super::office::{County, Office};
use super::*;
use crate::usecases::{agreements, worklist};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::ids::StaffId;
use belay_protocol::referral::{
    Attempt, Barrier, By, Channel, Field, Identity, Leaving, Person, Reached, Seen, Setting, Stage, Transition, Why,
};
use belay_protocol::time::{HOUR, MINUTE};

const NAME: &str = "Zephyrine Quillfeather";
const OFFICES: [usize; 3] = [HOSPITAL, CLINIC, SHELTER];

/// The same numbers for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    fn one<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }
}

/// What a history has made so far.
#[derive(Default)]
struct Made {
    consents: Vec<String>,
    threads: Vec<String>,
    told: Vec<&'static str>,
    revision: u32,
}

/// Renames somebody on record, as another node of the organisation would write it.
fn renamed(office: &mut Office, at: usize, name: &str, made: &mut Made) {
    let all: PersonsView = office.done(&Care::PersonList(PersonsAsk::default()));
    let Some(person) = all.persons.get(at % all.persons.len().max(1)) else { return };
    made.revision += 1;
    let identity = Identity { name: name.into(), ..Identity::default() };
    let person = Person {
        id: person.id,
        revision: 1 + made.revision,
        identity,
        note: "".into(),
        died: "".into(),
        changed: vec![Field::Name],
        by: By { staff: StaffId([1; 32]), name: "nora".into() },
        at: Time(1),
    };
    office.step(|step| step.write_private(&PrivateBody::Person(Box::new(person)).encode()).expect("writes"));
}

/// Asks, and says whether it was done: a history has both.
fn ask(office: &mut Office, ask: &Care) -> bool {
    matches!(office.ask(ask), Response::Done(_))
}

fn why() -> Why {
    Why { barriers: vec![Barrier::Transportation], note: "no ride".into() }
}

/// Any act, whether it has a place or not.
fn act(chance: &mut Chance, now: Time) -> ActRequest {
    let when = Time(now.0 - HOUR + chance.below(5) as u64 * 20 * HOUR);
    match chance.below(17) {
        0 | 1 => accept(),
        2 => message("one more thing"),
        3 | 4 => ActRequest::Schedule(Meeting::at(when, "12 Ridge Road".into(), Mode::InPerson, "".into())),
        5 => ActRequest::NoShow { when: None, why: why() },
        6 | 7 => ActRequest::Attend { when: None },
        8 => ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() },
        9 => ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() },
        10 => ActRequest::Hold { why: why() },
        11 => ActRequest::Resume { note: "".into() },
        12 => ActRequest::Lost { since: None, note: "".into() },
        13 => {
            let (channel, result) = (Channel::Telephone, Reached::Reached);
            ActRequest::Attempt(Attempt { at: now, channel, result, note: "".into() })
        }
        14 => ActRequest::Transition(Transition { leaving: Leaving::Hospital, on: when, note: "".into() }),
        15 => ActRequest::Seen(Seen { setting: Setting::Admitted, at: now, note: "".into() }),
        _ => ActRequest::CheckIn(in_care(Stage::Start)),
    }
}

fn sends(county: &mut County, chance: &mut Chance, made: &mut Made) {
    let hospital = county.office(HOSPITAL);
    renamed(hospital, 0, NAME, made);
    let days = [1, 20, 90][chance.below(3)];
    let (to, outside) =
        [("Ridge Clinic", false), ("Harbor Shelter", false), ("Stone Chapel Beds", true)][chance.below(3)];
    let back = [None, Some(Vec::new())][chance.below(2)].clone();
    let consent = hospital.consent(to, back, days);
    made.consents.push(consent.id.to_string());
    let Care::ReferralSend(mut send) = send(&consent) else { unreachable!("a referral") };
    send.urgency = [Urgency::Routine, Urgency::Urgent][chance.below(2)];
    let refer = Refer {
        off_network: outside,
        partner: None,
        inquiry: None,
        options: None,
        chosen: false,
        listing: None,
        only: None,
        send,
    };
    let sent: ThreadView = hospital.done(&Care::ReferralRefer(refer));
    made.threads.push(sent.row.id.to_string());
}

fn acts(county: &mut County, chance: &mut Chance, made: &Made) {
    let Some(thread) = chance.one(&made.threads).cloned() else { return };
    let office = county.office([HOSPITAL, CLINIC, CLINIC, SHELTER][chance.below(4)]);
    let act = act(chance, office.now);
    if chance.below(3) == 0 {
        ask(office, &Care::ReferralLink(LinkAsk::new(&thread)));
    }
    if !ask(office, &Care::ReferralAct { thread: thread.clone(), act: act.clone() }) {
        ask(office, &Care::ReferralHeard { thread, act, from: "Ottoline Marsh".into() });
    }
}

fn consent_changes(county: &mut County, chance: &mut Chance, made: &Made) {
    let Some(consent) = chance.one(&made.consents).cloned() else { return };
    let hospital = county.office(HOSPITAL);
    match chance.below(4) {
        0 => {
            let until = Time(hospital.now.0 + [1, 5, 200][chance.below(3)] * DAY);
            let amend = ConsentAmend {
                consent: consent.clone(),
                expiry: Some(ExpiryRequest::On(until)),
                add: if chance.below(2) == 0 { vec!["Harbor Shelter".to_owned()] } else { Vec::new() },
                ..ConsentAmend::default()
            };
            ask(hospital, &Care::ConsentAmend(amend));
            let sign = ConsentSign { attested: true, consent, typed: NAME.into(), ..ConsentSign::default() };
            ask(hospital, &Care::ConsentSign(sign));
        }
        1 => {
            ask(hospital, &Care::ConsentRevoke { consent, party: None, spoken: true });
        }
        2 => {
            let party = Some(["Ridge Clinic", "Harbor Shelter"][chance.below(2)].to_owned());
            ask(hospital, &Care::ConsentRevoke { consent, party, spoken: true });
        }
        _ => {
            let Some(thread) = chance.one(&made.threads).cloned() else { return };
            ask(county.office(CLINIC), &Care::ConsentRevoke { consent: thread, party: None, spoken: false });
        }
    }
}

/// What a thread hangs on beside its own entries.
fn others_change(county: &mut County, chance: &mut Chance, made: &mut Made) {
    match chance.below(4) {
        0 => {
            let hours = u16::try_from(1 + chance.below(60)).expect("small");
            let wish = fields("Ridge Clinic", hours);
            let drafted = county.office(HOSPITAL).step(|step| agreements::draft(step, &wish));
            let terms = drafted.ok().and_then(|view| view.to_sign);
            for (office, with) in [(HOSPITAL, "Ridge Clinic"), (CLINIC, "County Hospital")] {
                let Some(terms) = terms else { break };
                let _refused = county.office(office).step(|step| agreements::sign(step, with, terms, "the director"));
                county.pump();
            }
        }
        1 => {
            let _none =
                county.office(CLINIC).step(|step| agreements::end(step, "County Hospital", "we moved", "the director"));
        }
        2 => {
            let telephone = Some(format!("606-555-{:04}", chance.below(10_000)));
            let edit = PartnerEdit { partner: "Stone Chapel Beds".to_owned(), telephone, ..PartnerEdit::default() };
            ask(county.office(HOSPITAL), &Care::PartnerEdit(edit));
        }
        _ => {
            let office = county.office([HOSPITAL, CLINIC][chance.below(2)]);
            let name = format!("{NAME} the {}.", made.revision);
            renamed(office, chance.below(9), &name, made);
        }
    }
}

fn time_passes(county: &mut County, chance: &mut Chance) {
    let times = [MINUTE, 3 * HOUR, 11 * HOUR, DAY, 3 * DAY, 20 * DAY];
    if chance.below(8) == 0 {
        county.turn_back(2 * DAY);
    } else {
        county.sleep(times[chance.below(times.len())]);
    }
}

fn one_thing(county: &mut County, chance: &mut Chance, made: &mut Made) {
    let what = match chance.below(20) {
        0..=2 => {
            sends(county, chance, made);
            "sent"
        }
        3..=9 => {
            acts(county, chance, made);
            "acted"
        }
        10..=12 => {
            county.pump();
            "carried"
        }
        13 | 14 => {
            consent_changes(county, chance, made);
            "a consent changed"
        }
        15 | 16 => {
            others_change(county, chance, made);
            "something else changed"
        }
        17 | 18 => {
            time_passes(county, chance);
            "time passed"
        }
        _ => {
            county.office(OFFICES[chance.below(3)]).rebuild();
            "made again from entries"
        }
    };
    made.told.push(what);
}

#[test]
fn the_list_is_what_folding_every_thread_anew_would_give_after_whatever_happened() {
    for seed in 0..16 {
        let (mut county, mut chance, mut made) = (county(), Chance(seed * 977 + 5), Made::default());
        let hospital = county.office(HOSPITAL);
        hospital.person(NAME);
        hospital.partner();
        sends(&mut county, &mut chance, &mut made);
        county.pump();
        for _ in 0..30 {
            one_thing(&mut county, &mut chance, &mut made);
            for office in OFFICES {
                let [kept, anew] = county.office(office).lists();
                assert!(kept == anew, "seed {seed}, office {office}: {:?}", made.told);
                // Some changes come between two reads, others each before one.
                if chance.below(3) > 0 {
                    county.office(office).threads();
                }
            }
        }
    }
}

#[test]
fn a_page_is_bounded_in_order_and_its_counts_are_of_all() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let sent: Vec<String> = (0..7).map(|_| hospital.send(&consent).row.id.to_string()).collect();
    county.pump();
    county.sleep(3 * HOUR);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &sent[4]);
    let mut read = |part: Part| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let ask = ListAsk { part, after, limit: Some(3), ..ListAsk::default() };
            let page: ThreadsView = clinic.done(&Care::ReferralList(ask));
            assert!(page.threads.len() <= 3);
            let counts = page.counts;
            all.extend(page.threads.into_iter().map(|row| row.id.to_string()));
            after = page.more;
            if after.is_none() {
                return (all, counts);
            }
        }
    };
    let (newest, counts) = read(Part::All);
    assert_eq!(newest, [4, 6, 5, 3, 2, 1, 0].map(|at: usize| sent[at].clone()));
    assert_eq!(counts, ListCounts { all: 7, ours: 7, theirs: 0, ended: 0, due: 7, overdue: 6 });
    let (due, _) = read(Part::Due);
    assert_eq!(due, [0, 1, 2, 3, 5, 6, 4].map(|at: usize| sent[at].clone()), "overdue first, then by time");
    assert!(read(Part::Ended).0.is_empty());
    let both = ListAsk { pressing: 2, limit: Some(1), ..ListAsk::default() };
    let both: ThreadsView = clinic.done(&Care::ReferralList(both));
    let ids = |rows: &[ThreadRow]| rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>();
    assert_eq!((ids(&both.threads), ids(&both.pressing)), (vec![sent[4].clone()], sent[..2].to_vec()));
    let person = both.threads[0].person.expect("linked");
    let about: ThreadsView = clinic.done(&Care::ReferralList(ListAsk { person: Some(person), ..ListAsk::default() }));
    assert_eq!(ids(&about.threads), [sent[4].clone()]);
    let nowhere = ListAsk { after: Some("here".to_owned()), ..ListAsk::default() };
    assert!(clinic.refused(&Care::ReferralList(nowhere)).1.contains("no place in the list"));
    let looks = clinic.officer::<AuditView>(&Care::Audit { limit: 1_000 }).looks;
    assert!(looks.iter().filter(|look| look.looked == "thread_list").count() > 6, "each page is a look");
}

#[test]
fn what_is_urgent_and_new_stands_before_whatever_is_overdue() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let routine = Send { urgency: Urgency::Routine, ..plain(&consent) };
    let old: Vec<String> =
        (0..3).map(|_| hospital.done::<ThreadView>(&Care::ReferralSend(routine.clone())).row.id.to_string()).collect();
    county.pump();
    county.sleep(30 * DAY);
    let urgent = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let ask = ListAsk { pressing: 1, ..ListAsk::default() };
    let list: ThreadsView = county.office(CLINIC).done(&Care::ReferralList(ask));
    assert_eq!((list.pressing[0].id.to_string(), list.counts.due), (urgent.clone(), 4));
    let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
    let list: ThreadsView = county.office(CLINIC).done(&Care::ReferralList(ask));
    let rows: Vec<String> = list.threads.iter().map(|row| row.id.to_string()).collect();
    assert_eq!((&rows[0], rows.len()), (&urgent, 4));
    assert!(old.iter().all(|id| rows[1..].contains(id)));
}

#[test]
fn a_row_is_not_folded_again_because_time_passed() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    let made = |office: &mut Office| office.step(|step| worklist::freshen(step, usize::MAX).expect("freshens"));
    made(clinic);
    assert_eq!(made(clinic), 0, "nothing changed");
    clinic.now = Time(clinic.now.0 + HOUR);
    assert_eq!(made(clinic), 0, "nothing falls due within the hour");
    clinic.now = Time(clinic.now.0 + 80 * DAY);
    assert_eq!(made(clinic), 1, "the consent is about to end");
}

#[test]
fn persons_are_found_by_parts_of_a_name_and_the_year_and_listed_in_order_a_page_at_a_time() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    for (name, birth_date) in
        [("maria Lopez", "1991-04-02"), ("Jordan", ""), ("Lee Brandt", "1970"), ("Ana Lopez", "1988-01-01")]
    {
        let (name, birth_date) = (name.into(), birth_date.into());
        hospital
            .done::<PersonView>(&Care::PersonAdd(PersonFields { name, birth_date, ..PersonFields::default() }.into()));
    }
    let mut ask = |words: &str, limit: Option<u32>| {
        let view: PersonsView = hospital.done(&Care::PersonList(PersonsAsk { words: words.into(), limit }));
        let names: Vec<String> = view.persons.iter().map(|person| person.name.reveal().clone()).collect();
        (names.join(", "), view.more)
    };
    assert_eq!(ask("", None), ("Ana Lopez, Jordan, Lee Brandt, maria Lopez".to_owned(), false), "whatever the case");
    assert_eq!(ask("", Some(2)), ("Ana Lopez, Jordan".to_owned(), true));
    assert_eq!(ask("lopez", Some(2)), ("Ana Lopez, maria Lopez".to_owned(), false));
    assert_eq!(ask("LOPEZ 1991", None), ("maria Lopez".to_owned(), false));
    assert_eq!(ask("nobody", None), (String::new(), false));
    hospital.rebuild();
    let all: PersonsView = hospital.done(&Care::PersonList(PersonsAsk::default()));
    assert_eq!(all.persons.len(), 4);
}

#[test]
fn who_has_no_name_on_record_is_shown_and_found_by_the_note_and_whoever_by_telephone() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let unnamed = PersonFields { note: "man with the red cap, came by bus".into(), ..PersonFields::default() };
    let named =
        PersonFields { name: "Lee Brandt".into(), phones: vec!["606-555-0199".into()], ..PersonFields::default() };
    for fields in [unnamed, named] {
        hospital.done::<PersonView>(&Care::PersonAdd(fields.into()));
    }
    let mut found = |words: &str| -> Vec<(String, String)> {
        let view: PersonsView = hospital.done(&Care::PersonList(PersonsAsk { words: words.into(), limit: None }));
        view.persons.iter().map(|row| (row.name.reveal().clone(), row.note.reveal().clone())).collect()
    };
    let cap = (String::new(), "man with the red cap, came by bus".to_owned());
    for words in ["red cap", "MAN", "bus"] {
        assert_eq!(found(words), std::slice::from_ref(&cap), "{words}");
    }
    assert_eq!(found("555-0199"), [("Lee Brandt".to_owned(), String::new())]);
    assert_eq!(found("").len(), 2);
}
