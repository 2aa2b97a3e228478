//! Lengths and numbers of what a consent says, each to the last that may be and one beyond.

use super::*;
use crate::limits;

fn taken(change: impl FnOnce(&mut Terms)) -> bool {
    let mut terms = signed().terms;
    change(&mut terms);
    terms.check().is_ok()
}

/// Words of this many characters, of two bytes each.
fn words(chars: usize) -> String {
    "ñ".repeat(chars)
}

fn org(number: usize) -> OrgId {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    OrgId(bytes)
}

#[test]
fn each_name_and_text_is_taken_to_its_last_character() {
    type Write = fn(&mut Terms, String);
    let names: [(&str, Write); 4] = [
        ("the person", |t, words| t.person = Personal::new(words)),
        ("who tells", |t, words| t.disclosers[0].name = words),
        ("who is told", |t, words| t.recipients[0].name = words),
        ("a purpose", |t, words| t.purposes.push(Purpose::Other(Personal::new(words)))),
    ];
    let texts: [(&str, Write); 7] = [
        ("redisclosure", |t, words| t.redisclosure = words),
        ("opting out", |t, words| t.opt_out = words),
        ("authorization", |t, words| t.authorization = words),
        ("how to revoke", |t, words| t.revoke = words),
        ("a description", |t, words| t.information[0].description = words),
        ("a statement", |t, words| t.tpo.as_mut().expect("there").refusing = words),
        ("its event", |t, words| t.expiry = Some(Expiry::Event(Personal::new(words)))),
    ];
    let bounds = names.map(|name| (name, limits::NAME_CHARS)).into_iter();
    for ((row, write), most) in bounds.chain(texts.map(|text| (text, limits::TEXT_CHARS))) {
        for (chars, may) in [(most / 2 + 1, true), (most, true), (most + 1, false)] {
            assert_eq!(taken(|terms| write(terms, words(chars))), may, "{row} of {chars} characters");
        }
        assert!(!taken(|terms| write(terms, "n".repeat(most + 1))), "{row}, a byte each");
    }
}

#[test]
fn each_list_is_taken_to_its_last_row() {
    let parties = |terms: &mut Terms, many: usize| {
        terms.disclosers.truncate(1);
        terms.recipients = (1..many).map(|n| Party { org: org(n), ..party(CLINIC, PartnerKind::Other) }).collect();
    };
    type Fill<'f> = &'f dyn Fn(&mut Terms, usize);
    let rows: [(&str, usize, Fill<'_>); 5] = [
        ("parties", limits::CONSENT_PARTIES, &parties),
        ("ways", limits::CONSENT_FLOWS, &|t, many| t.flows = vec![t.flows[0].clone(); many]),
        ("who may know", limits::CONSENT_FLOWS, &|t, many| {
            t.acquaintances = vec![Knows { who: CLINIC, of: SHELTER }; many];
        }),
        ("what is left out", limits::CONSENT_RESTRICTIONS, &|t, many| t.restrictions = vec![not_told(); many]),
        ("a team", limits::TEAM_MEMBERS, &|t, many| t.team = (0..many).map(org).collect()),
    ];
    for (row, most, fill) in rows {
        for (many, may) in [(most - 1, true), (most, true), (most + 1, false)] {
            assert_eq!(taken(|terms| fill(terms, many)), may, "{row}: {many}");
        }
    }
    let kinds = |many: usize| {
        let described = Described { information: Information::Referral, description: "as said".to_owned() };
        taken(|terms| terms.information = vec![described; many])
    };
    assert!(kinds(Information::ALL.len()) && !kinds(Information::ALL.len() + 1));
}

#[test]
fn a_restriction_is_taken_to_its_last_character_and_kind() {
    let most = 4 * limits::TEXT_CHARS;
    let asked = |bytes: usize| Restriction { asked: Personal::new("n".repeat(bytes)), ..not_told() };
    let refused = |bytes: usize| {
        let why = Personal::new("n".repeat(bytes));
        Restriction { answer: Answered::Refused(why), ..not_told() }
    };
    let kinds = |many: usize| Restriction { information: vec![Information::Referral; many], ..not_told() };
    let all = Information::ALL.len();
    let rows = [
        ("asked", asked(most), true),
        ("asked, too long", asked(most + 1), false),
        ("refused", refused(most), true),
        ("refused, too long", refused(most + 1), false),
        ("every kind", kinds(all), true),
        ("more kinds than there are", kinds(all + 1), false),
        ("many more", kinds(2 * all), false),
        ("much too long", asked(2 * most), false),
    ];
    for (row, restriction, may) in rows {
        assert_eq!(taken(|terms| terms.restrictions = vec![restriction]), may, "{row}");
    }
}
