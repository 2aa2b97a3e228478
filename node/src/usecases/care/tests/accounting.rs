//! What the accounting says of what was told, and when; and what was put on record by hand and never told.

use super::*;
use crate::forms::Lang;

const WHO: &str = "Zephyrine Quillfeather";

fn told_to(facility: &str, when: Option<Time>) -> EmergencyTold {
    EmergencyTold {
        person: WHO.into(),
        facility: facility.to_owned(),
        personnel: "Dr Bo Lind".into(),
        nature: "seizure".into(),
        unobtainable: "could not answer".into(),
        told: "takes methadone, 80 mg".into(),
        include: vec![Information::Medication, Information::Identity],
        when,
        ..EmergencyTold::default()
    }
}

fn printed(office: &mut Office, lang: Lang) -> String {
    let form = Printed::Accounting { person: WHO.into() };
    let view: PrintView = office.done(&Care::Print(Print::new(form, Some(lang), Shape::Part)));
    view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn listed(office: &mut Office, until: Option<Time>) -> DisclosuresView {
    office.done(&Care::Disclosures(DisclosuresAsk { until, ..DisclosuresAsk::of(WHO) }))
}

fn strike(record: &DisclosureView, why: &str) -> Care {
    Care::DisclosureStrike { record: record.record.to_string(), why: why.into() }
}

#[test]
fn what_is_typed_twice_is_on_record_once_unless_it_is_said_that_it_was_told_twice() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person(WHO);
    let ask = told_to("County Hospital", None);
    clinic.done::<DisclosuresView>(&Care::EmergencyTold(ask.clone()));
    let same = |clinic: &mut Office, ask: EmergencyTold| match clinic.ask(&Care::EmergencyTold(ask)) {
        Response::Done(_) => None,
        Response::Failed(failure) => Some((failure.message, failure.next.unwrap_or_default())),
    };
    // What was typed with some of its kinds is the same telling.
    let less = EmergencyTold { include: vec![Information::Medication], ..ask.clone() };
    for twice in [ask.clone(), less] {
        let (why, next) = same(clinic, twice).expect("the same words of the same day");
        assert!(why.contains("on record already") && next.contains("--again"), "{why} {next}");
    }
    let made = |clinic: &mut Office| listed(clinic, None).made;
    assert_eq!(made(clinic), 2, "one of each kind");
    for other in [
        EmergencyTold { nature: "another seizure".into(), ..ask.clone() },
        EmergencyTold { told: "takes nothing else".into(), ..ask.clone() },
        EmergencyTold { when: Some(Time(clinic.now.0 - 2 * DAY)), ..ask.clone() },
        EmergencyTold { again: true, ..ask.clone() },
    ] {
        let before = made(clinic);
        assert_eq!(same(clinic, other), None);
        assert_eq!(made(clinic), before + 2);
    }
    // What was struck stands in nothing's way.
    let all = listed(clinic, None).disclosures;
    for one in all.iter().filter(|one| one.information == Information::Medication) {
        clinic.done::<DisclosuresView>(&strike(one, "not told"));
    }
    assert_eq!(same(clinic, ask), None);
}

#[test]
fn a_report_by_law_that_is_typed_twice_is_on_record_once() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person(WHO);
    let fields = PartnerFields {
        name: "Child Line".to_owned(),
        kind: Some(PartnerKind::ChildWelfare),
        ..PartnerFields::default()
    };
    clinic.done::<PartnerView>(&Care::PartnerAdd(fields));
    let report = DisclosureRecord {
        person: WHO.into(),
        clause: "2.12(c)(6)".to_owned(),
        to: "Child Line".to_owned(),
        decided: "Ida Roe".into(),
        matter: "suspected neglect".into(),
        told: "name and address".into(),
        include: vec![Information::Identity],
        ..DisclosureRecord::default()
    };
    let record = |report: DisclosureRecord| Care::DisclosureRecord(Box::new(report));
    clinic.done::<DisclosuresView>(&record(report.clone()));
    assert!(clinic.refused(&record(report.clone())).1.contains("on record already"));
    let other = DisclosureRecord { matter: "suspected harm".into(), ..report.clone() };
    clinic.done::<DisclosuresView>(&record(other));
    assert_eq!(clinic.done::<DisclosuresView>(&record(DisclosureRecord { again: true, ..report })).made, 3);
}

/// 45 CFR 164.528(b)(2)(i).
#[test]
fn what_was_told_in_an_emergency_and_written_down_later_is_listed_by_the_day_it_was_told() {
    let mut county = county();
    county.office(CLINIC).person(WHO);
    let then = county.office(CLINIC).now;
    county.sleep(17 * DAY);
    let clinic = county.office(CLINIC);
    clinic.done::<DisclosuresView>(&Care::EmergencyTold(told_to("County Hospital", Some(then))));
    let written = clinic.now;
    let early = listed(clinic, Some(then.plus(2 * DAY)));
    assert_eq!(early.made, 2, "it was told before that day");
    for one in &early.disclosures {
        assert_eq!((one.at, one.recorded), (then, written), "both times");
    }
    let since = DisclosuresAsk { since: Some(then.plus(DAY)), ..DisclosuresAsk::to("County Hospital") };
    assert_eq!(clinic.done::<DisclosuresView>(&Care::Disclosures(since)).made, 0, "the list of a breach since then");
    let zone = jiff::tz::TimeZone::system();
    let (told, today) = (crate::forms::Day::local(then, &zone), crate::forms::Day::local(clinic.now, &zone));
    let form = printed(clinic, Lang::En);
    let (_, rows) = form.split_once("<tbody>").expect("a table");
    let (rows, _) = rows.split_once("</tbody>").expect("its end");
    assert!(rows.contains(&told.words(Lang::En)) && !rows.contains(&today.words(Lang::En)), "{rows}");
}

/// 45 CFR 164.528(b)(2)(iii).
#[test]
fn the_accounting_says_what_went_and_not_all_that_might_have() {
    let mut county = county();
    sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let fields = PartnerFields {
        name: "Cedar Sheriff".to_owned(),
        kind: Some(PartnerKind::LawEnforcement),
        ..PartnerFields::default()
    };
    hospital.done::<PartnerView>(&Care::PartnerAdd(fields));
    let report = DisclosureRecord {
        person: WHO.into(),
        clause: "2.12(c)(5)".to_owned(),
        to: "Cedar Sheriff".to_owned(),
        decided: "Ida Roe".into(),
        matter: "a blow in the waiting room".into(),
        told: "name and address".into(),
        include: vec![Information::Identity],
        ..DisclosureRecord::default()
    };
    hospital.done::<DisclosuresView>(&Care::DisclosureRecord(Box::new(report)));
    for (lang, says) in [
        (Lang::En, ["what help I was sent for, and why", "who I am and how to reach me", "who I am: name and address"]),
        (Lang::Es, ["qué ayuda busco, y por qué", "quién soy y cómo hablar conmigo", "quién soy: name and address"]),
    ] {
        let form = printed(hospital, lang);
        for says in says {
            assert!(form.contains(says), "{says}: {form}");
        }
        let words = lang.words();
        for all in [words.information_referral, words.information_identity, "aloxon"] {
            assert!(!form.contains(all), "{all}: {form}");
        }
    }
}

#[test]
fn what_was_told_twice_on_one_day_is_listed_twice() {
    let mut county = county();
    let thread = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    for text in ["she comes by bus", "or by car"] {
        hospital.act(&thread, message(text));
    }
    assert!(printed(hospital, Lang::En).contains("a note about me (2 times)"), "{}", printed(hospital, Lang::En));
    assert!(printed(hospital, Lang::Es).contains("una nota sobre mí (2 veces)"));
    let form = printed(hospital, Lang::En);
    let notice = Lang::En.words().brief_notice;
    assert_eq!(form.matches(notice).count(), 1, "{form}");
    assert!(!form.contains(&format!("{notice} (")), "one text for both kinds that the referral opened with: {form}");
}

#[test]
fn what_was_put_on_record_by_hand_and_never_told_is_struck_by_who_wrote_it_and_both_words_stay() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person(WHO);
    let wrong = Care::EmergencyTold(told_to("County Hospital", Some(clinic.now)));
    clinic.done::<DisclosuresView>(&wrong);
    county.sleep(DAY);
    let clinic = county.office(CLINIC);
    // The same words again, of another moment, are another record.
    let view: DisclosuresView = clinic.done(&Care::EmergencyTold(told_to("County Hospital", Some(clinic.now))));
    assert_eq!((view.made, view.disclosures.iter().filter(|one| one.by_hand).count()), (4, 4));
    let last = view.disclosures.last().expect("the first that was told").clone();
    assert_eq!(clinic.refused(&strike(&last, " ")).0, FailureClass::Misuse, "not without a reason");
    clinic.sign_in_as("Ada Other", "navigator");
    assert_eq!(clinic.refused(&strike(&last, "mine?")).0, FailureClass::NotPermitted, "nor by anybody");
    let view: DisclosuresView = clinic.officer(&strike(&last, "it was another person"));
    assert_eq!((view.made, view.disclosures.len()), (2, 4), "both kinds of that telling, and no other");
    let struck: Vec<&DisclosureView> = view.disclosures.iter().filter(|one| !one.by_hand).collect();
    assert_eq!(struck.len(), 2);
    for one in struck {
        let what = one.what.reveal();
        assert!(what.starts_with("takes methadone, 80 mg (") && what.contains("it was another person"), "{what}");
        assert_eq!(one.at, last.at);
    }
    assert_eq!(clinic.as_officer(|office| office.refused(&strike(&last, "again"))).0, FailureClass::Misuse);
    let form = printed(clinic, Lang::En);
    assert_eq!(form.matches("takes methadone").count(), 2, "what stands, for each kind: {form}");
    let breach: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::to("County Hospital")));
    assert_eq!((breach.made, breach.disclosures.len()), (2, 4));
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(clinic.records(), before);
}

#[test]
fn what_a_referral_told_is_struck_by_nobody() {
    let mut county = county();
    sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let all = listed(hospital, None).disclosures;
    assert!(!all.is_empty() && all.iter().all(|one| !one.by_hand && one.recorded == one.at));
    assert_eq!(hospital.as_officer(|office| office.refused(&strike(&all[0], "no"))).0, FailureClass::Misuse);
}

#[test]
fn the_list_that_a_breach_needs_says_whom_it_is_about_also_where_nobody_is_linked() {
    let mut county = county();
    let told = super::sent(&mut county, Some(vec![Information::Referral]));
    let hospital = county.office(HOSPITAL);
    let consent =
        hospital.consent_to_tell("Ridge Clinic", vec![Information::Referral], Some(vec![Information::Referral]), 90);
    let untold = hospital.send(&consent).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    for id in [&told, &untold] {
        clinic.act(id, message("we look who it is"));
    }
    let to = Care::Disclosures(DisclosuresAsk::to("County Hospital"));
    let rows = clinic.done::<DisclosuresView>(&to).disclosures;
    let about: std::collections::BTreeSet<String> = rows.iter().map(|row| row.about().reveal().clone()).collect();
    let short = |id: &str| id[..8].to_owned();
    let expected = [
        format!("{WHO}, as told in referral {} (not linked)", short(&told)),
        format!("not linked, referral {}", short(&untold)),
    ];
    assert_eq!(about, expected.into());
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&told)));
    let rows = clinic.done::<DisclosuresView>(&to).disclosures;
    assert!(rows.iter().any(|row| row.about().reveal() == WHO && row.unlinked.is_none()));
}

#[test]
fn a_time_that_ends_the_day_before_it_begins_is_refused_and_says_both_days() {
    let mut county = county();
    super::sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let day = |text: &str| crate::system::begin(text).expect("a day");
    let asked = |since: &str, until: &str| {
        let until = crate::system::end(until).expect("a day");
        Care::Disclosures(DisclosuresAsk {
            since: Some(day(since)),
            until: Some(until),
            ..DisclosuresAsk::to("Ridge Clinic")
        })
    };
    for (since, until) in [("2026-11-29", "2026-11-28"), ("2026-11-29", "2026-11-01")] {
        let why = hospital.refused(&asked(since, until)).1;
        assert!(why.contains(&format!("{until} lies before {since}")), "{why}");
    }
    hospital.done::<DisclosuresView>(&asked("2026-11-29", "2026-11-29"));
}
