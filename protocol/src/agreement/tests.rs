//! What holds is the same in whatever order it came, and only what both have signed holds.

use super::*;
use crate::fault::Class;
use crate::ids::{AgreementId, OrgId, SpaceId};
use crate::limits;
use crate::time::{DAY, Local, Time};
use proptest::prelude::*;

const COALITION: SpaceId = SpaceId([9; 32]);
const LOW: OrgId = OrgId([1; 32]);
const HIGH: OrgId = OrgId([2; 32]);
const STRANGER: OrgId = OrgId([3; 32]);
const NOW: Time = Time(100 * DAY);

fn agreement() -> AgreementId {
    id(COALITION, HIGH, LOW)
}

fn intake(acknowledge: u16) -> Intake {
    Intake {
        inclusion: vec!["adults".into()],
        exclusion: Vec::new(),
        needed: vec![Needed { name: "medication list".into(), form: None }],
        hours: Hours { acknowledge, acknowledge_urgent: 1, ..Hours::DEFAULT },
        late: vec![Late {
            deadline: Deadline::Acknowledge,
            step: NextStep::Phone,
            who: "front desk".into(),
            telephone: "555-0100".into(),
        }],
    }
}

fn terms(version: u32, acknowledge: u16) -> Terms {
    let side = |org, name: &str| Side {
        org,
        name: name.into(),
        contacts: vec![Contact {
            name: "Ana".into(),
            role: String::new(),
            telephone: "555-0101".into(),
            champion: true,
        }],
        intake: Some(intake(acknowledge)),
    };
    let sides = [side(LOW, "low"), side(HIGH, "high")];
    Terms {
        coalition: COALITION,
        version,
        sides,
        from: Local::utc(Time(50 * DAY)),
        until: None,
        note: String::new(),
        tie: None,
    }
}

fn said(org: OrgId, body: Body) -> Placed {
    Placed { org, time: NOW, body }
}

fn proposed(org: OrgId, terms: &Terms) -> Placed {
    said(org, Body::Proposed(Box::new(terms.clone())))
}

fn signed(org: OrgId, terms: &Terms) -> Placed {
    said(org, Body::Signed { agreement: terms.id(), terms: terms.hash(), by: "the director".into() })
}

fn ended(org: OrgId, through: u32) -> Placed {
    said(org, Body::Ended { agreement: agreement(), through, reason: String::new(), by: "the director".to_owned() })
}

fn holds(bodies: &[Placed]) -> Option<Hours> {
    fold(COALITION, agreement(), bodies).hours(HIGH, NOW)
}

#[test]
fn it_holds_once_both_have_signed_the_same_terms() {
    let (one, other) = (terms(1, 10), terms(1, 11));
    let mut bodies = vec![proposed(LOW, &one), signed(LOW, &one)];
    assert_eq!(holds(&bodies), None, "one signature");
    bodies.push(signed(HIGH, &other));
    assert_eq!(holds(&bodies), None, "a signature under terms that nobody proposed");
    bodies.push(proposed(HIGH, &other));
    assert_eq!(holds(&bodies), None, "each signed other terms");
    bodies.push(signed(HIGH, &one));
    assert_eq!(holds(&bodies).map(|hours| hours.acknowledge), Some(10));
}

#[test]
fn a_version_replaces_the_one_before_it_only_once_both_have_signed() {
    let (old, new) = (terms(1, 10), terms(2, 20));
    let mut bodies = vec![proposed(LOW, &old), signed(LOW, &old), signed(HIGH, &old)];
    bodies.extend([proposed(HIGH, &new), signed(HIGH, &new)]);
    assert_eq!(holds(&bodies).map(|hours| hours.acknowledge), Some(10));
    bodies.push(signed(LOW, &new));
    assert_eq!(holds(&bodies).map(|hours| hours.acknowledge), Some(20));
    let all = fold(COALITION, agreement(), &bodies);
    let standings: Vec<_> = all.versions.iter().map(|version| all.standing(version, NOW)).collect();
    assert_eq!(standings, [Standing::InForce, Standing::Replaced]);
}

#[test]
fn a_stranger_proposes_signs_and_ends_nothing() {
    let agreed = terms(1, 10);
    let foreign = vec![proposed(STRANGER, &agreed), signed(LOW, &agreed), signed(HIGH, &agreed)];
    assert_eq!(holds(&foreign), None);
    let bodies = vec![proposed(LOW, &agreed), signed(LOW, &agreed), signed(STRANGER, &agreed), ended(STRANGER, 9)];
    assert_eq!(holds(&bodies), None);
    let bodies = vec![proposed(LOW, &agreed), signed(LOW, &agreed), signed(HIGH, &agreed), ended(STRANGER, 9)];
    assert!(holds(&bodies).is_some());
}

#[test]
fn either_side_ends_it_and_a_higher_version_begins_anew() {
    let (old, new) = (terms(1, 10), terms(2, 20));
    let mut bodies = vec![proposed(LOW, &old), signed(LOW, &old), signed(HIGH, &old), ended(HIGH, 1)];
    assert_eq!(holds(&bodies), None);
    assert_eq!(fold(COALITION, agreement(), &bodies).highest(), 1);
    bodies.extend([proposed(LOW, &new), signed(LOW, &new), signed(HIGH, &new)]);
    assert_eq!(holds(&bodies).map(|hours| hours.acknowledge), Some(20));
}

#[test]
fn it_holds_from_its_first_moment_up_to_its_last() {
    let agreed = Terms { from: Local::utc(NOW), until: Some(Local::utc(NOW.plus(DAY))), ..terms(2, 10) };
    let before = terms(1, 30);
    let both = |terms: &Terms| vec![proposed(LOW, terms), signed(LOW, terms), signed(HIGH, terms)];
    let all = fold(COALITION, agreement(), &[both(&agreed), both(&before)].concat());
    let at = |time: Time| all.hours(LOW, time).map(|hours| hours.acknowledge);
    assert_eq!(at(Time(NOW.0 - 1)), Some(30), "until it begins the one before it holds");
    assert_eq!(at(NOW), Some(10));
    assert_eq!(at(NOW.plus(DAY - 1)), Some(10));
    assert_eq!(at(NOW.plus(DAY)), None, "one that has run out brings back none");
    assert_eq!(all.standing(&all.versions[0], NOW.plus(DAY)), Standing::Expired);
    assert_eq!(all.standing(&all.versions[0], Time(NOW.0 - 1)), Standing::Coming);
}

#[test]
fn readers_of_documents_leave_it_alone_and_it_leaves_documents_alone() {
    let body = Body::Proposed(Box::new(terms(1, 10))).encode();
    assert!(is_agreement(&body));
    assert_eq!(crate::document::Body::decode(&body).unwrap_err().class, Class::Malformed);
    let packed = crate::document::Packed { document: crate::ids::DocumentId([b'A'; 32]), zstd: vec![b'A'; 9] };
    let document = crate::document::Body::Change(packed).encode();
    assert!(!is_agreement(&document));
    assert!(Body::decode(&document).is_err());
    let mut newer = body.clone();
    newer[1] = 2;
    assert_eq!(Body::decode(&newer).unwrap_err().class, Class::Incompatible);
    assert_eq!(Body::decode(&body).unwrap().encode(), body);
}

#[test]
fn what_is_wrong_in_terms_is_named_by_its_field() {
    let wrong = |change: &dyn Fn(&mut Terms)| {
        let mut terms = terms(1, 10);
        change(&mut terms);
        terms.check().unwrap_err().message
    };
    let intake = |terms: &mut Terms, change: &dyn Fn(&mut Intake)| change(terms.sides[0].intake.as_mut().unwrap());
    assert!(wrong(&|t| t.sides.reverse()).contains("order"));
    assert!(wrong(&|t| t.until = Some(t.from)).starts_with("until:"));
    assert!(wrong(&|t| t.sides[1].contacts[0].telephone.clear()).starts_with("contact: telephone:"));
    assert!(wrong(&|t| intake(t, &|i| i.hours.summary = 0)).starts_with("summary:"));
    assert!(wrong(&|t| intake(t, &|i| i.hours.acknowledge_urgent = 11)).starts_with("acknowledge_urgent:"));
    assert!(wrong(&|t| intake(t, &|i| i.needed[0].name = " ".into())).starts_with("needed: name:"));
    assert!(wrong(&|t| intake(t, &|i| i.inclusion = vec![String::new(); 33])).starts_with("inclusion:"));
    assert!(wrong(&|t| intake(t, &|i| i.late[0].who.clear())).starts_with("late: who:"));
}

#[test]
fn nothing_in_the_terms_is_more_than_its_bound() {
    type Change = fn(&mut Intake, usize);
    let with = |change: Change, n: usize| {
        let mut terms = terms(1, 10);
        terms.sides.iter_mut().for_each(|side| change(side.intake.as_mut().unwrap(), n));
        terms.check().map_err(|fault| fault.message)
    };
    let form = |n: usize| Needed { name: n.to_string(), form: Some(Form::new("a.txt", b"Name:").unwrap()) };
    let one_form: Change = |intake, n| intake.needed = vec![Needed { name: n.to_string(), form: None }; n];
    let bounds: [(&str, usize, Change); 5] = [
        ("inclusion:", limits::AGREED_LINES, |intake, n| intake.inclusion = vec![String::new(); n]),
        ("exclusion:", limits::CRITERION_CHARS, |intake, n| intake.exclusion = vec!["\u{e9}".repeat(n)]),
        ("late:", limits::AGREED_LINES, |intake, n| intake.late = vec![intake.late[0].clone(); n]),
        ("needed:", limits::AGREED_LINES, one_form),
        ("acknowledge:", limits::AGREED_HOURS as usize, |intake, n| intake.hours.acknowledge = n as u16),
    ];
    for (field, most, change) in bounds {
        assert_eq!(with(change, most), Ok(()), "{field}");
        assert!(with(change, most + 1).unwrap_err().starts_with(field), "{field}");
    }
    // Of both sides together.
    let forms = |n: usize| {
        let mut terms = terms(1, 10);
        terms.sides[0].intake.as_mut().unwrap().needed = (1..n).map(form).collect();
        terms.sides[1].intake.as_mut().unwrap().needed = vec![form(n)];
        terms.check().map_err(|fault| fault.message)
    };
    assert_eq!(forms(limits::AGREEMENT_FORMS), Ok(()));
    assert!(forms(limits::AGREEMENT_FORMS + 1).unwrap_err().starts_with("needed: more than"));
    let long: Change = |intake, n| {
        let lines = vec!["\u{10348}".repeat(limits::CRITERION_CHARS); n];
        (intake.inclusion, intake.exclusion) = (lines.clone(), lines);
    };
    let line = 4 * limits::CRITERION_CHARS;
    assert_eq!(with(long, limits::TERMS_BYTES / (5 * line)), Ok(()));
    assert!(with(long, limits::TERMS_BYTES / (4 * line) + 1).unwrap_err().contains("shorten"));
    let text = |bytes| Form::new("a.txt", &vec![b'x'; bytes]).unwrap().text;
    assert!(text(limits::FORM_TEXT_BYTES).is_some() && text(limits::FORM_TEXT_BYTES + 1).is_none());
}

#[test]
fn of_many_versions_the_highest_are_kept_and_those_that_wait_push_out_none_that_was_signed() {
    let signed_ones = 1..=u32::try_from(limits::AGREEMENT_VERSIONS).unwrap() + 1;
    let waiting = 1_001..=1_001 + u32::try_from(limits::AGREEMENT_PROPOSALS).unwrap();
    let mut bodies: Vec<Placed> = waiting.clone().map(|version| proposed(HIGH, &terms(version, 10))).collect();
    for version in signed_ones.clone() {
        let agreed = terms(version, 10);
        bodies.extend([proposed(LOW, &agreed), signed(LOW, &agreed), signed(HIGH, &agreed)]);
    }
    let all = fold(COALITION, agreement(), &bodies);
    let kept: Vec<u32> = all.versions.iter().map(|version| version.terms.version).collect();
    let waiting = waiting.rev().take(limits::AGREEMENT_PROPOSALS);
    let highest: Vec<u32> = waiting.chain(signed_ones.rev().take(limits::AGREEMENT_VERSIONS)).collect();
    assert_eq!(kept, highest);
}

#[test]
fn a_short_text_form_stands_in_the_terms_and_its_hash_must_be_true() {
    let form = Form::new("intake.txt", b"Name of the program:").unwrap();
    assert_eq!(form.text.as_deref(), Some("Name of the program:"));
    assert!(form.is(b"Name of the program:") && !form.is(b"another"));
    assert_eq!(Form::new("scan.pdf", &[0xff; 9]).unwrap().text, None);
    assert!(Form::new("huge", &vec![0xff; limits::FORM_BYTES + 1]).is_err());
    let mut forged = terms(1, 10);
    forged.sides[0].intake.as_mut().unwrap().needed[0].form =
        Some(Form { text: Some("Name of the_program:".into()), ..form });
    assert!(forged.check().is_err());
}

/// Anything that any of three organisations may say about two competing versions each of three numbers.
fn anything() -> impl Strategy<Value = Placed> {
    let org = prop_oneof![Just(LOW), Just(HIGH), Just(STRANGER)];
    let which = (1u32..=3, 10u16..=11);
    (org, which, 0u8..8, 0u64..4).prop_map(|(org, (version, hours), what, late)| {
        let terms = terms(version, hours);
        let mut placed = match what {
            0 => ended(org, version - 1),
            1..=3 => proposed(org, &terms),
            _ => signed(org, &terms),
        };
        placed.time = placed.time.plus(late);
        placed
    })
}

proptest! {
    #[test]
    fn any_order_and_any_duplication_give_the_same_answer(
        (bodies, shuffled) in prop::collection::vec(anything(), 0..40).prop_flat_map(|bodies| {
            let twice = bodies.iter().chain(bodies.iter().step_by(2)).cloned().collect::<Vec<_>>();
            (Just(bodies), Just(twice).prop_shuffle())
        })
    ) {
        let (one, other) = (fold(COALITION, agreement(), &bodies), fold(COALITION, agreement(), &shuffled));
        prop_assert_eq!(&one, &other);
        if let Some(version) = one.holds(NOW) {
            prop_assert!(version.is_signed());
            for rival in one.versions.iter().filter(|rival| rival.is_signed() && rival.hash != version.hash) {
                let ended = one.ended.as_ref().is_some_and(|end| rival.terms.version <= end.through);
                prop_assert!(
                    ended || (version.terms.version, std::cmp::Reverse(version.hash)) > (rival.terms.version, std::cmp::Reverse(rival.hash))
                );
            }
        }
    }
}
