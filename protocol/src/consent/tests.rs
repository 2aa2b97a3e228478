use super::*;
use crate::ids::{ConsentId, OrgId, PersonId, StaffId};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{DAY, Local, Time};

mod amendments;
mod bounds;
mod classes;
mod decisions;
mod doubts;
mod elements;
mod emergency;
mod ended;
mod endings;
mod kinds;
mod law;
mod scopes;
mod teams;
mod then;
mod versions;

const HOSPITAL: OrgId = OrgId([1; 32]);
const CLINIC: OrgId = OrgId([2; 32]);
const SHELTER: OrgId = OrgId([3; 32]);
const NOW: Time = Time(1_795_000_000_000);

/// A change of something, of which a row of a table is made.
type Change<'c, T> = &'c dyn Fn(&mut T);

fn party(org: OrgId, kind: PartnerKind) -> Party {
    let name = match org {
        HOSPITAL => "County Hospital",
        CLINIC => "Ridge Clinic",
        _ => "Harbor Shelter",
    };
    Party { org, name: name.to_owned(), kind }
}

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Quill".into() }
}

/// Hospital to clinic, both ways, for treatment, payment and operations: every element and both statements apply.
/// That the clinic is told nothing.
fn not_told() -> Restriction {
    Restriction {
        asked: "not the clinic".into(),
        of: HOSPITAL,
        to: Some(CLINIC),
        information: Vec::new(),
        paid_in_full: false,
        answer: Answered::Agreed,
        by: by(),
        at: NOW,
    }
}

fn draft() -> Draft {
    let mut draft = Draft::between(
        ConsentId([7; 32]),
        (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
        party(HOSPITAL, PartnerKind::CoveredEntity),
        party(CLINIC, PartnerKind::Part2Program),
        &[Information::Referral, Information::Identity],
        &[Information::Referral],
        &Purpose::Tpo,
    );
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    draft
}

fn signed_from(draft: Draft) -> Signed {
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    draft.sign(signature, Some(NOW), by(), NOW).expect("nothing is missing")
}

fn signed() -> Signed {
    signed_from(draft())
}

fn ask(from: OrgId, to: OrgId, information: Information) -> Ask {
    Ask { from, to, information, purpose: Purpose::Treatment, action: Action::Seal }
}

fn there() -> Ask {
    ask(HOSPITAL, CLINIC, Information::Referral)
}
