//! New versions: what changes is data, what both allow goes on, and no part of it tells one recipient of another.

use super::*;
use proptest::prelude::*;

const ORGS: [OrgId; 4] = [HOSPITAL, CLINIC, SHELTER, OrgId([4; 32])];
const NAMES: [&str; 4] = ["County Hospital", "Ridge Clinic", "Harbor Shelter", "Second Chance Peers"];

fn all() -> Vec<Party> {
    let kinds = [PartnerKind::Part2Program, PartnerKind::CoveredEntity, PartnerKind::NonCoveredCbo, PartnerKind::Other];
    let each = ORGS.into_iter().zip(NAMES).zip(kinds);
    each.map(|((org, name), kind)| Party { org, name: name.to_owned(), kind }).collect()
}

fn a_flow() -> impl Strategy<Value = Flow> {
    let purposes = [Purpose::Treatment, Purpose::Payment, Purpose::Other("for Harbor Shelter to find housing".into())];
    (0..4_usize, 1..4_usize, 0..6_usize, prop::sample::select(purposes.to_vec())).prop_map(
        |(from, step, kind, purpose)| Flow {
            from: ORGS[from],
            to: ORGS[(from + step) % 4],
            information: Information::ALL[kind],
            purpose,
        },
    )
}

fn some_terms() -> impl Strategy<Value = Terms> {
    (prop::collection::vec(a_flow(), 1..12), prop::collection::vec((0..4_usize, 0..4_usize), 0..4), 1..400_u64)
        .prop_map(|(mut flows, knows, days)| {
            flows.sort_unstable();
            flows.dedup();
            let mut terms = Terms::of(Class::General, Signer::Person, "Zephyrine Quillfeather".into(), &all(), flows);
            let pairs = knows.into_iter().map(|(who, of)| Knows { who: ORGS[who], of: ORGS[of] });
            terms.acquaintances =
                pairs.filter(|k| terms.party(k.who).is_some() && terms.party(k.of).is_some()).collect();
            terms.acquaintances.sort_unstable();
            terms.acquaintances.dedup();
            terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(days * DAY))));
            terms
        })
}

fn version(version: u32, terms: Terms) -> Signed {
    upon(&[], version, terms)
}

/// A version that was made of these.
fn upon(heads: &[&Signed], version: u32, terms: Terms) -> Signed {
    let upon = Upon::these(heads);
    signed_from(Draft { id: ConsentId([7; 32]), version, person: PersonId([8; 32]), terms, upon })
}

fn every_ask() -> Vec<Ask> {
    let mut asks = Vec::new();
    for from in ORGS {
        for to in ORGS {
            for information in Information::ALL {
                for purpose in [Purpose::Treatment, Purpose::Payment, Purpose::AtRequest] {
                    asks.push(Ask { from, to, information, purpose, action: Action::Seal });
                }
            }
        }
    }
    asks
}

proptest! {
    #[test]
    fn the_changes_make_the_next_version_out_of_the_one_before(before in some_terms(), after in some_terms()) {
        let changes = Changes::between(&before, &after);
        let made = changes.applied(&before);
        prop_assert!(Changes::between(&made, &after).is_empty(), "{changes:?}");
        prop_assert_eq!(made.parties(), after.parties());
        prop_assert!(Changes::between(&before, &before).is_empty());
        let again = Changes::between(&after, &before).applied(&made);
        prop_assert!(Changes::between(&again, &before).is_empty());
    }

    #[test]
    fn a_thread_under_an_older_version_may_what_both_allow_and_what_the_later_opens_anew(before in some_terms(), after in some_terms()) {
        let first = version(1, before);
        let second = upon(&[&first], 2, after);
        let versions = [Consent::Signed(first), Consent::Signed(second)];
        for ask in every_ask() {
            let each: Vec<_> = versions.iter().map(|v| decide(v, &ask, NOW)).collect();
            let both = decide(Basis::Versions(&versions), &ask, NOW);
            let way = |f: &Flow| (f.from, f.to, f.information) == (ask.from, ask.to, ask.information);
            let concerned = if ask.from == ask.to || versions[0].terms().flows.iter().any(way) { 0 } else { 1 };
            prop_assert_eq!(both.is_ok(), each[concerned..].iter().all(Result::is_ok), "{:?}", ask);
            if let (Ok(both), [Ok(a), Ok(b)]) = (&both, each.as_slice())
                && ask.from != ask.to
            {
                prop_assert_eq!(both.version(), 2);
                prop_assert_eq!(both.expires(), b.expires(), "the newest says when: {:?}", a.expires());
            }
        }
    }

    #[test]
    fn no_part_holds_the_name_or_id_of_whom_its_recipient_may_not_know(terms in some_terms()) {
        let consent = version(1, terms.clone());
        for recipient in ORGS {
            let scope = consent.scope_for(recipient).expect("whole");
            let bytes = crate::codec::encode(&scope);
            let text = explain(&scope);
            for (other, name) in ORGS.into_iter().zip(NAMES) {
                if terms.party(other).is_none() || terms.knows(recipient, other) {
                    continue;
                }
                prop_assert!(!bytes.windows(32).any(|w| w == other.as_bytes()), "the id of {name}");
                prop_assert!(!bytes.windows(name.len()).any(|w| w == name.as_bytes()), "the name of {name}");
                prop_assert!(!text.contains(name), "{}", text);
            }
            prop_assert!(scope.check().is_ok());
        }
    }

    #[test]
    fn each_recipient_decides_on_its_part_as_the_whole_does(terms in some_terms()) {
        let consent = version(1, terms);
        let whole = Consent::Signed(consent.clone());
        for recipient in ORGS {
            let scope = consent.scope_for(recipient).expect("whole");
            for ask in every_ask() {
                if ask.from == recipient || ask.to == recipient {
                    let (a, b) = (decide(&whole, &ask, NOW), decide(Basis::Scope(&scope, &[]), &ask, NOW));
                    prop_assert_eq!(a.is_ok(), b.is_ok(), "{:?}: {:?} but {:?}", ask, a, b);
                }
            }
        }
    }
}

#[test]
fn the_newest_version_says_when_it_ends_sooner_or_later() {
    let ending = |upon: Upon, number, days| {
        let mut one = signed();
        (one.version, one.upon, one.terms.expiry) = (number, upon, Some(Expiry::On(Local::utc(NOW.plus(days * DAY)))));
        one
    };
    let ask = ask(HOSPITAL, CLINIC, Information::Referral);
    for (first, second) in [(90, 300), (90, 10)] {
        let one = ending(Upon::default(), 1, first);
        let two = ending(Upon::these(&[&one]), 2, second);
        let versions = [one, two].map(Consent::Signed);
        let permit = decide(Basis::Versions(&versions), &ask, NOW).expect("both stand");
        assert_eq!(permit.expires(), Some(NOW.plus(second * DAY)));
        assert!(decide(Basis::Versions(&versions), &ask, NOW.plus((second - 1) * DAY)).is_ok(), "{first}, {second}");
        let over = decide(Basis::Versions(&versions), &ask, NOW.plus(second * DAY)).expect_err("over");
        assert_eq!(over.clause, "42 CFR 2.31(c)(1)");
    }
}

#[test]
fn an_amendment_tells_what_is_new_and_nothing_else() {
    let before = signed();
    let mut next = before.amend();
    assert_eq!((next.version, next.id), (2, before.id));
    let shelter = party(SHELTER, PartnerKind::NonCoveredCbo);
    let parties: Vec<Party> = next.terms.parties().into_iter().cloned().chain([shelter]).collect();
    let way = Flow { from: HOSPITAL, to: SHELTER, information: Information::Referral, purpose: Purpose::Tpo };
    next.terms.flows.push(way.clone());
    next.terms.follow_flows(&parties);
    let changes = Changes::between(&before.terms, &next.terms);
    assert_eq!((changes.joined.len(), changes.opened.as_slice(), changes.narrows()), (1, &[way][..], false));
    assert_eq!((changes.left.len(), &changes.supervision, &changes.proceeding), (0, &None, &None));
    assert!(!changes.is_empty());
    let back = Changes::between(&next.terms, &before.terms);
    assert_eq!(back.left.iter().map(|p| p.org).collect::<Vec<_>>(), [SHELTER]);
    assert_eq!((back.joined.len(), back.narrows()), (0, true));
}

#[test]
fn whatever_takes_something_away_narrows_and_what_adds_does_not() {
    let mut whole = signed().terms;
    whole.acquaintances = vec![Knows { who: CLINIC, of: SHELTER }];
    whole.team = vec![HOSPITAL, CLINIC];
    whole.restrictions = vec![not_told()];
    let matter = |words: &str| {
        let day = Moment::On(Local::utc(NOW));
        Some(Supervision { matter: words.into(), revocable: day.clone(), disposition: day })
    };
    whole.supervision = matter("probation of 2026");
    let less: [(&str, Change<'_, Terms>); 5] = [
        ("a way", &|t| _ = t.flows.pop()),
        ("who may know", &|t| t.acquaintances.clear()),
        ("who is in the team", &|t| _ = t.team.pop()),
        ("what is left out", &|t| t.restrictions.push(Restriction { to: None, ..not_told() })),
        ("when it ends", &|t| t.expiry = Some(Expiry::On(Local::utc(NOW.plus(10 * DAY))))),
    ];
    for (row, change) in less {
        let mut after = whole.clone();
        change(&mut after);
        assert!(Changes::between(&whole, &after).narrows(), "{row}");
    }
    let more: [(&str, Change<'_, Terms>); 5] = [
        ("a way", &|t| t.flows.push(Flow { information: Information::Crisis, ..t.flows[0].clone() })),
        ("who may know", &|t| t.acquaintances.push(Knows { who: SHELTER, of: CLINIC })),
        ("who is in the team", &|t| t.team.push(SHELTER)),
        ("what is let in again", &|t| t.restrictions.clear()),
        ("another matter", &|t| t.supervision = matter("parole")),
    ];
    for (row, change) in more {
        let mut after = whole.clone();
        change(&mut after);
        let changes = Changes::between(&whole, &after);
        assert!(!changes.narrows() && !changes.is_empty(), "{row}");
        assert_eq!(changes.supervision.is_some(), row == "another matter");
    }
}

#[test]
fn whoever_was_revoked_is_out_of_the_next_version() {
    let mut consent = signed();
    consent.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let next = consent.amend();
    assert!(next.terms.party(CLINIC).is_none() && next.terms.flows.is_empty());
}

#[test]
fn what_stands_is_without_whom_the_person_took_out_and_with_what_was_left_out_since() {
    let mut consent = signed();
    let shelter = party(SHELTER, PartnerKind::NonCoveredCbo);
    let parties: Vec<Party> = consent.terms.parties().into_iter().cloned().chain([shelter]).collect();
    for (from, to) in [(HOSPITAL, SHELTER), (SHELTER, HOSPITAL)] {
        consent.terms.flows.push(Flow { from, to, information: Information::Referral, purpose: Purpose::Tpo });
    }
    consent.terms.follow_flows(&parties);
    let knows = |who, of| Knows { who, of };
    consent.terms.acquaintances = vec![knows(CLINIC, SHELTER), knows(SHELTER, CLINIC), knows(HOSPITAL, CLINIC)];
    consent.terms.team = vec![HOSPITAL, CLINIC, SHELTER];
    consent.terms.restrictions = vec![not_told()];
    consent.restricted = vec![not_told(), Restriction { to: Some(SHELTER), ..not_told() }];
    for _ in 0..2 {
        consent.withdraw(SHELTER, Told::Spoken, by(), NOW).expect("named");
    }
    assert_eq!(consent.withdrawn.len(), 1, "said twice, and one word");
    let terms = consent.standing();
    assert!(terms.party(SHELTER).is_none() && terms.party(CLINIC).is_some());
    assert_eq!(terms.acquaintances, [knows(HOSPITAL, CLINIC)]);
    assert_eq!(terms.team, [HOSPITAL, CLINIC]);
    assert_eq!(terms.restrictions.len(), 2, "each once");
    assert_eq!(terms.restrictions[1].to, Some(SHELTER));
    consent.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    assert_eq!(consent.withdrawn.len(), 2);
    assert!(consent.standing().flows.is_empty() && consent.standing().acquaintances.is_empty());
}

#[test]
fn what_was_told_may_be_read_on_after_a_version_that_closes_the_way() {
    let first = signed();
    let mut next = first.amend();
    next.terms.flows.retain(|f| f.information != Information::Identity);
    let parties: Vec<Party> = next.terms.parties().into_iter().cloned().collect();
    next.terms.follow_flows(&parties);
    let versions = [Consent::Signed(first), Consent::Signed(signed_from(next))];
    let ask = ask(HOSPITAL, CLINIC, Information::Identity);
    assert!(decide(Basis::Versions(&versions), &ask, NOW).is_err(), "nothing new");
    let show = Ask { action: Action::Show, ..ask };
    assert!(decide(Basis::Versions(&versions), &show, NOW).is_ok(), "what was told before");
}
