//! What the law lets be told without a consent, besides emergencies and ties: under which clause, to whom, what, and what has to be on
//! record first.

use super::{Action, Ask, Found, Permit};
use crate::consent::Refusal;
use crate::consent::elements::filled;
use crate::fault::{Fault, Result as Outcome};
use crate::limits;
use crate::referral::{Information, Party, Purpose, bounded};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind as Kind;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A clause of 42 CFR part 2 under which something is told without a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clause {
    /// A crime on the premises or against personnel, or the threat of one: to law enforcement.
    Premises,
    /// A first report of suspected child abuse or neglect, as State law asks: to the authorities it names.
    ChildAbuse,
    /// Medical personnel: has facts and a record of its own.
    Emergency,
    Research,
    /// Audit and evaluation by who pays, regulates or pays for it.
    Audit,
    /// To a public health authority, of nobody in particular.
    PublicHealth,
    /// A court order for a purpose that is not criminal.
    OrderCivil,
    /// A court order to investigate or prosecute the person.
    OrderCriminal,
    /// A court order to investigate or prosecute the program, or who holds the records.
    OrderHolder,
    /// A court order that places an agent or informant in the program.
    OrderAgent,
}

impl Clause {
    pub const ALL: [Self; 10] = [
        Self::Premises,
        Self::ChildAbuse,
        Self::Emergency,
        Self::Research,
        Self::Audit,
        Self::PublicHealth,
        Self::OrderCivil,
        Self::OrderCriminal,
        Self::OrderHolder,
        Self::OrderAgent,
    ];

    /// As the regulation is cited, and as it is typed without its title and part.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Premises => "42 CFR 2.12(c)(5)",
            Self::ChildAbuse => "42 CFR 2.12(c)(6)",
            Self::Emergency => "42 CFR 2.51",
            Self::Research => "42 CFR 2.52",
            Self::Audit => "42 CFR 2.53",
            Self::PublicHealth => "42 CFR 2.54",
            Self::OrderCivil => "42 CFR 2.64",
            Self::OrderCriminal => "42 CFR 2.65",
            Self::OrderHolder => "42 CFR 2.66",
            Self::OrderAgent => "42 CFR 2.67",
        }
    }

    /// Whether a court orders it.
    #[must_use]
    pub const fn is_order(self) -> bool {
        matches!(self, Self::OrderCivil | Self::OrderCriminal | Self::OrderHolder | Self::OrderAgent)
    }

    /// Why it is told.
    #[must_use]
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Emergency => Purpose::Emergency,
            Self::Audit => Purpose::Operations,
            Self::OrderCivil | Self::OrderCriminal | Self::OrderHolder | Self::OrderAgent => Purpose::Proceedings,
            Self::Premises => Purpose::Other("to report a crime on the premises or against staff".into()),
            Self::ChildAbuse => Purpose::Other("to report suspected child abuse or neglect".into()),
            Self::Research => Purpose::Other("for research".into()),
            Self::PublicHealth => Purpose::Other("for public health".into()),
        }
    }

    /// Whether an organisation of this kind is told under it.
    const fn hears(self, kind: Kind) -> bool {
        match self {
            Self::Premises => matches!(kind, Kind::LawEnforcement),
            Self::ChildAbuse => matches!(kind, Kind::ChildWelfare | Kind::LawEnforcement),
            Self::Research | Self::Audit => {
                !matches!(kind, Kind::LawEnforcement | Kind::CriminalJustice | Kind::ChildWelfare)
            }
            // Whom the order names.
            Self::OrderCivil | Self::OrderCriminal | Self::OrderHolder | Self::OrderAgent => true,
            Self::Emergency | Self::PublicHealth => false,
        }
    }

    /// Whether information of this kind is told under it.
    const fn tells(self, information: Information) -> bool {
        match self {
            // Name, address, that the person is in care, last whereabouts.
            Self::Premises => matches!(information, Information::Identity),
            // The report, and not the record.
            Self::ChildAbuse => matches!(information, Information::Identity | Information::Social),
            _ => true,
        }
    }

    /// What has to be said of what it rests on.
    const fn matter(self) -> &'static str {
        match self {
            Self::Premises => "what was done or threatened, where, and against whom",
            Self::ChildAbuse => "what is suspected, and which law asks for the report",
            Self::Research => "which study, and who leads it",
            Self::Audit => "what is audited or evaluated, and on whose behalf",
            Self::OrderCivil | Self::OrderCriminal | Self::OrderHolder | Self::OrderAgent => {
                "what the order lets be told, to whom, and what for"
            }
            Self::Emergency | Self::PublicHealth => "",
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.clause())
    }
}

/// A text that should be such a clause is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a clause under which something is told without a consent: expected 2.12(c)(5) (crime on the premises), 2.12(c)(6) (child \
     abuse), 2.51 (emergency), 2.52 (research), 2.53 (audit), 2.54 (public health), or 2.64, 2.65, 2.66, 2.67 (court order)"
)]
pub struct NotClause;

impl std::str::FromStr for Clause {
    type Err = NotClause;

    fn from_str(text: &str) -> Result<Self, NotClause> {
        let text = text.trim();
        let short = |clause: Self| clause.clause().strip_prefix("42 CFR ").unwrap_or_default();
        Self::ALL.into_iter().find(|clause| text == short(*clause) || text == clause.clause()).ok_or(NotClause)
    }
}

/// What is written down before something is told so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lawful {
    pub clause: Clause,
    /// Who is told.
    pub to: Party,
    /// Who here decided that it may be told, by name.
    pub decided: Personal<String>,
    /// On what it rests: the scope of the order, what is suspected, what was done, which study or audit.
    pub matter: Personal<String>,
    /// Of a court order.
    pub order: Option<Order>,
    /// Of an audit or a study: what the recipient has undertaken in writing, or by whom the study was approved; else empty.
    pub undertaking: Personal<String>,
    /// When it was told.
    pub at: Time,
}

/// A court order, with what compels to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub court: Personal<String>,
    /// The date under it, of no clock; zero: not given.
    pub dated: Time,
    /// The subpoena or like mandate that goes with it: an order alone lets be told and compels nothing (2.61).
    pub mandate: Personal<String>,
}

impl Lawful {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Outcome<()> {
        bounded([&self.decided].into_iter().chain(self.order.iter().map(|order| &order.court)), limits::NAME_CHARS)?;
        let texts = [&self.matter, &self.undertaking].into_iter().chain(self.order.iter().map(|order| &order.mandate));
        bounded(texts, limits::TEXT_CHARS)?;
        if self.to.name.len() > 4 * limits::NAME_CHARS {
            return Err(Fault::malformed("who is told without a consent: the name is too long"));
        }
        Ok(())
    }
}

/// Whether what is on record lets `ask.to` be told.
pub(super) fn law(lawful: &Lawful, ask: &Ask) -> Result<Permit, Refusal> {
    let clause = lawful.clause;
    let refuse = |why: &str, next: &str| Err(Refusal::new(why, clause.clause(), next));
    match clause {
        Clause::Emergency => {
            return refuse(
                "what is told to medical personnel in an emergency has facts of its own",
                "Write them down (`belay emergency record`).",
            );
        }
        Clause::PublicHealth => {
            return refuse(
                "what goes to a public health authority can carry no name, nor anything else that tells who it is about",
                "Take out what identifies anybody (45 CFR 164.514(b)): then it is nobody's record and in nobody's accounting.",
            );
        }
        _ => {}
    }
    if ask.to != lawful.to.org || !clause.hears(lawful.to.kind) {
        return refuse(
            &format!("this clause lets nothing be told to {}", lawful.to.name),
            "Name who the clause lets be told, or ask the person for a consent.",
        );
    }
    if ask.information == Information::Counselling {
        return Err(Refusal::new(
            "counselling notes go to nobody without a consent of their own, or an order that finds the grounds of 2.63",
            "42 CFR 2.63",
            "Leave them out; of such an order ask a lawyer.",
        ));
    }
    if !clause.tells(ask.information) {
        return refuse(
            &format!("a report under this clause holds no `{}` information", ask.information),
            "Report no more than the clause names; the records themselves take a consent, or an order with a subpoena (2.61 to 2.67).",
        );
    }
    if ask.action != Action::Export || ask.purpose != clause.purpose() {
        return refuse(
            "this is told by hand, and for the purpose of its clause",
            "Record it (`belay disclosures record`).",
        );
    }
    whole(lawful)?;
    Ok(Permit { law: Some(Box::new(lawful.clone())), ..Found::NO_CONSENT.permits(ask, clause.clause()) })
}

/// Whether everything is on record that the clause asks for.
fn whole(lawful: &Lawful) -> Result<(), Refusal> {
    let clause = lawful.clause;
    if !filled(lawful.decided.reveal()) {
        return Err(Refusal::new(
            "it does not say who decided that this may be told",
            "42 CFR 2.13(a)",
            "Name who here decided it.",
        ));
    }
    if !filled(lawful.matter.reveal()) {
        return Err(Refusal::new(
            format!("it does not say {}", clause.matter()),
            clause.clause(),
            "Write that down: no more is told than it covers (2.13(a)).",
        ));
    }
    match (&lawful.order, clause.is_order()) {
        (Some(order), true) => {
            if !filled(order.court.reveal()) || order.dated == Time(0) {
                return Err(Refusal::new(
                    "it does not say which court ordered it, and when",
                    clause.clause(),
                    "Write down the court and the date of the order.",
                ));
            }
            if !filled(order.mandate.reveal()) {
                return Err(Refusal::new(
                    "an order lets be told and compels nothing: the subpoena or like mandate that goes with it is missing",
                    "42 CFR 2.61",
                    "Write down which subpoena it is; without one tell nothing that nobody has to tell, and ask a lawyer.",
                ));
            }
        }
        (None, true) => {
            return Err(Refusal::new(
                "there is no court order on record; a subpoena alone lets nothing be told",
                "42 CFR 2.61",
                "Give court, date and subpoena; what to say meanwhile stands on a sheet (`belay hold refusal`).",
            ));
        }
        (Some(_), false) => {
            return Err(Refusal::new(
                "this clause speaks of no court order",
                clause.clause(),
                "Leave the order out, or record what it lets be told under 2.64, 2.65, 2.66 or 2.67.",
            ));
        }
        (None, false) => {}
    }
    let (missing, next) = match clause {
        Clause::Audit => (
            "it does not say that the recipient undertook in writing to keep to the limits of this clause",
            "Have it sign that it protects, returns or destroys what it gets, and tells it to nobody (2.53(a) to (c)); write down who signed.",
        ),
        Clause::Research => (
            "it does not say by whom the study was approved, or which authorisation or waiver there is",
            "Write down the authorisation, waiver or exemption (45 CFR 164.512(i), 45 CFR part 46).",
        ),
        _ => return Ok(()),
    };
    if filled(lawful.undertaking.reveal()) {
        return Ok(());
    }
    Err(Refusal::new(missing, clause.clause(), next))
}
