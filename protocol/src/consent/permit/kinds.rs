//! What the kind of an organisation adds to a decision: which law its own records are under, and what it may never hear.

use super::Ask;
use crate::consent::Refusal;
use crate::consent::terms::under_hipaa;
use crate::referral::{Class, Expiry, Flow, Information, Party, Purpose};
use crate::space::control::PartnerKind;

/// The clause under which an organisation of this kind tells its own record. A thread rests on a consent whoever sends; only the
/// records of a Part 2 program (and what others hold of them) are records under 42 CFR part 2 (2.12(a)).
pub(super) const fn clause_of(from: &Party, purpose: &Purpose) -> &'static str {
    match from.kind {
        PartnerKind::Part2Program | PartnerKind::CoveredProgram => "42 CFR 2.33(a)",
        PartnerKind::CoveredEntity | PartnerKind::BusinessAssociate | PartnerKind::HealthPlan => {
            if purpose.is_tpo() {
                "45 CFR 164.506(c)"
            } else {
                "45 CFR 164.508"
            }
        }
        PartnerKind::NonCoveredCbo
        | PartnerKind::CriminalJustice
        | PartnerKind::LawEnforcement
        | PartnerKind::ChildWelfare
        | PartnerKind::Other => "42 CFR 2.12(a)",
    }
}

/// A refusal with what a sender that is no Part 2 program may do outside Belay with its own record.
pub(super) fn with_other_way(mut refusal: Refusal, from: Option<&Party>, ask: &Ask) -> Refusal {
    if let Some(from) = from
        && under_hipaa(from.kind)
        && ask.purpose.is_tpo()
    {
        refusal.next.push_str(
            " Its own record, but nothing that a Part 2 program told it, it may give by other means (45 CFR 164.506(c)).",
        );
    }
    refusal
}

/// A party that is named, but only as one who tells, hears nothing: say so, and say why for police and courts.
pub(super) fn no_way(to: &Party) -> Refusal {
    match to.kind {
        PartnerKind::LawEnforcement | PartnerKind::CriminalJustice => Refusal::new(
            format!("{} hears nothing back unless the consent says so by name and kind", to.name),
            if to.kind == PartnerKind::CriminalJustice { "42 CFR 2.35" } else { "42 CFR 2.31(a)(4)" },
            "Keep the answer here; tell the person that it was not passed on.",
        ),
        PartnerKind::Part2Program
        | PartnerKind::CoveredProgram
        | PartnerKind::CoveredEntity
        | PartnerKind::BusinessAssociate
        | PartnerKind::NonCoveredCbo
        | PartnerKind::ChildWelfare
        | PartnerKind::HealthPlan
        | PartnerKind::Other => Refusal::new(
            format!("the consent does not let this be told to {}", to.name),
            "42 CFR 2.31(a)(4)",
            "Keep it here, or ask the person for a consent with this way in it.",
        ),
    }
}

/// What the kind of the recipient stands against, even where a flow names it.
pub(in crate::consent) fn kind_allows(
    to: &Party,
    flow: &Flow,
    class: Class,
    expiry: Option<&Expiry>,
) -> Result<(), Refusal> {
    match to.kind {
        PartnerKind::LawEnforcement if flow.purpose.is_tpo() => Err(Refusal::new(
            format!("{} is law enforcement and neither treats nor pays", to.name),
            "42 CFR 2.31(a)(5)",
            "Tell it nothing, unless the person asks for it and the consent says \"at the request of the person\".",
        )),
        PartnerKind::CriminalJustice if flow.purpose == Purpose::Tpo => Err(Refusal::new(
            format!(
                "{} is not among those whom a single consent for treatment, payment and operations reaches",
                to.name
            ),
            "42 CFR 2.31(a)(4)(i)",
            "Name one purpose for it, such as treatment, in a consent of its own.",
        )),
        PartnerKind::CriminalJustice if !matches!(expiry, Some(Expiry::On(_) | Expiry::Event(_))) => Err(Refusal::new(
            format!("a consent for {} must say how long it lasts", to.name),
            "42 CFR 2.35(b)",
            "Draft a new version with a date, or an event such as the end of supervision.",
        )),
        kind if flow.purpose == Purpose::Emergency && !medical(kind) => Err(Refusal::new(
            format!("{} has no medical personnel whom an emergency concerns", to.name),
            "42 CFR 2.51(a)",
            "Place copies with an emergency department.",
        )),
        kind if class == Class::CriminalJustice
            && flow.purpose == Purpose::Supervision
            && kind == PartnerKind::LawEnforcement =>
        {
            Err(Refusal::new(
                format!("{} does not follow how treatment goes that is a condition of release", to.name),
                "42 CFR 2.35(a)(1)",
                "Name the court, probation or parole office whose duty that is.",
            ))
        }
        PartnerKind::Part2Program
        | PartnerKind::CoveredProgram
        | PartnerKind::CoveredEntity
        | PartnerKind::BusinessAssociate
        | PartnerKind::NonCoveredCbo
        | PartnerKind::CriminalJustice
        | PartnerKind::LawEnforcement
        | PartnerKind::ChildWelfare
        | PartnerKind::HealthPlan
        | PartnerKind::Other => Ok(()),
    }
}

/// Whether copies of this kind may be placed in advance, to be opened in a medical emergency.
pub(in crate::consent) const fn placed(information: Information) -> bool {
    matches!(information, Information::Crisis | Information::Medication)
}

/// Whether an organisation of this kind has medical personnel (2.51(a)). A business associate bills, or keeps machines: whoever
/// of them treats is a covered entity as well, and is named as one.
pub(super) const fn medical(kind: PartnerKind) -> bool {
    kind.is_program() || matches!(kind, PartnerKind::CoveredEntity)
}
