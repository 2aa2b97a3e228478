//! Forms to look at: filled in, and as empty as they come.

use crate::forms::accounting::{Accounting, Back, Basis, Item, Told, What};
use crate::forms::card::{Card, Dose, Reach, Visit};
use crate::forms::letter::{Letter, Office, Scope};
use crate::forms::plan::Plan;
use crate::forms::{Day, Lang, Sheet, accounting, amendment, card, consent, left_out, letter, plan, revocation};
use belay_protocol::consent::{
    Answered, Clause, Consent, Draft, Expiry, Facts, Information, Knows, Lawful, Order, Party, Purpose, Representation,
    Restriction, Signature, Signed, Signer, Supervision, Told as How, Void,
};
use belay_protocol::disclosure::Brief;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, StaffId};
use belay_protocol::referral::{By, Class, Flow, Identity, Moment, Urgency};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::{DAY, Local, Time, Zone};

pub const NOW: Time = Time(1_795_348_800_000);

/// A form, and what makes it.
pub struct Sample {
    pub name: &'static str,
    pub make: fn(Lang) -> Sheet,
}

/// Every form, filled in and empty.
pub fn all() -> Vec<Sample> {
    let sample = |name, make| Sample { name, make };
    vec![
        sample("consent", |lang| consent::sheet(&super::samples::consent(true), NOW, lang)),
        sample("consent, to sign", |lang| consent::sheet(&super::samples::consent(false), NOW, lang)),
        sample("consent, treatment alone", |lang| consent::sheet(&treated(), NOW, lang)),
        sample("consent, counselling notes", |lang| consent::sheet(&counselled(), NOW, lang)),
        sample("consent, asked and refused", |lang| consent::sheet(&asked(1, 1), NOW, lang)),
        sample("left out", |lang| {
            let all = asked(1, 1).terms().restrictions.clone().into_iter();
            let all = all.map(|restriction| left_out::Asked { restriction, to: Some("County Hospital".to_owned()) });
            let all: Vec<_> = all.collect();
            left_out::sheet("Hill Clinic", (&all, &let_in(&all)), lang)
        }),
        sample("left out, nothing", |lang| left_out::sheet("Hill Clinic", (&[], &[]), lang)),
        sample("consent, criminal justice", |lang| consent::sheet(&supervised(), NOW, lang)),
        sample("consent, proceeding", |lang| consent::sheet(&heard_in_court(), NOW, lang)),
        sample("consent, team", |lang| consent::sheet(&teamed(), NOW, lang)),
        sample("amendment, team", |lang| amendment::sheet(&signed(), &teamed(), OrgId([1; 32]), NOW, lang)),
        sample("amendment, team, more for one", |lang| {
            let (before, after) = named_for_more();
            amendment::sheet(&before, &after, OrgId([1; 32]), NOW, lang)
        }),
        sample("amendment", |lang| {
            let (before, after) = amended();
            amendment::sheet(&before, &after, OrgId([1; 32]), NOW, lang)
        }),
        sample("amendment, taken back", |lang| {
            let (before, after) = taken_back();
            amendment::sheet(&before, &after, OrgId([1; 32]), NOW, lang)
        }),
        sample("revocation", |lang| revocation::sheet(&super::samples::consent(true), OrgId([1; 32]), lang)),
        sample("amendment, signed for the person", |lang| {
            amendment::sheet(&guarded(), &Consent::Draft(amended_from(&guarded())), OrgId([1; 32]), NOW, lang)
        }),
        sample("revocation, signed for the person", |lang| {
            revocation::sheet(&Consent::Signed(guarded()), OrgId([1; 32]), lang)
        }),
        sample("revocation, void", |lang| revocation::sheet(&void(), OrgId([1; 32]), lang)),
        sample("revocation, heard", |lang| revocation::sheet(&revoked(), OrgId([1; 32]), lang)),
        sample("accounting", |lang| accounting::sheet(&told(), lang)),
        sample("accounting, empty", |lang| accounting::sheet(&Accounting { told: Vec::new(), ..told() }, lang)),
        sample("card", |lang| card::sheet(&super::samples::card(), lang)),
        sample("card, empty", |lang| card::sheet(&empty_card(), lang)),
        sample("plan", |lang| plan::sheet(&super::samples::plan(), lang)),
        sample("plan, empty", |lang| plan::sheet(&empty_plan(), lang)),
        sample("letter", |lang| letter::sheet(&super::samples::letter(), lang)),
        sample("letter, signed for the person", |lang| {
            let scope = Scope { represented: true, ..super::samples::letter().scope };
            letter::sheet(&Letter { scope, ..super::samples::letter() }, lang)
        }),
        sample("letter, empty", |lang| letter::sheet(&empty_letter(), lang)),
    ]
}

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Hill".into() }
}

fn party(org: u8, name: &str, kind: PartnerKind) -> Party {
    Party { org: OrgId([org; 32]), name: name.to_owned(), kind }
}

fn draft() -> Draft {
    draft_for(
        &[Information::Referral, Information::Identity, Information::Medication, Information::Crisis],
        &Purpose::Tpo,
    )
}

fn draft_for(tell: &[Information], why: &Purpose) -> Draft {
    let (from, to) =
        (party(1, "Hill Clinic", PartnerKind::Part2Program), party(2, "County Hospital", PartnerKind::CoveredEntity));
    let person = (PersonId([3; 32]), "Ada Wick".into());
    let mut draft = Draft::between(ConsentId([7; 32]), person, from, to, tell, &[Information::Referral], why);
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(365 * DAY))));
    draft
}

pub fn signed() -> Signed {
    let signature = Signature::typed("Ada Wick", Representation::Person);
    draft().sign(signature, Some(NOW), by(), NOW).expect("whole")
}

pub fn consent(sign: bool) -> Consent {
    if sign { Consent::Signed(signed()) } else { Consent::Draft(draft()) }
}

/// For one of the three purposes alone.
pub fn treated() -> Consent {
    Consent::Draft(draft_for(&[Information::Referral, Information::Identity], &Purpose::Treatment))
}

/// For counselling notes alone (2.31(b)).
pub fn counselled() -> Consent {
    let mut draft = draft_for(&[Information::Counselling], &Purpose::Treatment);
    draft.terms.class = Class::Counselling;
    Consent::Draft(draft)
}

/// With so many things left out as the person asked, and so many refused.
pub fn asked(kept: usize, refused: usize) -> Consent {
    let mut draft = draft();
    let one = |answer: Answered| Restriction {
        asked: "not my medicine".into(),
        of: OrgId([1; 32]),
        to: Some(OrgId([2; 32])),
        information: vec![Information::Medication],
        paid_in_full: false,
        answer,
        by: by(),
        at: NOW,
    };
    let no = || one(Answered::Refused("the hospital has to know it".into()));
    let all = (0..kept).map(|_| one(Answered::Agreed)).chain((0..refused).map(|_| no()));
    draft.terms.restrictions = all.collect();
    Consent::Draft(draft)
}

/// What was let in again, by word and in writing.
fn let_in(all: &[left_out::Asked]) -> Vec<left_out::Again> {
    let again = |(one, told): (&left_out::Asked, How)| left_out::Again {
        asked: one.clone(),
        told,
        by: "Nora Quill".into(),
        at: NOW,
    };
    all.iter().zip([How::Spoken, How::Written]).map(again).collect()
}

/// Signed by a guardian (2.15(a)(1)).
pub fn guarded() -> Signed {
    let mut draft = draft();
    draft.terms.signer = Signer::Guardian;
    let by_whom = Representation::Representative { name: "May Wick".into(), capacity: "guardian".into() };
    draft.sign(Signature::typed("May Wick", by_whom), Some(NOW), by(), NOW).expect("whole")
}

/// A consent that a minor signs with a parent, and a change of it that both have to sign.
pub fn by_both() -> (Signed, Consent) {
    let mut before = signed();
    before.terms.signer = Signer::MinorAndParent;
    let after = amended_from(&before);
    (before, Consent::Draft(after))
}

/// Known to be false (2.31(c)(4)).
pub fn void() -> Consent {
    Consent::Void(Void { signed: signed(), at: NOW, why: "another person signed".into(), by: by(), revoked: None })
}

/// For a court, signed by a minor and a parent, with something left out and an acquaintance.
pub fn supervised() -> Consent {
    let mut draft = draft();
    let terms = &mut draft.terms;
    (terms.class, terms.signer) = (Class::CriminalJustice, Signer::MinorAndParent);
    terms.purposes = vec![Purpose::Supervision];
    terms.tpo = None;
    terms.supervision = Some(supervision());
    terms.acquaintances = vec![Knows { who: OrgId([2; 32]), of: OrgId([1; 32]) }];
    terms.restrictions = vec![Restriction {
        asked: "not my medicine".into(),
        of: OrgId([1; 32]),
        to: Some(OrgId([2; 32])),
        information: vec![Information::Medication],
        paid_in_full: false,
        answer: Answered::Agreed,
        by: by(),
        at: NOW,
    }];
    Consent::Draft(draft)
}

fn supervision() -> Supervision {
    Supervision {
        matter: "my release from the county jail".into(),
        revocable: Moment::When("I end the program".into()),
        disposition: Moment::On(Local::utc(NOW.plus(200 * DAY))),
    }
}

/// For one hearing.
fn heard_in_court() -> Consent {
    let mut draft = draft();
    (draft.terms.class, draft.terms.purposes) = (Class::Proceedings, vec![Purpose::Proceedings]);
    draft.terms.proceeding = Some("my custody hearing, 26-118".into());
    draft.terms.tpo = None;
    Consent::Draft(draft)
}

/// A team of three.
fn teamed() -> Consent {
    let (_, Consent::Draft(mut after)) = amended() else { unreachable!("a draft") };
    after.terms.team = [1, 2, 4].map(|org| OrgId([org; 32])).to_vec();
    Consent::Draft(after)
}

/// One of a team is named for the health records as well.
fn named_for_more() -> (Signed, Consent) {
    let mut before = signed();
    before.terms = teamed().terms().clone();
    let mut after = before.amend();
    let (from, to) = (OrgId([1; 32]), OrgId([2; 32]));
    after.terms.flows.push(Flow { from, to, information: Information::Clinical, purpose: Purpose::Treatment });
    (before, Consent::Draft(after))
}

fn revoked() -> Consent {
    let mut signed = signed();
    signed.withdraw(OrgId([2; 32]), How::Spoken, by(), NOW).expect("named");
    Consent::Signed(signed)
}

/// A consent, and its next version with one recipient more.
pub fn amended() -> (Signed, Consent) {
    let before = signed();
    let after = amended_from(&before);
    (before, Consent::Draft(after))
}

fn amended_from(before: &Signed) -> Draft {
    let mut after = before.amend();
    let house = party(4, "Hope House", PartnerKind::NonCoveredCbo);
    after.terms.flows.push(Flow {
        from: OrgId([1; 32]),
        to: house.org,
        information: Information::Social,
        purpose: Purpose::Other("to find a home".into()),
    });
    after.terms.recipients.push(house);
    after.terms.purposes.push(Purpose::Other("to find a home".into()));
    after.terms.information.push(belay_protocol::referral::Described {
        information: Information::Social,
        description: Information::Social.description().to_owned(),
    });
    after
}

/// The same after it was signed, and taken back since.
pub fn taken_back() -> (Signed, Consent) {
    let (before, after) = amended();
    let signed = Signed { terms: after.terms().clone(), version: 2, ..signed() };
    (before, Consent::Revoked(signed.revoke(How::Spoken, by(), NOW).expect("revocable")))
}

/// A hospital, and one way to it.
pub struct Recipient {
    pub party: belay_protocol::referral::Party,
    pub flows: Vec<Flow>,
}

pub fn recipient() -> Recipient {
    let party = party(5, "County Hospital", PartnerKind::CoveredEntity);
    let (from, information) = (OrgId([1; 32]), Information::Referral);
    let flows = vec![Flow { from, to: party.org, information, purpose: Purpose::Treatment }];
    Recipient { party, flows }
}

pub fn told() -> Accounting {
    let told = |address: &str, basis| Told {
        day: Day::written(NOW),
        until: None,
        recipient: "County Hospital".to_owned(),
        address: address.to_owned(),
        what: What::Items(vec![
            Item::Told(Brief::Asked, Information::Referral),
            Item::Told(Brief::Identity, Information::Identity),
            Item::Told(Brief::File, Information::Clinical),
            Item::Told(Brief::TakenBack, Information::Referral),
        ]),
        purpose: Purpose::Treatment,
        basis,
        facts: None,
    };
    Accounting {
        by: "Ridge Clinic, 12 Ridge Road, 606-555-0101".to_owned(),
        person: "Ada Wick".into(),
        from: Day::written(Time(NOW.0 - 3 * 365 * DAY)),
        to: Day::written(NOW),
        told: vec![
            told("12 Ridge Road", Basis::Consent { id: "07070707".to_owned(), version: 2 }),
            Told {
                what: What::Written(vec![Information::Crisis], "Mo is called first".into()),
                facts: Some((emergency(), "2026-11-20 03:10".to_owned())),
                ..told("", Basis::Law { clause: "42 CFR 2.51(a)".to_owned(), why: None })
            },
            Told {
                what: What::Items(vec![Item::Opened(Information::Crisis), Item::OpenedLate(Information::Medication)]),
                facts: Some((emergency(), "2026-11-20 03:10".to_owned())),
                ..told("", Basis::Law { clause: "42 CFR 2.51(a)".to_owned(), why: None })
            },
            ordered(told("", Basis::Law { clause: "42 CFR 2.64".to_owned(), why: Some(Box::new(order())) })),
        ],
        placed: vec![sealed(None)],
        over: vec![sealed(Some(Day::written(NOW)))],
        back: vec![
            Back::AnyTime,
            Back::Later {
                id: "07070707".to_owned(),
                version: 1,
                supervision: supervision(),
                said: vec![(Day::written(NOW), None), (Day::written(NOW), Some("County Hospital".to_owned()))],
            },
        ],
    }
}

fn sealed(until: Option<Day>) -> Told {
    Told {
        day: Day::written(NOW),
        until,
        recipient: "County Hospital".to_owned(),
        address: String::new(),
        what: What::Items(vec![Item::Told(Brief::Copy, Information::Crisis)]),
        purpose: Purpose::Treatment,
        basis: Basis::Consent { id: "07070707".to_owned(), version: 2 },
        facts: None,
    }
}

fn ordered(told: Told) -> Told {
    Told {
        what: What::Written(vec![Information::Clinical], "the visits in June".into()),
        purpose: Purpose::Proceedings,
        ..told
    }
}

fn order() -> Lawful {
    Lawful {
        clause: Clause::OrderCivil,
        to: Party { org: OrgId([5; 32]), name: "Family Court".to_owned(), kind: PartnerKind::CriminalJustice },
        decided: "Ida Roe".into(),
        matter: "what was done in June".into(),
        order: Some(Order {
            court: "the Family Court".into(),
            dated: NOW,
            mandate: "a subpoena of the same day".into(),
        }),
        undertaking: "".into(),
        at: NOW,
    }
}

fn emergency() -> Facts {
    Facts {
        personnel: "Dr Ana Reyes".into(),
        facility: party(5, "County Hospital", PartnerKind::CoveredEntity),
        discloser: "Nora Hill".into(),
        at: NOW,
        nature: "found without breath".into(),
        unobtainable: "could not wake up or speak".into(),
    }
}

fn reach(name: &str, phone: &str) -> Reach {
    Reach { name: name.into(), phone: phone.into() }
}

fn doses() -> Vec<Dose> {
    vec![Dose { name: "methadone".into(), dose: "80 mg, each morning".into() }]
}

pub fn card() -> Card {
    Card {
        name: "Ada Wick".into(),
        provider: reach("Hill Clinic", "555 0100"),
        contact: reach("my sister May", "555 0101"),
        medication: Some(doses()),
        allergies: "penicillin".into(),
        visit: Some(visit()),
        as_of: Day::written(NOW),
    }
}

pub fn visit() -> Visit {
    let zone = Zone { name: "America/Chicago".into(), offset_minutes: -300 };
    Visit { at: NOW, zone, with: Some("Hill Clinic".into()) }
}

fn empty_card() -> Card {
    let nobody = Reach::default();
    let as_of = Day::written(NOW);
    Card {
        name: "".into(),
        provider: nobody.clone(),
        contact: nobody,
        medication: None,
        allergies: "".into(),
        visit: None,
        as_of,
    }
}

pub fn plan() -> Plan {
    Plan {
        name: "Ada Wick".into(),
        signs: vec!["I stop going out.".into(), "I do not sleep.".into()],
        helps: vec!["I walk the dog.".into()],
        people: vec![reach("May", "555 0101"), reach("Jo at Hill Clinic", "")],
        naloxone: "on the shelf by the door".into(),
        avoid: vec!["crowds".into()],
        wishes: vec!["Take me to May's house.".into()],
        medication: Some(doses()),
        as_of: Some(Day::written(NOW)),
    }
}

pub fn empty_plan() -> Plan {
    Plan {
        name: "".into(),
        signs: Vec::new(),
        helps: Vec::new(),
        people: Vec::new(),
        naloxone: "".into(),
        avoid: Vec::new(),
        wishes: Vec::new(),
        medication: None,
        as_of: None,
    }
}

fn office(name: &str, address: &str, phone: &str) -> Office {
    Office { name: name.to_owned(), address: address.to_owned(), phone: phone.to_owned() }
}

pub fn letter() -> Letter {
    Letter {
        from: office("Hill Clinic", "1 Hill Road", "555 0100"),
        staff: "Nora Hill".into(),
        to: office("Hope House", "2 Main Street", "555 0102"),
        day: Day::written(NOW),
        reference: "ab12cd34".to_owned(),
        urgency: Urgency::Urgent,
        answer_by: Some(Day::written(NOW.plus(2 * DAY))),
        service: "a bed".to_owned(),
        identity: Some(Identity {
            name: "Ada Wick".into(),
            birth_date: "1990".into(),
            phones: vec!["555 0103".into()],
            contact: "Send a text, do not call.".into(),
            ..Identity::default()
        }),
        reason: "She needs a safe bed from Monday.".into(),
        needs: vec!["a bed".into(), "a ride".into()],
        medication: Some(doses()),
        answerable: true,
        scope: Scope {
            ways: vec!["Hill Clinic may tell Hope House: what else I need. Why: to find a home.".to_owned()],
            signed: Some(Day::written(NOW)),
            ends: vec!["The OK ends when this happens: the trial is over.".to_owned()],
            statements: Vec::new(),
            represented: false,
        },
    }
}

pub fn empty_letter() -> Letter {
    Letter {
        from: office("Hill Clinic", "", ""),
        to: office("Hope House", "", ""),
        urgency: Urgency::Routine,
        answer_by: None,
        service: String::new(),
        identity: Some(Identity::default()),
        reason: "".into(),
        needs: Vec::new(),
        medication: None,
        ..letter()
    }
}
