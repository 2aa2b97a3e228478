//! The next version of a consent: what is new is signed once, what stands is not signed again.

use super::ask::{expiry, of, rows, some, ticked, wrong};
use super::codes::{ENDS_NEW, KINDS_SHORT, PURPOSES};
use super::consent::{BETWEEN, KNOWS, PARTY, TEAM, TEAM_HINT, THERE, knows, purpose, team, ways};
use super::{Fields, On, Step, Wrong};
use crate::api::care::{Care, ConsentAmend, Way};
use crate::web::form::{Field, Kind, Source, may, part};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;

const CLOSE: &[Field] = &[
    may("from", "This one", Kind::Pick(Source::Parties)).hint("Nothing chosen: we."),
    may("to", "tells this one no more", Kind::Pick(Source::Parties)).hint("Nothing chosen: us."),
    may("information", "what", Kind::Many(KINDS_SHORT, &[])).hint("Nothing ticked: every kind."),
];

const AMEND: &[Field] = &[
    may("add", "Who comes to it, and what goes which way", Kind::List(PARTY)),
    part(
        "Why, and what the others may tell each other",
        &[
            may("purpose", "Why", Kind::One(PURPOSES, ""))
                .hint("Nothing chosen: what the rules of this consent take; of a general one, treatment."),
            may("purpose_words", "The purpose in other words", Kind::Line),
            may("between", "What one may tell another", Kind::List(BETWEEN)),
            may("knows", "Who may know of whom", Kind::List(KNOWS)),
        ],
    ),
    part("Who comes to the team", &[may("team", "Who, or what one shares besides", Kind::List(TEAM)).hint(TEAM_HINT)]),
    part(
        "Less than before",
        &[
            may("remove", "Who is named no more", Kind::PickAny(Source::Parties)),
            may("close", "What is told no more", Kind::List(CLOSE)),
        ],
    ),
    part(
        "Another end",
        &[
            may("ends", "When it ends", Kind::One(ENDS_NEW, "")).hint("Nothing chosen: as before."),
            may("expires", "The last day", Kind::Day).hint("That day counts too."),
            may("event", "The event", Kind::Line),
        ],
    ),
    part(
        "Another case",
        &[may("proceeding", "The one case or hearing that it is for from now on", Kind::Text(2))
            .hint("Of a consent for a proceeding, and with nothing else in one signature (42 CFR 2.31(d)).")],
    ),
    part(
        "What was left out comes back",
        &[
            may("lift_only", "Leave these out no more (42 CFR 2.26(b))", Kind::PickAny(Source::LeftOut)),
            may("lift", "Leave nothing out any more that the person asked to leave out", Kind::Tick),
        ],
    ),
];

pub const ROWS: &[Step] = &[Step {
    slug: "amend",
    on: On::Consent,
    title: "Change the consent",
    lead: "One signature over what is new. What stands is not signed again, and holds until the new version is signed.",
    button: "Write what is new, and show it",
    done: "This is what is new. Read it with the person before it is signed.",
    grave: false,
    fields: AMEND,
    look: None,
    ask: amend,
    after: THERE,
}];

fn amend(subject: &super::Subject, fields: &Fields) -> Result<Care, Vec<Wrong>> {
    let ways = ways(fields, "add")?;
    let mut close = Vec::new();
    for (number, row) in rows(fields, "close").enumerate() {
        let (from, to) = (some(row, "from"), some(row, "to"));
        if from == to {
            return wrong(&format!("close.{number}.to"), "Please say who tells whom no more.");
        }
        let information: Vec<Information> = of(row, "information");
        close.push(Way { from, to, information, purpose: None });
    }
    let remove: Vec<String> = of(fields, "remove");
    let (knows, team) = (knows(fields), team(fields));
    let (lift, expiry) = (ticked(fields, "lift"), expiry(fields)?);
    let only: Vec<String> = of(fields, "lift_only");
    let lift_only: Vec<u16> = only.iter().filter_map(|number| number.parse().ok()).collect();
    let proceeding = some(fields, "proceeding").map(Personal::new);
    if ways.is_empty()
        && team.is_empty()
        && close.is_empty()
        && remove.is_empty()
        && knows.is_empty()
        && !lift
        && lift_only.is_empty()
        && expiry.is_none()
        && proceeding.is_none()
    {
        return wrong("add", "Please say what is new: here, or in one of the parts below.");
    }
    Ok(Care::ConsentAmend(ConsentAmend {
        consent: subject.id.clone(),
        purpose: purpose(fields)?,
        ways,
        close,
        remove,
        knows,
        team,
        lift,
        lift_only,
        expiry,
        proceeding,
        ..ConsentAmend::default()
    }))
}
