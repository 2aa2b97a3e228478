//! What a thread costs on the wire, and what the store is asked for to show it. Neither hangs on the machine, so that a bound can be held.

use super::office::{Dice, Office};
use super::{CLINIC, HOSPITAL, county, message, plain, sent, taken_in};
use crate::api::Response;
use crate::api::care::*;
use crate::usecases::records::prefix::Prefix;
use belay_protocol::limits;
use belay_protocol::random::Random;
use belay_protocol::store::Table;
use belay_protocol::time::{DAY, Time};

/// A thread of two spaces and twelve messages between two organisations of one node each, to the last receipt.
#[test]
fn a_thread_of_two_spaces_and_twelve_messages_costs_at_most_20_kb_on_the_wire() {
    let mut county = county();
    county.pump();
    let before = county.carried;
    let id = sent(&mut county, None);
    let founded = county.carried - before;
    assert_eq!(county.office(CLINIC).thread_spaces().len(), 2);
    for round in 0..6 {
        county.office(HOSPITAL).act(&id, message(&format!("She has a ride on Tuesday, as we said in call {round}.")));
        county.pump();
        if round == 0 {
            taken_in(county.office(CLINIC), &id);
        }
        county
            .office(CLINIC)
            .act(&id, message(&format!("Thank you; we expect her at ten and call after it ({round}).")));
        county.pump();
    }
    let cost = county.carried - before;
    let told = format!("{cost} bytes, {founded} of them for founding, notices and request");
    assert!(cost <= 20 * 1024, "{told}");
}

/// Each act that is shown would otherwise ask for itself, and for what the other organisation holds, and look from there how far back it is.
#[test]
fn a_thread_of_many_acts_asks_the_store_hardly_more_often_than_one_of_few() {
    const ACTS: usize = 20;
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let mut asked = Vec::new();
    for round in 0..2 {
        for n in 0..ACTS {
            county.office(HOSPITAL).act(&id, message(&format!("Call {round}, word {n}.")));
            county.pump();
        }
        let show = Care::ReferralShow { thread: id.clone() };
        asked.push([HOSPITAL, CLINIC].map(|who| county.office(who).reads(&show).0));
    }
    let [few, many] = [asked[0], asked[1]];
    assert!(many.iter().zip(few).all(|(many, few)| many - few < ACTS / 2), "{few:?}, then {many:?}");
}

/// Twice on a disk that somebody else fills would be once too often.
#[test]
fn a_long_message_is_kept_in_its_entry_alone_and_shown_whole() {
    let mut county = county();
    let id = sent(&mut county, None);
    let mut noise = vec![0; limits::TEXT_CHARS];
    Dice(7).fill(&mut noise);
    let text: String = noise.iter().map(|byte| char::from(b'0' + byte % 75)).collect();
    county.office(HOSPITAL).act(&id, message(&text));
    county.pump();
    for who in [HOSPITAL, CLINIC] {
        let shown = serde_json::to_value(county.office(who).thread(&id)).expect("a view");
        assert!(shown.to_string().contains(&serde_json::to_string(&text).expect("a text")));
        let store = county.office(who).store();
        let rows = store.rows().filter(|(table, key, _)| *table == Table::Record && key[0] == Prefix::Entry as u8);
        let longest = rows.map(|(.., row)| row.len()).max().expect("rows");
        assert!(longest < limits::THREAD_BODY_KEPT, "{longest}");
    }
}

/// Of ten thousand referrals each of these would otherwise read all.
#[test]
fn what_concerns_one_person_one_partner_or_one_file_reads_nothing_of_the_others() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let hospital = county.office(HOSPITAL);
    let (file, _) =
        hospital.attach(&AttachTo::Person { person: "Zephyrine Quillfeather".into() }, "a.txt", b"a letter");
    hospital.person("Ottoline Marsh");
    hospital.as_officer(|_| ());
    let asks = [
        Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")),
        Care::Disclosures(DisclosuresAsk::to("Harbor Shelter")),
        Care::AttachmentPart { attachment: file.id, thread: None, from: 0 },
        Care::Attachments(AttachmentsOf { person: Some("Zephyrine Quillfeather".into()), thread: None }),
    ];
    let consent = county.office(CLINIC).thread(&id).consent.to_string();
    let preview = Care::ConsentRevokePreview { consent, party: None };
    let mut read = Vec::new();
    for round in 0..2 {
        let hospital = county.office(HOSPITAL);
        let mut rows: Vec<usize> = asks.iter().map(|ask| self::rows(hospital, ask)).collect();
        rows.push(hospital.as_officer(|office| self::rows(office, &Care::Audit { limit: 3 })));
        rows.push(self::rows(county.office(CLINIC), &preview));
        read.push(rows);
        if round == 0 {
            others(&mut county);
        }
    }
    assert!(read[1].iter().zip(&read[0]).all(|(many, few)| *many <= few + 3), "{read:?}");
    let looks: AuditView = county.office(HOSPITAL).officer(&Care::Audit { limit: 3 });
    assert_eq!(looks.looks.len(), 3);
    assert!(looks.looks.is_sorted_by_key(|look| std::cmp::Reverse(look.at)), "the newest first");
}

/// It is asked after each frame that comes. An update took four times as long where ten thousand persons had been told apart.
#[test]
fn after_an_input_nobody_reads_whom_staff_told_apart_or_joined() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let before = hospital.reads_after_an_input();
    let mut ids = Vec::new();
    for _ in 0..6 {
        let fields = PersonFields { name: "Ottoline Marsh".into(), ..PersonFields::default() };
        let person: PersonView = hospital.done(&Care::PersonAdd(PersonAdd { fields, another: true }));
        ids.push(person.id.to_string());
    }
    for pair in ids[..4].chunks(2) {
        let (person, other) = (pair[0].as_str().into(), pair[1].as_str().into());
        let _: PersonView = hospital.done(&Care::PersonMerge(MergeAsk { person, other, why: "she told us".into() }));
    }
    assert_eq!(hospital.reads_after_an_input(), before);
}

/// How many rows are read for an answer. It was given before, since the graph in which a look is put on record is loaded again after a step
/// that was dropped.
fn rows(office: &mut Office, ask: &Care) -> usize {
    assert!(matches!(office.ask(ask), Response::Done(_)));
    office.reads(ask).1
}

/// Referrals, files and looks of somebody else.
fn others(county: &mut super::office::County) {
    for n in 0_u8..4 {
        let hospital = county.office(HOSPITAL);
        let expiry = ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY));
        let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
            person: "Ottoline Marsh".into(),
            to: vec!["Ridge Clinic".to_owned()],
            purpose: "tpo".to_owned(),
            expiry,
            ..ConsentDraft::default()
        }));
        let consent: ConsentView = hospital.done(&Care::ConsentSign(ConsentSign {
            attested: true,
            consent: draft.id.to_string(),
            typed: "Ottoline Marsh".into(),
            ..ConsentSign::default()
        }));
        let _: ThreadView = hospital.done(&Care::ReferralSend(plain(&consent)));
        hospital.attach(&AttachTo::Person { person: "Ottoline Marsh".into() }, "b.txt", &[b'b', b'a' + n]);
        county.pump();
    }
}
