//! Staff say who the person of an incoming referral is, and say otherwise: the newest word holds, in every part of the house.

use super::office::{County, Office};
use super::*;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Medication, Medicine};
use belay_protocol::sensitive::Personal;

const NAME: &str = "Zephyrine Quillfeather";
const OTHER: &str = "Ottoline Marsh";

fn to(thread: &str, who: Named, why: &str) -> Care {
    Care::ReferralLink(LinkAsk { who, why: why.into(), same: true, ..LinkAsk::new(thread) })
}

fn named(person: PersonId) -> Named {
    Named::Person(person.to_string().as_str().into())
}

fn made(office: &mut Office, person: PersonId) -> usize {
    let told: DisclosuresView = office.done(&Care::Disclosures(DisclosuresAsk::of(&person.to_string())));
    told.made
}

/// How often this person's referrals were looked at.
fn looked(office: &mut Office, person: PersonId) -> usize {
    let looks: AuditView = office.officer(&Care::Audit { limit: 1_000 });
    looks.looks.iter().filter(|look| look.person == Some(person) && look.looked == "thread").count()
}

/// A referral of somebody at the clinic, with two on record whom it may be, and what the clinic told in it.
fn two(county: &mut County) -> (String, PersonId, PersonId) {
    let id = sent(county, None);
    let clinic = county.office(CLINIC);
    let (a, b) = (clinic.person(OTHER).id, clinic.person(NAME).id);
    let linked: ThreadView = clinic.done(&to(&id, named(a), ""));
    assert_eq!(linked.row.person, Some(a));
    clinic.act(&id, accept());
    (id, a, b)
}

#[test]
fn another_word_about_who_the_person_is_holds_and_so_it_does_when_the_records_are_made_again() {
    let mut county = county();
    let (id, a, b) = two(&mut county);
    let clinic = county.office(CLINIC);
    assert!(made(clinic, a) > 0 && made(clinic, b) == 0);
    // More than once, since of two words without an order chance would say which holds.
    for now in [b, a, b, a, b] {
        let before = if now == a { b } else { a };
        let seen = looked(clinic, before);
        let linked: ThreadView = clinic.done(&to(&id, named(now), "the date of birth is another"));
        assert_eq!(linked.row.person, Some(now), "what is shown");
        assert_eq!(looked(clinic, before), seen + 1, "who was held to be it was looked at as well");
        assert_eq!(clinic.thread(&id).row.person, Some(now), "is what is kept");
        assert_eq!(clinic.threads()[0].person, Some(now), "and what the list says");
        clinic.rebuild();
        let shown = clinic.thread(&id);
        assert_eq!(shown.row.person, Some(now), "also when it is made again");
        let said = shown.linking.expect("came here").said.expect("was said");
        assert_eq!((said.staff.reveal().as_str(), said.why.reveal().is_empty()), ("nora", false));
        assert!(made(clinic, now) > 0 && made(clinic, before) == 0, "the accounting follows");
    }
    let linked: ThreadView = clinic.done(&to(&id, Named::Nobody, "neither of the two"));
    assert!(linked.row.person.is_none() && !linked.likely.is_empty(), "and it may be somebody again");
    assert!(made(clinic, a) == 0 && made(clinic, b) == 0);
}

#[test]
fn who_says_otherwise_says_why_and_nobody_gets_a_second_record_unawares() {
    let mut county = county();
    let (id, a, b) = two(&mut county);
    let clinic = county.office(CLINIC);
    assert!(clinic.refused(&to(&id, named(b), " ")).1.contains("says why"));
    assert!(clinic.refused(&to(&id, named(a), "sure")).1.contains("on record already"));
    let Response::Failed(double) = clinic.ask(&to(&id, Named::New, "nobody we know")) else {
        panic!("a second record")
    };
    assert!(double.message.contains("may be somebody who is on record"), "{}", double.message);
    let (short, next) = (&id[..8], double.next.expect("what to do"));
    for command in
        [format!("link {short} --person PERSON --why @FILE"), format!("link {short} --new --another --why @FILE")]
    {
        assert!(next.contains(&format!("belay referral {command}")), "{next}");
    }
    assert_eq!(clinic.thread(&id).row.person, Some(a), "what is refused changes nothing");
    let hospital = county.office(HOSPITAL);
    let other = hospital.person(OTHER).id;
    assert!(hospital.refused(&to(&id, named(other), "it is she")).1.contains("was sent from here"));
    let clinic = county.office(CLINIC);
    let another = LinkAsk { another: true, why: "nobody we know".into(), ..LinkAsk::new(&id) };
    let linked: ThreadView = clinic.done(&Care::ReferralLink(another));
    let new = linked.row.person.expect("somebody");
    assert!(new != a && new != b);
    let shown: PersonView = clinic.done(&Care::PersonShow { person: new.to_string().as_str().into() });
    assert!(shown.alike.is_empty(), "staff said that it is somebody else");
}

#[test]
fn one_whose_name_or_birth_date_is_unlike_what_is_told_is_linked_only_where_staff_say_so_on_purpose() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    let (other, same) = (clinic.person(OTHER).id, clinic.person(NAME).id);
    let edit = PersonEdit {
        person: same.to_string().as_str().into(),
        birth_date: Some("1971-02-03".into()),
        ..PersonEdit::default()
    };
    clinic.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    for person in [other, same] {
        let ask = LinkAsk::to(&id, person.to_string().as_str().into());
        let (class, why) = clinic.refused(&Care::ReferralLink(ask));
        assert!(class == FailureClass::Misuse && why.contains("unlike what this referral tells"), "{why}");
        assert!(clinic.thread(&id).row.person.is_none(), "nothing is linked by that");
    }
    let ask = LinkAsk { same: true, ..LinkAsk::to(&id, same.to_string().as_str().into()) };
    let linked: ThreadView = clinic.done(&Care::ReferralLink(ask));
    assert_eq!(linked.row.person, Some(same));
    let said = linked.linking.and_then(|linking| linking.said).expect("it is on record");
    assert!(said.why.reveal().contains("though the date of birth is unlike"), "{}", said.why.reveal());
    let told = linked.identity.expect("what was told stays on the page");
    assert_eq!(told.name.reveal(), NAME);
}

#[test]
fn a_referral_that_does_not_say_who_it_is_can_be_linked_and_then_accepted() {
    let mut county = county();
    county.office(HOSPITAL).person(NAME);
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", vec![Information::Referral], None, 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    let person = clinic.person(NAME).id;
    let shown = clinic.thread(&id);
    assert!(!shown.linking.expect("it can be said").told && !shown.may.contains(&"accept".to_owned()));
    let linked: ThreadView = clinic.done(&to(&id, named(person), ""));
    assert!(linked.may.contains(&"accept".to_owned()), "{:?}", linked.may);
    assert_eq!(clinic.act(&id, accept()).row.state, "accepted");
}

fn takes(medicine: &str) -> ActRequest {
    let medicines = vec![Medicine { name: medicine.into(), ..Medicine::default() }];
    ActRequest::Medication(Medication { medicines, ..Medication::default() }.into())
}

/// A copy of this person's medication at the hospital.
fn placed(clinic: &mut Office, person: PersonId, text: &str, typed: &str) {
    let person: Personal<String> = person.to_string().as_str().into();
    let draft: ConsentView = clinic.done(&Care::ConsentDraft(ConsentDraft {
        person: person.clone(),
        to: vec!["County Hospital".to_owned()],
        tell: vec![Information::Medication],
        back: Some(Vec::new()),
        purpose: "emergency".to_owned(),
        expiry: ExpiryRequest::On(Time(clinic.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = draft.id.to_string();
    let sign = ConsentSign { attested: true, consent: consent.clone(), typed: typed.into(), ..ConsentSign::default() };
    clinic.done::<ConsentView>(&Care::ConsentSign(sign));
    let (at, include) = ("County Hospital".to_owned(), Vec::new());
    let place = EmergencyPlace { person, at, consent, include, crisis: None, medication: Some(text.into()) };
    clinic.done::<EmergencyView>(&Care::EmergencyPlace(place));
}

/// What the hospital reads in an emergency.
fn read(county: &mut County, name: &str) -> Vec<String> {
    county.pump();
    let view: OpenedView = county.office(HOSPITAL).done(&Care::EmergencyOpen(EmergencyOpen {
        name: name.into(),
        birth_date: "1988-02-03".into(),
        personnel: "Dr Ana Reyes".into(),
        nature: "found unconscious".into(),
        unobtainable: "unconscious".into(),
        ..EmergencyOpen::default()
    }));
    view.copies.iter().map(|copy| copy.content.reveal().clone()).collect()
}

/// A referral that came to the clinic, of the kinds that it may answer with a list of medication.
fn sent_with_medication(county: &mut County) -> String {
    county.office(HOSPITAL).person(NAME);
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication];
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", kinds, None, 90);
    let with = Send {
        include: vec![Information::Medication],
        ..Send::new(consent.id.to_string(), "starts today".into(), Urgency::Urgent)
    };
    let id = county.office(HOSPITAL).done::<ThreadView>(&Care::ReferralSend(with)).row.id.to_string();
    county.pump();
    id
}

#[test]
fn what_was_written_for_the_wrong_person_goes_out_of_their_copy_and_into_that_of_the_right_one() {
    let mut county = county();
    let id = sent_with_medication(&mut county);
    let clinic = county.office(CLINIC);
    let (a, b) = (clinic.person(OTHER).id, clinic.person(NAME).id);
    placed(clinic, a, "Takes: nothing", OTHER);
    placed(clinic, b, "Takes: aspirin", NAME);
    clinic.done::<ThreadView>(&to(&id, named(a), ""));
    clinic.act(&id, takes("methadone"));
    assert_eq!(read(&mut county, OTHER), ["Takes: methadone"], "it follows what staff write");
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&to(&id, named(b), "the date of birth is another"));
    assert_eq!(read(&mut county, OTHER), ["Takes: nothing"], "what lay there before");
    assert_eq!(read(&mut county, NAME), ["Takes: methadone"]);

    // Where nothing else is known, nothing lies there any more.
    let clinic = county.office(CLINIC);
    let c = clinic.person("Ada Wick").id;
    clinic.done::<ThreadView>(&to(&id, named(c), "she said so"));
    placed(clinic, c, "Takes: methadone", "Ada Wick");
    assert_eq!(read(&mut county, NAME), ["Takes: aspirin"]);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&to(&id, Named::Nobody, "she did not"));
    assert_eq!(read(&mut county, "Ada Wick"), Vec::<String>::new());

    // What was placed after it was written is newer.
    let clinic = county.office(CLINIC);
    let d = clinic.person("Cal Reed").id;
    placed(clinic, d, "Takes: naloxone", "Cal Reed");
    clinic.done::<ThreadView>(&to(&id, named(d), ""));
    assert_eq!(read(&mut county, "Cal Reed"), ["Takes: naloxone"]);
}

#[test]
fn whose_a_referral_is_is_put_right_also_where_what_was_written_in_it_is_too_long_for_a_copy() {
    let mut county = county();
    let id = sent_with_medication(&mut county);
    let clinic = county.office(CLINIC);
    let (a, b) = (clinic.person(OTHER).id, clinic.person(NAME).id);
    placed(clinic, b, "Takes: aspirin", NAME);
    clinic.now = Time(clinic.now.0 + DAY);
    clinic.done::<ThreadView>(&to(&id, named(a), ""));
    let medicines = vec![Medicine { name: "methadone".into(), ..Medicine::default() }];
    let note = "x".repeat(belay_protocol::limits::TEXT_CHARS).as_str().into();
    clinic.act(&id, ActRequest::Medication(Medication { medicines, note, ..Medication::default() }.into()));
    clinic.done::<ThreadView>(&to(&id, named(b), "the date of birth is another"));
    assert_eq!(clinic.thread(&id).row.person, Some(b));
    let consents: ConsentsView = clinic.done(&Care::ConsentList { person: Some(b.to_string().as_str().into()) });
    let mine = consents.consents[0].id.to_string();
    let behind = clinic.done::<ConsentView>(&Care::ConsentShow { consent: mine, whole: false }).behind;
    assert!(behind.iter().any(|says| says.contains("says what was written before")), "{behind:?}");
    assert_eq!(read(&mut county, NAME), ["Takes: aspirin"]);
}
