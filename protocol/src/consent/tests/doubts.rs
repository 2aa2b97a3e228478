//! A consent that may be false, and what a recipient is told of an end, row by row.

use super::*;

const AT: Time = Time(NOW.0 + 60_000);

fn tells(records: &[Consent], now: Time) -> Result<Permit, Refusal> {
    decide(Basis::Versions(&fold(records.to_vec())), &there(), now)
}

#[test]
fn a_doubt_stops_what_is_told_and_leaves_what_was_told_to_be_read() {
    let mut doubted = signed();
    doubted.doubt("her sister signed".into(), by(), AT);
    let consent = [Consent::Signed(doubted.clone())];
    let refusal = tells(&consent, AT).expect_err("it may be false");
    assert_eq!(refusal.clause, "42 CFR 2.31(c)(4)");
    assert!(refusal.why.contains("suspended since") && !refusal.to_string().contains("sister"), "{refusal}");
    assert_eq!(consent[0].state(AT), "suspended");
    let show = Ask { action: Action::Show, ..there() };
    assert!(decide(&consent[0], &show, AT).is_ok(), "our own staff read on");
    let before = Ask { action: Action::Export, ..there() };
    assert!(decide(Basis::Then(&consent, NOW), &before, AT.plus(1)).is_ok(), "as it stood then");
    assert!(doubted.uphold("she signed herself".into(), by(), AT.plus(1)));
    assert!(!doubted.uphold("again".into(), by(), AT.plus(2)), "nothing is left to end");
    assert!(tells(&[Consent::Signed(doubted)], AT.plus(3)).is_ok());
}

#[test]
fn a_doubt_holds_for_every_version_and_one_that_was_not_known_goes_on() {
    let first = signed();
    let second = signed_from(first.amend());
    let (mut here, mut there) = (second, first.clone());
    here.doubt("the date is wrong".into(), by(), AT);
    there.doubt("her sister signed".into(), by(), AT.plus(1));
    here.uphold("it is the right date".into(), by(), AT.plus(2));
    let first = Consent::Signed(first);
    assert!(tells(&[first.clone(), Consent::Signed(here.clone())], AT.plus(3)).is_ok());
    let both = [first, Consent::Signed(here), Consent::Signed(there)];
    assert!(fold(both.to_vec()).iter().all(|consent| consent.state(AT) == "suspended"));
    assert!(tells(&both, AT.plus(3)).is_err(), "whoever let it stand did not know of the other doubt");
}

#[test]
fn only_of_a_revocation_a_recipient_is_told_why_nothing_more_is_told() {
    let word =
        Ask { information: Information::Referral, purpose: Purpose::AtRequest, action: Action::Export, ..there() };
    let heard = |versions: &[Consent]| decide(Basis::Ended(Ended::Word(versions)), &word, AT).is_ok();
    let says = |consent: Consent| heard(&[consent]);
    assert!(!heard(&ended::replaced()), "a version that names another in its place");
    let mut gone = signed();
    gone.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let mut left_out = signed();
    left_out.restricted.push(Restriction { to: Some(CLINIC), ..not_told() });
    let mut doubted = signed();
    doubted.doubt("her sister signed".into(), by(), NOW);
    let void = Void { signed: signed(), at: NOW, why: "forged".into(), by: by(), revoked: None };
    assert!(says(Consent::Revoked(signed().revoke(Told::Spoken, by(), NOW).expect("at any time"))));
    assert!(says(Consent::Signed(gone)), "for that one");
    for (row, consent) in [
        ("stands", Consent::Signed(signed())),
        ("left out", Consent::Signed(left_out)),
        ("suspended", Consent::Signed(doubted)),
        ("false", Consent::Void(void)),
    ] {
        assert!(!says(consent), "{row}");
    }
}

#[test]
fn a_recipient_says_the_reason_that_it_was_told_and_no_other() {
    let scope = signed().scope_for(CLINIC).expect("whole");
    let back = ask(CLINIC, HOSPITAL, Information::Referral);
    for (shut, clause, says) in [
        (Shut::TakenBack(NOW), "42 CFR 2.31(c)(3)", true),
        (Shut::NothingMore(NOW), "42 CFR 2.31(c)", false),
        (Shut::Doubted(NOW), "42 CFR 2.31(c)(4)", false),
    ] {
        let refusal = decide(Basis::Withdrawn(&scope, shut), &back, NOW).expect_err("it has ended");
        assert_eq!((refusal.clause, refusal.why.contains("revoked")), (clause, says));
    }
}

#[test]
fn what_a_recipient_doubts_it_neither_tells_nor_passes_on_and_reads_on() {
    let scope = signed().scope_for(CLINIC).expect("whole");
    let back = ask(CLINIC, HOSPITAL, Information::Referral);
    let shut = Shut::Doubted(NOW);
    assert!(decide(Basis::Scope(&scope, &[]), &back, AT).is_ok());
    assert!(decide(Basis::Withdrawn(&scope, shut), &back, AT).is_err());
    let show = Ask { action: Action::Show, ..ask(HOSPITAL, CLINIC, Information::Referral) };
    assert!(decide(Basis::Withdrawn(&scope, shut), &show, AT).is_ok(), "its own staff read on");
    let to = party(HOSPITAL, PartnerKind::CoveredEntity);
    let export = Ask { action: Action::Export, ..back };
    let onward =
        |shut| decide(Basis::Onward(&scope, &Onward { to: to.clone(), contract: false, shut }, &[]), &export, AT);
    assert!(onward(None).is_ok());
    assert_eq!(onward(Some(shut)).expect_err("it may be false").clause, "42 CFR 2.31(c)(4)");
}

#[test]
fn a_word_that_ends_doubts_ends_those_that_its_author_knew_wherever_they_stand() {
    let doubt = |why: &str, at| Doubt { at, why: why.into(), by: by(), ends: Vec::new() };
    let (one, other) = (doubt("her sister signed", AT), doubt("the date is wrong", AT));
    let stands = Doubt { ends: ends_of(std::slice::from_ref(&one)), ..doubt("she signed herself", AT.plus(1)) };
    let open = |words: &[Doubt]| open_doubts(words).count();
    assert_eq!(open(&[one.clone(), stands.clone()]), 0);
    assert_eq!(open(&[stands, other, one]), 1);
}

#[test]
fn each_suspension_that_is_over_lasted_from_its_doubt_until_the_first_word_that_ended_it() {
    let doubt = |at: u64| Doubt { at: AT.plus(at), why: "her sister signed".into(), by: by(), ends: Vec::new() };
    let over = |at: u64, words: &[Doubt]| Doubt { ends: ends_of(words), ..doubt(at) };
    let (one, other) = (doubt(1), doubt(5));
    let (first, again) = (over(2, std::slice::from_ref(&one)), over(3, std::slice::from_ref(&one)));
    let words = [again, one, first, other.clone()];
    let at = |n: u64| AT.plus(n);
    assert_eq!(suspensions(&words), [(at(1), at(2))], "the second still stands");
    let words = [words.as_slice(), &[over(7, &[other])]].concat();
    assert_eq!(suspensions(&words), [(at(1), at(2)), (at(5), at(7))]);
}
