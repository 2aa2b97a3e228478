//! Files with persons, consents and referrals.

mod hand;
mod went;

use super::*;
use crate::usecases::referrals;
use belay_protocol::disclosure::Means;
use belay_protocol::limits::{CHUNK_BYTES, CHUNKS_AT_ONCE, SNIFF_BYTES};
use belay_protocol::referral::attachment::Manifest;
use data_encoding::BASE64;

/// A scan that does not compress.
pub(super) fn pdf(length: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut seed = 7_u64;
    while bytes.len() < length {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&seed.to_be_bytes());
    }
    bytes.truncate(length.saturating_sub(6));
    bytes.extend_from_slice(b"%%EOF\n");
    bytes
}

pub(super) fn to_thread(thread: &str) -> AttachTo {
    AttachTo::Thread { thread: thread.to_owned(), information: Information::Referral }
}

fn to_person() -> AttachTo {
    AttachTo::Person { person: "Zephyrine Quillfeather".into() }
}

fn attach(to: &AttachTo, manifest: &Manifest, step: AttachStep) -> Care {
    Care::Attach(Box::new(Attach { to: to.clone(), manifest: manifest.clone(), step }))
}

fn head(bytes: &[u8]) -> AttachStep {
    AttachStep::Ask { head: BASE64.encode(bytes.get(..SNIFF_BYTES).unwrap_or(bytes)).as_str().into() }
}

fn chunks(bytes: &[u8], which: &[u32]) -> AttachStep {
    let all: Vec<&[u8]> = bytes.chunks(CHUNK_BYTES).collect();
    AttachStep::Put { chunks: which.iter().map(|at| (*at, BASE64.encode(all[*at as usize]).as_str().into())).collect() }
}

fn finish() -> AttachStep {
    AttachStep::Finish { text: "the letter".into() }
}

impl Office {
    /// Sends a whole file; gives how many pieces went.
    pub(super) fn attach(&mut self, to: &AttachTo, name: &str, bytes: &[u8]) -> (AttachmentView, usize) {
        let manifest = Manifest::of(name, bytes).expect("a file that may be attached");
        let here: AttachingView = self.done(&attach(to, &manifest, head(bytes)));
        for some in here.missing.chunks(CHUNKS_AT_ONCE) {
            let _: AttachingView = self.done(&attach(to, &manifest, chunks(bytes, some)));
        }
        (self.done(&attach(to, &manifest, finish())), here.missing.len())
    }

    fn files(&mut self, thread: Option<&str>) -> Vec<AttachmentView> {
        let person = thread.is_none().then(|| "Zephyrine Quillfeather".into());
        let of = AttachmentsOf { person, thread: thread.map(str::to_owned) };
        self.done::<AttachmentsView>(&Care::Attachments(of)).attachments
    }

    fn saved(&mut self, id: &str, thread: Option<&str>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut from = Some(0);
        while let Some(at) = from {
            let ask = Care::AttachmentPart { attachment: id.to_owned(), thread: thread.map(str::to_owned), from: at };
            let part: AttachmentPart = self.done(&ask);
            for chunk in &part.chunks {
                bytes.extend(BASE64.decode(chunk.reveal().as_bytes()).expect("base64"));
            }
            from = part.next;
        }
        bytes
    }
}

#[test]
fn a_file_in_a_referral_arrives_whole_and_is_one_disclosure() {
    let mut county = county();
    let id = sent(&mut county, None);
    let bytes = pdf(11 * CHUNK_BYTES + 17);
    let (view, pieces) = county.office(HOSPITAL).attach(&to_thread(&id), "discharge.pdf", &bytes);
    assert_eq!((pieces, view.missing), (12, 0));
    county.pump();
    let clinic = county.office(CLINIC);
    let files = clinic.files(Some(&id));
    assert_eq!(files.len(), 1);
    assert_eq!((files[0].name.reveal().as_str(), files[0].missing), ("discharge.pdf", 0));
    assert!(clinic.saved(&files[0].id, Some(&id)) == bytes, "not the same bytes");
    let line = clinic.thread(&id).history.into_iter().find(|line| line.act == "attachment").expect("a line");
    assert!(line.text.reveal().contains("discharge.pdf (PDF, 1.3 MB)"), "{}", line.text.reveal());
    assert_eq!(line.without_effect, None);
    assert_eq!(county.office(SHELTER).thread_spaces().len(), 0);

    let ask = Care::Disclosures(DisclosuresAsk {
        person: Some("Zephyrine Quillfeather".into()),
        ..DisclosuresAsk::default()
    });
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    let files = told.iter().filter(|d| d.what.reveal().contains("discharge.pdf")).count();
    assert_eq!(files, 1, "pieces of one file are one disclosure");
}

#[test]
fn what_was_interrupted_is_not_seen_and_goes_on_where_it_stopped() {
    let mut county = county();
    let id = sent(&mut county, None);
    let (bytes, to) = (pdf(10 * CHUNK_BYTES), to_thread(&id));
    let manifest = Manifest::of("scan.pdf", &bytes).expect("fits");
    let hospital = county.office(HOSPITAL);
    let left: AttachingView = hospital.done(&attach(&to, &manifest, chunks(&bytes, &[0, 1, 2])));
    assert_eq!(left.missing, [3, 4, 5, 6, 7, 8, 9]);
    assert!(hospital.refused(&attach(&to, &manifest, finish())).1.contains("not all of the file"));
    assert!(hospital.files(Some(&id)).is_empty());
    county.pump();
    assert!(county.office(CLINIC).files(Some(&id)).is_empty());
    let (_, pieces) = county.office(HOSPITAL).attach(&to, "scan.pdf", &bytes);
    assert_eq!(pieces, 7);
    county.pump();
    let clinic = county.office(CLINIC);
    let file = clinic.files(Some(&id)).remove(0);
    assert!(clinic.saved(&file.id, Some(&id)) == bytes);
}

#[test]
fn what_is_none_of_the_types_or_too_large_is_refused_before_anything_is_written() {
    let mut county = county();
    let id = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let before = (hospital.entries(), hospital.records());
    let good = pdf(100);
    let manifest = Manifest::of("letter.pdf", &good).expect("fits");
    for wrong in [&b"MZ\x90\0\x03\0"[..], b"PK\x03\x04\x14\0", b"\x7fELF\x02\x01"] {
        assert!(Manifest::of("letter.pdf", wrong).is_err());
        // A client that claims another type than its bytes have.
        for to in [to_thread(&id), to_person()] {
            let (_, why) = hospital.refused(&attach(&to, &manifest, head(wrong)));
            assert!(why.contains("no PDF, PNG, JPEG or plain text"), "{why}");
        }
    }
    let mut large = manifest.clone();
    large.length = 26_000_000;
    large.chunks = vec![[1; 32]; 212];
    assert!(hospital.refused(&attach(&to_person(), &large, head(&good))).1.contains("25 MB"));
    let put = attach(&to_person(), &manifest, chunks(&pdf(101), &[0]));
    assert!(hospital.refused(&put).1.contains("damaged"));
    // No space of that kind, since the consent opens none.
    let clinical = AttachTo::Thread { thread: id, information: Information::Clinical };
    hospital.refused(&attach(&clinical, &manifest, head(&good)));
    let after = (hospital.entries(), hospital.records());
    assert!(before == after, "something was written");
}

#[test]
fn after_a_revocation_no_piece_of_a_file_goes_out() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Ridge Clinic", None, 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    let (bytes, to) = (pdf(3 * CHUNK_BYTES), to_thread(&id));
    let manifest = Manifest::of("scan.pdf", &bytes).expect("fits");
    let hospital = county.office(HOSPITAL);
    let _: AttachingView = hospital.done(&attach(&to, &manifest, chunks(&bytes, &[0])));
    let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
    let _: ConsentView = hospital.done(&revoke);
    for step in [head(&bytes), chunks(&bytes, &[1]), finish()] {
        let (class, why) = hospital.refused(&attach(&to, &manifest, step));
        assert_eq!(class, FailureClass::NotPermitted, "{why}");
    }
}

#[test]
fn a_file_of_24_mb_stays_in_the_house_and_comes_back_after_a_rebuild() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let bytes = pdf(24_000_000);
    let (view, pieces) = hospital.attach(&to_person(), "chart.pdf", &bytes);
    assert_eq!(pieces, 196);
    // Sealed: no part of it lies anywhere in clear.
    assert!(!hospital.holds(&bytes[1_000_000..1_000_064]));
    let records = hospital.records();
    hospital.rebuild();
    assert!(hospital.records() == records);
    assert!(hospital.saved(&view.id, None) == bytes, "not the same bytes");
    assert_eq!(hospital.files(None).len(), 1);
    // Sent twice, nothing of it is kept twice.
    let (_, again) = hospital.attach(&to_person(), "chart again.pdf", &bytes);
    assert_eq!(again, 0);
}

#[test]
fn who_has_only_a_part_is_told_how_much_is_missing() {
    let mut county = county();
    let id = sent(&mut county, None);
    let bytes = pdf(3 * CHUNK_BYTES);
    let manifest = Manifest::of("scan.pdf", &bytes).expect("fits");
    let hospital = county.office(HOSPITAL);
    let _: AttachingView = hospital.done(&attach(&to_thread(&id), &manifest, chunks(&bytes, &[0])));
    // A sender that names chunks which it never sent.
    hospital.staff(|step, session| {
        referrals::attached(step, session, &id, Information::Referral, &manifest, &"".into()).expect("written");
    });
    county.pump();
    let clinic = county.office(CLINIC);
    assert_eq!(clinic.files(Some(&id))[0].missing, 2);
    let ask =
        Care::AttachmentPart { attachment: clinic.files(Some(&id))[0].id.clone(), thread: Some(id.clone()), from: 0 };
    assert!(clinic.refused(&ask).1.contains("2 of 3 parts"));
}

#[test]
fn a_consent_is_signed_by_a_drawn_signature_or_a_scan_of_paper() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let draft = |office: &mut Office| -> ConsentView {
        office.done(&Care::ConsentDraft(ConsentDraft {
            person: "Zephyrine Quillfeather".into(),
            to: vec!["Ridge Clinic".to_owned()],
            purpose: "tpo".to_owned(),
            expiry: ExpiryRequest::Never,
            ..ConsentDraft::default()
        }))
    };
    let sign = |consent: &ConsentView, id: String, drawn: bool| {
        Care::ConsentSign(ConsentSign {
            attested: true,
            consent: consent.id.to_string(),
            file: Some(SignedFile { id, drawn }),
            ..ConsentSign::default()
        })
    };
    let lines = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0L9 9\"/></svg>";
    let consent = draft(hospital);
    let to = AttachTo::Consent { consent: consent.id.to_string() };
    let (scan, _) = hospital.attach(&to, "signed.pdf", &pdf(2_000));
    let (drawing, _) = hospital.attach(&to, "name.svg", lines);
    hospital.refused(&sign(&consent, "ff".repeat(32), true));
    hospital.refused(&sign(&consent, scan.id.clone(), true));
    hospital.refused(&sign(&consent, drawing.id.clone(), false));
    let signed: ConsentView = hospital.done(&sign(&consent, drawing.id.clone(), true));
    assert_eq!(signed.state, "signed");
    assert!(signed.form.reveal().contains(&drawing.id[..16]));
    let second = draft(hospital);
    // The scan under another consent signs nothing here.
    hospital.refused(&sign(&second, scan.id, false));
    let to = AttachTo::Consent { consent: second.id.to_string() };
    let (scan, _) = hospital.attach(&to, "signed.pdf", &pdf(2_000));
    assert_eq!(hospital.done::<ConsentView>(&sign(&second, scan.id, false)).state, "signed");
    // Lines go nowhere but under a consent.
    let manifest = Manifest::of("name.svg", lines).expect("lines");
    hospital.refused(&attach(&to_person(), &manifest, head(lines)));
}

#[test]
fn into_a_referral_that_was_declined_or_withdrawn_no_piece_of_a_file_goes() {
    for declined in [true, false] {
        let mut county = county();
        let id = sent(&mut county, None);
        let (bytes, to) = (pdf(3 * CHUNK_BYTES), to_thread(&id));
        let manifest = Manifest::of("scan.pdf", &bytes).expect("fits");
        let begun: AttachingView = county.office(HOSPITAL).done(&attach(&to, &manifest, chunks(&bytes, &[0])));
        assert_eq!(begun.missing, [1, 2]);
        if declined {
            let act = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
            county.office(CLINIC).act(&id, act);
        } else {
            county.office(HOSPITAL).act(&id, ActRequest::Withdraw { reason: "went elsewhere".into() });
        }
        county.pump();
        for office in [HOSPITAL, CLINIC] {
            let before = county.office(office).entries();
            for step in [head(&bytes), chunks(&bytes, &[1]), finish()] {
                let (class, why) = county.office(office).refused(&attach(&to, &manifest, step));
                assert_eq!(class, FailureClass::Misuse);
                assert!(why.contains("declined or withdrawn, and no file goes into it"), "{why}");
            }
            assert_eq!(county.office(office).entries(), before);
        }
    }
}

#[test]
fn a_file_for_a_partner_off_the_network_is_on_record_as_the_file_that_it_is() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let tell = vec![Information::Referral, Information::Identity, Information::Clinical];
    let consent = hospital.consent_to_tell("Stone Chapel Beds", tell, None, 90);
    let thread = hospital.done::<ThreadView>(&Care::ReferralRefer(super::outside::refer(&consent))).row.id.to_string();
    let to = |information| AttachTo::Thread { thread: thread.clone(), information };
    let bytes = pdf(2 * CHUNK_BYTES);
    let (view, _) = hospital.attach(&to(Information::Clinical), "summary.pdf", &bytes);
    let told = |office: &mut Office| {
        office.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds"))).disclosures
    };
    assert!(told(hospital).is_empty(), "who chooses a file tells nobody");
    assert!(hospital.files(Some(&thread))[0].waits());
    let went = |way| {
        let (thread, file) = (thread.clone(), view.id.clone());
        Care::FileWent(FileWentAsk { thread, file, way, to: "555-0177".into(), when: None })
    };
    hospital.done::<SentView>(&went(Means::Faxed));
    assert!(!hospital.files(Some(&thread))[0].waits());
    assert_eq!(hospital.refused(&went(Means::Mailed)).0, FailureClass::Misuse, "once");
    let [told] = told(hospital).try_into().expect("one disclosure, whatever its pieces");
    assert_eq!((told.information, told.staff.reveal().as_str()), (Information::Clinical, "nora"));
    assert!(told.what.reveal().starts_with("attachment ") && told.what.reveal().contains("summary.pdf"), "{told:?}");
    assert!(told.what.reveal().ends_with("by fax"), "{told:?}");
    assert!(told.recipient.contains("Stone Chapel Beds") && told.consent == consent.id, "{told:?}");
    let line = hospital.thread(&thread).history.into_iter().find(|line| line.act == "attachment").expect("a line");
    assert_eq!(line.without_effect, None);
    assert_eq!(hospital.files(Some(&thread)).len(), 1);
    assert!(hospital.saved(&view.id, Some(&thread)) == bytes, "what was handed over can be looked at again");
    let manifest = Manifest::of("summary.pdf", &bytes).expect("fits");
    let (class, why) = hospital.refused(&attach(&to(Information::Medication), &manifest, head(&bytes)));
    assert_eq!(class, FailureClass::NotPermitted, "{why}");
    for (lang, words) in
        [(crate::forms::Lang::En, "a paper or file about"), (crate::forms::Lang::Es, "un papel o archivo sobre")]
    {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let text = hospital.done::<PrintView>(&Care::Print(Print::new(form, Some(lang), Shape::Part))).form;
        let text = text.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{text}");
    }
    hospital.rebuild();
    assert!(hospital.saved(&view.id, Some(&thread)) == bytes);
    hospital.attach(&to(Information::Clinical), "summary.pdf", &bytes);
    hospital.done::<SentView>(&went(Means::Faxed));
    let ask = Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds"));
    assert_eq!(hospital.done::<DisclosuresView>(&ask).made, 2, "it went twice that day");
}

/// A referral to a partner off the network with a file that was chosen for it: its id, and that of the file.
fn chosen(hospital: &mut Office) -> (String, String) {
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let tell = vec![Information::Referral, Information::Identity, Information::Clinical];
    let consent = hospital.consent_to_tell("Stone Chapel Beds", tell, None, 90);
    let thread = hospital.done::<ThreadView>(&Care::ReferralRefer(super::outside::refer(&consent))).row.id.to_string();
    let to = AttachTo::Thread { thread: thread.clone(), information: Information::Clinical };
    let (view, _) = hospital.attach(&to, "Quillfeather summary.pdf", &pdf(100));
    (thread, view.id)
}

#[test]
fn the_sheet_before_a_file_says_for_whom_it_is_and_what_the_law_asks_and_nothing_of_the_person() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let (thread, file) = chosen(hospital);
    for lang in [crate::forms::Lang::En, crate::forms::Lang::Es] {
        let ask = CoverAsk { thread: thread.clone(), file: file.clone(), lang, ..CoverAsk::default() };
        let sheet: CoverView = hospital.done(&Care::FileCover(ask));
        let text = sheet.text.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["Stone Chapel Beds", "County Hospital", "This record which has been disclosed", &thread[..8]] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains("Quillfeather") && !sheet.html.reveal().contains("Quillfeather"), "{text}");
    }
    let all = hospital.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds")));
    assert!(all.disclosures.is_empty(), "the sheet tells nothing");
}

#[test]
fn a_file_that_did_not_go_after_all_is_not_counted_asks_for_no_call_and_can_go_later() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let (thread, file) = chosen(hospital);
    let went = || {
        let (thread, file) = (thread.clone(), file.clone());
        Care::FileWent(FileWentAsk { thread, file, way: Means::Handed, to: "".into(), when: None })
    };
    let back = |why: &str| Care::FileBack { thread: thread.clone(), file: file.clone(), why: why.into() };
    let count = |office: &mut Office| {
        office.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds"))).made
    };
    assert_eq!(hospital.refused(&back("nothing went")).0, FailureClass::Misuse);
    hospital.done::<SentView>(&went());
    assert_eq!(count(hospital), 1);
    assert_eq!(hospital.refused(&back(" ")).0, FailureClass::Misuse, "not without a reason");
    hospital.sign_in_as("Ivo Marsh", "navigator");
    assert_eq!(hospital.refused(&back("not mine")).0, FailureClass::NotPermitted);
    hospital.sign_in_as("Dora Whitlock", "privacy_officer");
    hospital.done::<SentView>(&back("the line was busy"));
    assert_eq!(count(hospital), 0, "it is struck");
    let one = hospital.files(Some(&thread)).remove(0);
    assert!(one.waits() && one.went.as_ref().is_some_and(|words| words.len() == 2), "both words stay");
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
    let consent = hospital.thread(&thread).consent.to_string();
    let preview: RevokePreview = hospital.done(&Care::ConsentRevokePreview { consent, party: None });
    assert!(!preview.does.contains("not on the network"), "nothing went there: {}", preview.does);
    hospital.done::<SentView>(&went());
    assert_eq!(count(hospital), 1);
}

#[test]
fn a_file_that_went_before_the_consent_ended_is_put_on_record_after_it_and_dated_then() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let (thread, file) = chosen(hospital);
    let signed = hospital.now;
    county.sleep(3 * DAY);
    let hospital = county.office(HOSPITAL);
    let consent = hospital.thread(&thread).consent.to_string();
    let revoke = Care::ConsentRevoke { consent, party: None, spoken: true };
    assert_eq!(hospital.done::<ConsentView>(&revoke).state, "revoked");
    let since = hospital.now;
    county.sleep(DAY);
    let hospital = county.office(HOSPITAL);
    let went = |when: Option<Time>| {
        let (thread, file) = (thread.clone(), file.clone());
        Care::FileWent(FileWentAsk { thread, file, way: Means::Faxed, to: "".into(), when })
    };
    let then = signed.plus(DAY);
    for (when, clause) in [
        (None, "42 CFR 2.31(c)(3)"),
        (Some(since), "42 CFR 2.31(c)(3)"),
        (Some(Time(signed.0 - DAY)), "42 CFR 2.31(a)(8)"),
        (Some(hospital.now.plus(DAY)), "42 CFR 2.25"),
    ] {
        let (class, why) = hospital.refused(&went(when));
        assert!(class == FailureClass::NotPermitted && why.contains(clause), "{when:?}: {why}");
    }
    let word: SentView = hospital.done(&went(Some(then)));
    assert_eq!((word.when, word.at), (Some(then), hospital.now), "both days stand there");
    let told: DisclosuresView = hospital.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    let [one] = told.disclosures.as_slice() else { panic!("{told:?}") };
    assert_eq!((one.at, told.made, one.with_consent), (then, 1, true), "42 CFR 2.25: the day it went");
    assert_eq!(hospital.refused(&went(Some(then))).0, FailureClass::Misuse, "once");
    let back = Care::FileBack { thread: thread.clone(), file: file.clone(), why: "another file".into() };
    hospital.done::<SentView>(&back);
    let told: DisclosuresView = hospital.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    assert_eq!(told.made, 0, "struck as any other");
}

#[test]
fn whichever_part_of_a_file_is_taken_out_it_is_a_look_at_each_person_to_whom_it_is_attached() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let (bytes, mut persons) = (pdf(20 * CHUNK_BYTES), Vec::new());
    let mut file = String::new();
    for name in ["Zephyrine Quillfeather", "Ottoline Marsh"] {
        persons.push(hospital.person(name).id);
        let to = AttachTo::Person { person: name.into() };
        file = hospital.attach(&to, "both.pdf", &bytes).0.id;
    }
    let looks = |office: &mut Office| {
        let all: AuditView = office.officer(&Care::Audit { limit: 1_000 });
        let all = all.looks.into_iter().filter(|look| look.looked == "attachment");
        all.filter_map(|look| look.person).collect::<Vec<_>>()
    };
    let before = looks(hospital).len();
    let ask = Care::AttachmentPart { attachment: file, thread: None, from: 1 };
    hospital.done::<AttachmentPart>(&ask);
    let mut seen = looks(hospital);
    seen.truncate(seen.len() - before);
    seen.sort_unstable();
    persons.sort_unstable();
    assert_eq!(seen, persons);
}
