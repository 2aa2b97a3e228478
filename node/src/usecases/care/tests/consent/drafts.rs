//! A change of a consent that nobody has signed: what stands is shown and printed, with the change beside it.

use super::*;
use crate::forms::Lang;
use std::collections::BTreeSet;

fn amended(county: &mut County) -> ConsentView {
    let consent = two_parties(county);
    let expiry = Some(ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + 300 * DAY)));
    let amend = ConsentAmend { consent: consent.id.to_string(), expiry, ..ConsentAmend::default() };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    assert_eq!((draft.version, draft.state.as_str()), (2, "draft"));
    consent
}

fn shown(county: &mut County, id: &str) -> ConsentView {
    county.office(HOSPITAL).done(&Care::ConsentShow { consent: id.to_owned(), whole: false })
}

fn listed(county: &mut County) -> Vec<(String, Option<u32>)> {
    let list: ConsentsView = county.office(HOSPITAL).done(&Care::ConsentList { person: None });
    list.consents.into_iter().map(|row| (row.state, row.pending)).collect()
}

fn printed(county: &mut County, form: Printed, lang: Lang) -> String {
    let ask = Care::Print(Print::new(form, Some(lang), Shape::Text));
    county.office(HOSPITAL).done::<PrintView>(&ask).form.reveal().clone()
}

#[test]
fn with_a_change_that_waits_the_consent_is_shown_and_taken_back_as_it_stands() {
    let mut county = county();
    let id = amended(&mut county).id.to_string();
    let view = shown(&mut county, &id);
    assert_eq!((view.version, view.state.as_str(), view.pending), (1, "signed", Some(2)));
    assert_eq!(listed(&mut county), [("signed".to_owned(), Some(2))]);
    for (lang, never, waits) in [(Lang::En, "never signed", "not signed yet"), (Lang::Es, "nunca se firm", "sin firma")]
    {
        let form = printed(&mut county, Printed::Revocation { consent: id.clone() }, lang);
        assert!(form.contains("Harbor Shelter") && form.contains("Ridge Clinic"), "the parties to choose: {form}");
        assert!(!form.contains(never) && form.contains(waits), "{form}");
        let form = printed(&mut county, Printed::Consent { consent: id.clone() }, lang);
        assert!(!form.contains("Not signed yet. No one") && form.contains(waits), "{form}");
    }
    let change = printed(&mut county, Printed::Amendment { consent: id.clone() }, Lang::En);
    assert!(change.contains("New"), "{change}");
    let whole = printed(&mut county, Printed::Waiting { consent: id.clone() }, Lang::En);
    assert!(whole.contains("Not signed yet"), "{whole}");
    let void = Care::ConsentVoid { consent: id, why: "somebody else signed".into() };
    let (class, why) = county.office(HOSPITAL).refused(&void);
    assert!(class == FailureClass::NotPermitted && why.contains("privacy officer"), "it can not be undone: {why}");
    county.office(HOSPITAL).officer::<ConsentView>(&void);
    assert_eq!(listed(&mut county), [("void".to_owned(), None)]);
}

#[test]
fn a_draft_is_put_away_and_what_was_signed_stands() {
    let mut county = county();
    let id = amended(&mut county).id.to_string();
    let discard = Care::ConsentDiscard { consent: id.clone() };
    let view: ConsentView = county.office(HOSPITAL).done(&discard);
    assert_eq!((view.version, view.state.as_str(), view.pending), (1, "signed", None));
    assert_eq!(county.office(HOSPITAL).refused(&discard).0, FailureClass::Misuse, "only once");
    let sign = ConsentSign {
        attested: true,
        consent: id.clone(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    };
    assert!(county.office(HOSPITAL).refused(&Care::ConsentSign(sign)).1.contains("signed already"));
    let remove = vec!["Harbor Shelter".to_owned()];
    let amend = Care::ConsentAmend(ConsentAmend { consent: id.clone(), remove, ..ConsentAmend::default() });
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&amend).version, 3, "its number is not given again");
    assert_eq!(signed(county.office(HOSPITAL), &id).version, 3);
    // One that was never signed goes whole.
    let expiry = ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + 9 * DAY));
    let (person, to) = ("Zephyrine Quillfeather".into(), vec!["Ridge Clinic".to_owned()]);
    let draft = ConsentDraft { person, to, expiry, ..ConsentDraft::default() };
    let fresh: ConsentView = county.office(HOSPITAL).done(&Care::ConsentDraft(draft));
    let discard = Care::ConsentDiscard { consent: fresh.id.to_string() };
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&discard).state, "discarded");
    assert_eq!(listed(&mut county), [("signed".to_owned(), None)]);
}

/// One consent for treatment and payment: a referral goes for the least of what it names, or for what staff chose of it.
#[test]
fn a_referral_goes_for_the_purpose_that_staff_choose_of_those_that_the_consent_names() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let for_purpose = |purpose: Option<&str>| {
        let Care::ReferralSend(send) = send(&consent) else { unreachable!("a referral") };
        Send { purpose: purpose.map(str::to_owned), ..send }
    };
    let told = |hospital: &mut Office| {
        let view: DisclosuresView = hospital.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
        view.disclosures.into_iter().map(|told| told.purpose).collect::<BTreeSet<String>>()
    };
    for refused in ["fundraising", "tpo", "emergency", "to find housing"] {
        let why = hospital.refused(&Care::ReferralSend(for_purpose(Some(refused)))).1;
        assert!(why.contains("purpose") || why.contains("treatment") || why.contains("emergencies"), "{why}");
    }
    assert!(told(hospital).is_empty(), "what is refused tells nothing");
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(for_purpose(Some("payment"))));
    assert!(preview.refused.is_none() && preview.goes.iter().all(|goes| goes.purpose == "payment"), "{preview:?}");
    let view: ThreadView = hospital.done(&Care::ReferralSend(for_purpose(Some("payment"))));
    assert_eq!(told(hospital), BTreeSet::from(["payment".to_owned()]));
    // What is told later in that referral is told for the same.
    assert!(say(&mut county, HOSPITAL, &view.row.id.to_string()).is_none());
    let hospital = county.office(HOSPITAL);
    assert_eq!(told(hospital), BTreeSet::from(["payment".to_owned()]));
    hospital.done::<ThreadView>(&Care::ReferralSend(for_purpose(None)));
    assert_eq!(told(hospital), BTreeSet::from(["payment".to_owned(), "treatment".to_owned()]), "the least");
}

#[test]
fn a_second_referral_to_where_one_is_open_under_the_same_consent_goes_only_if_it_is_meant() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let once = Send { again: false, ..plain(&consent) };
    let first: ThreadView = hospital.done(&Care::ReferralSend(once.clone()));
    let why = hospital.refused(&Care::ReferralSend(once.clone())).1;
    assert!(why.contains("to Ridge Clinic is open already"), "{why}");
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(once.clone()));
    assert_eq!(preview.refused, Some(why), "and it is said before it goes");
    hospital.done::<ThreadView>(&Care::ReferralSend(plain(&consent)));
    assert_eq!(hospital.threads().len(), 2);
    for thread in hospital.threads() {
        hospital.act(&thread.id.to_string(), ActRequest::Withdraw { reason: "sent twice".into() });
    }
    assert_ne!(hospital.done::<ThreadView>(&Care::ReferralSend(once)).row.id, first.row.id, "what ended is in no way");
}

#[test]
fn a_second_referral_to_where_one_is_open_under_another_consent_of_the_person_goes_only_if_it_is_meant() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let [first, second] = [(); 2].map(|()| hospital.consent("Ridge Clinic", None, 90));
    let once = |of: &ConsentView| Send { again: false, ..plain(of) };
    let open: ThreadView = hospital.done(&Care::ReferralSend(once(&first)));
    let why = hospital.refused(&Care::ReferralSend(once(&second))).1;
    assert!(why.contains("to Ridge Clinic is open already") && why.contains(&first.id.short()), "{why}");
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(once(&second)));
    assert_eq!(preview.refused, Some(why), "and it is said before it goes");
    hospital.done::<ThreadView>(&Care::ReferralSend(plain(&second)));
    let [one, two] = [(); 2].map(|()| hospital.consent("Stone Chapel Beds", None, 90));
    let letter = |of: &ConsentView| {
        let meant = super::super::outside::refer(of);
        Care::ReferralRefer(Refer { send: Send { again: false, ..meant.send.clone() }, ..meant })
    };
    hospital.done::<ThreadView>(&letter(&one));
    assert!(hospital.refused(&letter(&two)).1.contains("is open already"), "a letter as well");
    // Of one in which nothing may be told any more nobody is told twice.
    for consent in [&first, &second].map(|of| of.id.to_string()) {
        hospital.done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    }
    assert!(hospital.thread(&open.row.id.to_string()).row.ended.is_some());
    let new = hospital.consent("Ridge Clinic", None, 90);
    hospital.done::<ThreadView>(&Care::ReferralSend(once(&new)));
}

#[test]
fn under_a_consent_that_was_taken_back_or_ran_out_that_is_said_whatever_is_open() {
    for revoked in [true, false] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.partner();
        hospital.person("Zephyrine Quillfeather");
        let consent = hospital.consent("Ridge Clinic", None, 1);
        let beds = hospital.consent("Stone Chapel Beds", None, 1);
        let meant = super::super::outside::refer(&beds);
        let letter = Care::ReferralRefer(Refer { send: Send { again: false, ..meant.send.clone() }, ..meant });
        hospital.done::<ThreadView>(&letter);
        let once = Send { again: false, ..plain(&consent) };
        hospital.done::<ThreadView>(&Care::ReferralSend(once.clone()));
        if revoked {
            for id in [&consent.id, &beds.id] {
                let revoke = Care::ConsentRevoke { consent: id.to_string(), party: None, spoken: true };
                hospital.done::<ConsentView>(&revoke);
            }
        } else {
            hospital.now = hospital.now.plus(3 * DAY);
            // One that is open under another consent is in no way.
            let later = hospital.consent("Ridge Clinic", None, 90);
            hospital.send(&later);
        }
        let preview: SendPreview = hospital.done(&Care::ReferralPreview(once.clone()));
        for why in [
            hospital.refused(&Care::ReferralSend(once)).1,
            preview.refused.unwrap_or_default(),
            hospital.refused(&letter).1,
        ] {
            assert!(!why.contains("open already") && why.contains("42 CFR 2.31(c)"), "{why}");
        }
    }
}

#[test]
fn a_second_letter_to_the_same_partner_goes_only_if_it_is_meant() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let meant = super::super::outside::refer(&consent);
    let once = Refer { send: Send { again: false, ..meant.send.clone() }, ..meant.clone() };
    hospital.done::<ThreadView>(&Care::ReferralRefer(once.clone()));
    assert!(hospital.refused(&Care::ReferralRefer(once)).1.contains("is open already"));
    hospital.done::<ThreadView>(&Care::ReferralRefer(meant));
}
