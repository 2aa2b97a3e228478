//! Persons are corrected, doubles are seen, and two records of one human being are joined and taken apart.

mod twins;

use super::office::{County, Office};
use super::*;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Seen, Setting};
use belay_protocol::sensitive::Personal;

const NAME: &str = "Zephyrine Quillfeather";
const DOUBLE: &str = "Zefi Quillfeather";

fn add(office: &mut Office, name: &str, another: bool) -> Response {
    let fields = PersonFields { name: name.into(), birth_date: "1988-02-03".into(), ..PersonFields::default() };
    office.ask(&Care::PersonAdd(PersonAdd { fields, another }))
}

fn edit(office: &mut Office, person: &str, name: &str) -> PersonView {
    let ask = PersonEdit { person: person.into(), name: Some(name.into()), ..PersonEdit::default() };
    office.done(&Care::PersonEdit(Box::new(ask)))
}

fn show(office: &mut Office, person: &str) -> PersonView {
    office.done(&Care::PersonShow { person: person.into() })
}

fn signed(office: &mut Office, person: &str, typed: &str) -> ConsentView {
    let draft: ConsentView = office.done(&Care::ConsentDraft(ConsentDraft {
        person: person.into(),
        to: vec!["Ridge Clinic".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(office.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = draft.id.to_string();
    office.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent,
        typed: typed.into(),
        ..ConsentSign::default()
    }))
}

/// Two records of one human being at the hospital: their ids.
fn doubles(county: &mut County) -> (String, String) {
    let hospital = county.office(HOSPITAL);
    let first = hospital.person(NAME).id.to_string();
    let Response::Done(second) = add(hospital, DOUBLE, true) else { panic!("a second record") };
    (first, serde_json::from_value::<PersonView>(second).expect("a person").id.to_string())
}

fn merge(office: &mut Office, person: &str, other: &str) -> PersonView {
    let (person, other, why) = (person.into(), other.into(), "she told us".into());
    office.done(&Care::PersonMerge(MergeAsk { person, other, why }))
}

fn apart(office: &mut Office, person: &str, other: &str) -> PersonView {
    let (person, other, why) = (person.into(), other.into(), "two sisters".into());
    office.done(&Care::PersonApart(PersonApart { person, other, why }))
}

#[test]
fn a_correction_keeps_what_stood_there_and_the_person_is_found_by_both() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = hospital.person(NAME).id.to_string();
    let consent = signed(hospital, &id, NAME);
    let view = edit(hospital, &id, "Zephyrine Marsh");
    assert_eq!(view.fields.name.reveal(), "Zephyrine Marsh");
    assert_eq!(view.fields.birth_date.reveal(), "1988-02-03", "what is not named stays");
    assert_eq!(view.history.len(), 1);
    assert_eq!(view.history[0].what.reveal(), &format!("name was: {NAME}"));
    for words in ["quillfeather", "marsh"] {
        let ask = PersonsAsk { words: words.into(), limit: Some(10) };
        let found: PersonsView = hospital.done(&Care::PersonList(ask));
        assert_eq!(found.persons.len(), 1, "{words}");
        assert_eq!(found.persons[0].name.reveal(), "Zephyrine Marsh", "{words}");
        assert_eq!(found.persons[0].found_by.is_some(), words == "quillfeather");
    }
    let all: PersonsView = hospital.done(&Care::PersonList(PersonsAsk::default()));
    assert_eq!(all.persons.len(), 1, "who is listed is listed once");
    assert_eq!(show(hospital, NAME).id, view.id, "by the former name");
    let whole: ConsentView = hospital.done(&Care::ConsentShow { consent: consent.id.to_string(), whole: true });
    assert_eq!(whole.name.reveal(), NAME, "as it was signed");
    assert_eq!(whole.called.map(|name| name.reveal().clone()).as_deref(), Some("Zephyrine Marsh"), "and says so");
    let new = signed(hospital, &id, "Zephyrine Marsh");
    assert_eq!((new.name.reveal().as_str(), new.called), ("Zephyrine Marsh", None));
    let same = PersonEdit { person: id.as_str().into(), name: Some("Zephyrine Marsh".into()), ..PersonEdit::default() };
    assert!(hospital.refused(&Care::PersonEdit(Box::new(same))).1.contains("already"));
    let held = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), held, "made again from the entries alone");
}

#[test]
fn a_former_name_is_told_to_nobody() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = hospital.person("Wrongly Spelt").id.to_string();
    edit(hospital, &id, NAME);
    let consent = signed(hospital, &id, NAME);
    let thread = hospital.send(&consent).row.id.to_string();
    county.pump();
    let told = county.office(CLINIC).thread(&thread).identity.expect("who it is");
    assert_eq!((told.name.reveal().as_str(), told.other_names.len()), (NAME, 0));
}

#[test]
fn who_looks_like_somebody_on_record_is_said_before_a_second_record_is_made() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let first = hospital.person(NAME);
    for name in ["quillfeather, zephyrine", "Zephyrine Anna Quillfeather"] {
        let Response::Failed(failure) = add(hospital, name, false) else { panic!("{name} was added") };
        assert!(!failure.message.contains(&first.id.short()), "a refusal is no look: {}", failure.message);
        assert!(!failure.message.to_lowercase().contains("quillfeather"), "errors name nobody");
        assert!(failure.next.is_some_and(|next| next.contains("--another")));
    }
    assert!(matches!(add(hospital, "Ottoline Marsh", false), Response::Done(_)), "a birthday alone is no likeness");
    let like = PersonFields { name: NAME.into(), ..PersonFields::default() };
    let like: MatchesView = hospital.done(&Care::PersonLike(like));
    assert_eq!(like.matches.iter().map(|one| one.person).collect::<Vec<_>>(), [first.id]);
    let Response::Done(second) = add(hospital, NAME, true) else { panic!("never a block") };
    let second: PersonView = serde_json::from_value(second).expect("a person");
    assert!(second.alike.is_empty(), "staff said that it is somebody else");
    let ask = MergeAsk {
        person: first.id.to_string().as_str().into(),
        other: second.id.to_string().as_str().into(),
        why: "".into(),
    };
    let preview: MergePreview = hospital.done(&Care::PersonMergePreview(ask));
    assert!(preview.warnings.iter().any(|warning| warning.contains("two persons")), "{:?}", preview.warnings);
    assert!(show(hospital, &first.id.to_string()).alike.is_empty());
    let fields = PersonFields { name: "Ada".into(), birth_date: "2190-01-01".into(), ..PersonFields::default() };
    assert!(hospital.refused(&Care::PersonAdd(fields.into())).1.contains("future"));
}

#[test]
fn who_was_said_to_be_somebody_else_is_so_under_whichever_record_the_person_is_shown() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let first = hospital.person(NAME).id.to_string();
    let Response::Done(_) = add(hospital, NAME, true) else { panic!("somebody else of that name") };
    let kept = hospital.person("Ottoline Marsh").id.to_string();
    merge(hospital, &kept, &first);
    let view = edit(hospital, &kept, NAME);
    assert_eq!((view.id.to_string(), view.alike.len()), (kept, 0), "staff said it of the record that is not shown");
}

#[test]
fn two_records_joined_are_one_in_lists_consents_referrals_and_accounting_and_two_again_when_taken_apart() {
    let mut county = county();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let (ours, theirs) = (signed(hospital, &first, NAME), signed(hospital, &second, DOUBLE));
    let sent = [hospital.send(&ours).row.id, hospital.send(&theirs).row.id];
    let ask = HoldSet { person: second.as_str().into(), why: "a subpoena".into(), order: None };
    let _: HoldsView = hospital.done(&Care::HoldSet(ask));
    let counts = |office: &mut Office, person: &str| {
        let given = || Some(Personal::from(person));
        let consents: ConsentsView = office.done(&Care::ConsentList { person: given() });
        let about = ListAsk { person: Some(show(office, person).id), ..ListAsk::default() };
        let threads: ThreadsView = office.done(&Care::ReferralList(about));
        let told: DisclosuresView = office.done(&Care::Disclosures(DisclosuresAsk::of(person)));
        let holds: HoldsView = office.done(&Care::HoldList { person: given() });
        (consents.consents.len(), threads.threads.len(), told.made, holds.holds.len())
    };
    let (before, besides) = (counts(hospital, &first), counts(hospital, &second));
    assert_eq!((before.0, before.1, before.3), (1, 1, 0));

    let ask = || MergeAsk { person: first.as_str().into(), other: second.as_str().into(), why: "".into() };
    let preview: MergePreview = hospital.done(&Care::PersonMergePreview(ask()));
    assert_eq!((preview.keep.consents, preview.other.referrals, preview.other.held), (1, 1, true));
    assert!(hospital.refused(&Care::PersonMerge(ask())).1.contains("why"));
    let one = merge(hospital, &first, &second);
    assert_eq!((one.fields.name.reveal().as_str(), one.also.len(), one.alike.len()), (NAME, 1, 0));
    assert_eq!(one.also[0].staff.reveal(), "nora");
    for person in [&first, &second] {
        assert_eq!(show(hospital, person).id, one.id);
        let whole = counts(hospital, person);
        assert_eq!(whole, (2, 2, before.2 + besides.2, 1), "each stands under both");
    }
    let all: PersonsView = hospital.done(&Care::PersonList(PersonsAsk::default()));
    assert_eq!(all.persons.len(), 1);
    let page: PersonsView = hospital.done(&Care::PersonList(PersonsAsk { limit: Some(1), ..PersonsAsk::default() }));
    assert!(page.persons.len() == 1 && !page.more, "a page is not taken up by records that are not shown: {page:?}");
    let ask = PersonsAsk { words: "zefi".into(), limit: None };
    let by_double: PersonsView = hospital.done(&Care::PersonList(ask));
    assert_eq!((by_double.persons[0].id, by_double.persons[0].name.reveal().as_str()), (one.id, NAME));
    let whole: ConsentView = hospital.done(&Care::ConsentShow { consent: theirs.id.to_string(), whole: true });
    assert_eq!(whole.name.reveal(), DOUBLE, "nothing that was signed is rewritten");
    let row = hospital.thread(&sent[1].to_string()).row;
    assert_eq!(row.person, Some(one.id));
    let again = MergeAsk { person: first.as_str().into(), other: second.as_str().into(), why: "again".into() };
    assert!(hospital.refused(&Care::PersonMerge(again)).1.contains("already"));
    // What is written while they are one stays with the record of its consent.
    hospital.act(&sent[1].to_string(), message("bring your papers"));
    let held = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), held, "made again from the entries alone");

    apart(hospital, &first, &second);
    let (after, also) = (counts(hospital, &first), counts(hospital, &second));
    assert_eq!(after, before);
    assert_eq!((also.0, also.1, also.3), (1, 1, 1));
    assert!(also.2 > besides.2, "what was told meanwhile under the second record's consent is the second person's");
    let first = show(hospital, &first);
    assert_eq!(
        (first.alike.len(), first.history.len()),
        (0, 3),
        "that it is somebody else, the word that they are one, and that they are not"
    );
    let [listed, made_anew] = hospital.lists();
    assert_eq!(listed, made_anew);
}

#[test]
fn what_was_taken_back_and_left_out_under_one_record_binds_the_other() {
    let mut county = county();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let (ours, theirs) = (signed(hospital, &first, NAME), signed(hospital, &second, DOUBLE));
    let thread = hospital.send(&theirs).row.id.to_string();
    let restriction = RestrictionRequest {
        asked: "not my medicines".into(),
        information: vec![Information::Medication],
        ..RestrictionRequest::default()
    };
    let consent = ours.id.to_string();
    let _: ConsentView = hospital.done(&Care::ConsentRestrict { consent: consent.clone(), restriction });
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent, party: None, spoken: true });
    let ask = MergeAsk { person: second.as_str().into(), other: first.as_str().into(), why: "".into() };
    let preview: MergePreview = hospital.done(&Care::PersonMergePreview(ask));
    assert_eq!(preview.binds.len(), 2, "{:?}", preview.binds);
    assert!(preview.binds.iter().any(|one| one.contains("ends for Ridge Clinic")), "{:?}", preview.binds);
    let state = |office: &mut Office| -> (usize, String) {
        let view: ConsentView = office.done(&Care::ConsentShow { consent: theirs.id.to_string(), whole: true });
        (view.parties.len(), view.form.reveal().clone())
    };
    assert_eq!(state(hospital).0, 1, "until they are joined");
    merge(hospital, &second, &first);
    let (parties, form) = state(hospital);
    assert_eq!(parties, 0, "nobody is told anything under it any more");
    assert!(form.contains("What I asked them to leave out"), "{form}");
    let refused = hospital.refused(&Care::ReferralAct { thread, act: message("still coming") });
    assert_ne!(refused.1, "");
    apart(hospital, &first, &second);
    assert_eq!(state(hospital).0, 0, "and stays so: no disclosure that was shut comes back");

    // A consent that is signed later is the person's word since.
    merge(hospital, &second, &first);
    let new = signed(hospital, &second, DOUBLE);
    assert_eq!(new.parties.len(), 1);
}

#[test]
fn what_binds_another_record_is_no_newer_than_when_it_was_said() {
    let mut county = county();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let (ours, theirs) = (signed(hospital, &first, NAME), signed(hospital, &second, DOUBLE));
    let consent = ours.id.to_string();
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent, party: None, spoken: true });
    hospital.now = hospital.now.plus(DAY);
    let since = signed(hospital, &first, NAME);
    // Joined twice: what the first time bound is looked at the second time.
    for _ in 0..2 {
        hospital.now = hospital.now.plus(DAY);
        merge(hospital, &first, &second);
        for (consent, parties) in [(&theirs, 0), (&since, 1)] {
            let view: ConsentView = hospital.done(&Care::ConsentShow { consent: consent.id.to_string(), whole: true });
            assert_eq!(view.parties.len(), parties, "the person signed one of them since");
        }
        apart(hospital, &first, &second);
    }
}

#[test]
fn a_consent_taken_back_while_two_records_are_one_ends_the_other_as_well_and_says_so_before() {
    let mut county = county();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let (ours, theirs) = (signed(hospital, &first, NAME), signed(hospital, &second, DOUBLE));
    let preview = |consent: &ConsentView| Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    let alone: RevokePreview = hospital.done(&preview(&ours));
    merge(hospital, &first, &second);
    let both: RevokePreview = hospital.done(&preview(&ours));
    assert!(!alone.does.contains(&theirs.id.short()) && both.does.contains(&theirs.id.short()), "{}", both.does);
    let consent = ours.id.to_string();
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent, party: None, spoken: true });
    let other: ConsentView = hospital.done(&Care::ConsentShow { consent: theirs.id.to_string(), whole: true });
    assert!(other.parties.is_empty());
}

#[test]
fn three_records_joined_two_by_two_are_one_person_wherever_one_looks() {
    let mut county = county();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let Response::Done(third) = add(hospital, "Zefi Q.", true) else { panic!("a third record") };
    let third: PersonId = serde_json::from_value::<PersonView>(third).expect("a person").id;
    merge(hospital, &first, &second);
    merge(hospital, &third.to_string(), &second);
    for person in [&first, &second, &third.to_string()] {
        let view = show(hospital, person);
        assert_eq!((view.id, view.also.len()), (third, 2));
    }
    // The word was about the first and the third, since the second was shown under the first.
    let (person, other, why) = (second.as_str().into(), third.to_string().as_str().into(), "no".into());
    assert!(hospital.refused(&Care::PersonApart(PersonApart { person, other, why })).1.contains("not joined"));
    apart(hospital, &first, &third.to_string());
    assert_eq!(show(hospital, &second).id.to_string(), first);
}

#[test]
fn a_typed_name_unlike_the_persons_is_asked_about_and_a_paper_is_not_older_than_its_form() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = hospital.person(NAME).id.to_string();
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: id.as_str().into(),
        to: vec!["Ridge Clinic".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let sign = |typed: &str| ConsentSign {
        attested: true,
        consent: draft.id.to_string(),
        typed: typed.into(),
        ..ConsentSign::default()
    };
    let why = hospital.refused(&Care::ConsentSign(sign("Ottoline Marsh"))).1;
    assert!(why.contains("who signed") && !why.contains("Marsh") && !why.contains("Quill"), "{why}");
    let early = Time(hospital.now.0 - 5 * DAY);
    let paper = ConsentSign { attested: true, paper: Some("cabinet 4".into()), date: Some(early), ..sign("") };
    let why = hospital.refused(&Care::ConsentSign(paper)).1;
    assert!(why.contains("no paper that says what it says"), "{why}");
    let so = ConsentSign { attested: true, named_so: true, ..sign("Ottoline Marsh") };
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentSign(so)).state, "signed");
}

#[test]
fn who_is_not_on_record_is_seen_and_the_word_stands_in_the_accounting_once_the_person_is_linked() {
    let mut county = county();
    let id = super::sent(&mut county, Some(vec![Information::Referral]));
    let clinic = county.office(CLINIC);
    let (setting, at) = (Setting::EmergencyDepartment, clinic.now);
    let seen = ActRequest::Seen(Seen { setting, at, note: "awake, went home".into() });
    clinic.act(&id, seen);
    let linked: ThreadView = clinic.done(&Care::ReferralLink(LinkAsk::new(&id)));
    let person = linked.row.person.expect("linked").to_string();
    let told: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::of(&person)));
    assert!(told.made > 0, "what was said before");
    county.pump();
    let hospital = county.office(HOSPITAL);
    assert!(hospital.thread(&id).history.iter().any(|line| line.act == "seen"));
}

#[test]
fn whoever_gives_no_name_is_on_record_by_what_else_is_known() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let nobody = Care::PersonAdd(PersonFields::default().into());
    let (_, why) = hospital.refused(&nobody);
    assert!(why.contains("found again"), "{why}");
    let note = PersonFields { note: "comes on Tuesdays".into(), ..PersonFields::default() };
    let first: PersonView = hospital.done(&Care::PersonAdd(note.clone().into()));
    let second: PersonView = hospital.done(&Care::PersonAdd(note.into()));
    assert!(first.id != second.id && second.alike.is_empty(), "two who give no name are not alike by that");
    let id = first.id.to_string();
    assert_eq!(hospital.done::<PersonView>(&Care::PersonShow { person: id.as_str().into() }).id, first.id);
    assert_eq!(hospital.refused(&Care::PersonShow { person: "".into() }).0, FailureClass::Misuse);
}

#[test]
fn a_list_is_searched_without_accents_and_apostrophes_whoever_typed_them() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let ids = ["José Smith", "Sean O’Neil"].map(|name| hospital.person(name).id);
    for (words, found) in [
        ("jose smith", 0),
        ("José", 0),
        ("JOSE\u{301} smith", 0),
        ("oneil", 1),
        ("o'neil", 1),
        ("O’Neil sean", 1),
        ("neil", 1),
    ] {
        let ask = PersonsAsk { words: words.into(), ..PersonsAsk::default() };
        let persons = hospital.done::<PersonsView>(&Care::PersonList(ask)).persons;
        assert_eq!(persons.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[found]], "{words}");
    }
}

#[test]
fn a_form_for_corrections_that_somebody_else_was_faster_than_corrects_nothing() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let person = hospital.person(NAME);
    let id = person.id.to_string();
    let whole = |shown: &PersonView, phone: &str| {
        let fields = shown.fields.clone();
        Care::PersonEdit(Box::new(PersonEdit {
            person: id.as_str().into(),
            name: Some(fields.name.clone()),
            birth_date: Some(fields.birth_date.clone()),
            phones: Some(vec![phone.into()]),
            shown: Some(crate::usecases::people::as_shown(&fields)),
            ..PersonEdit::default()
        }))
    };
    let form = whole(&person, "606-555-0199");
    let now = edit(hospital, &id, "Zephyrine Marsh");
    let (class, why) = hospital.refused(&form);
    assert!(class == FailureClass::Misuse && why.contains("somebody else meanwhile"), "{why}");
    assert_eq!(show(hospital, &id).fields.name.reveal(), "Zephyrine Marsh", "the colleague's correction stands");
    let after: PersonView = hospital.done(&whole(&now, "606-555-0199"));
    assert_eq!((after.fields.name.reveal().as_str(), after.fields.phones.len()), ("Zephyrine Marsh", 1));
    assert_eq!(after.fields.phones[0].reveal(), "606-555-0199");
}
