//! The same acts in a referral off the network: the partner answers by telephone, and staff here write down what it says. So the forms
//! speak of others, and who there said it has to be named where nobody here can do that act.

use super::codes::{BARRIERS, DECLINE_THEIRS, MODES, OUTCOMES_THEIRS};
use super::table::{IN_THE_WAY, WHY, ZONE};
use super::{HEARD, Row};
use crate::web::form::{Field, Fill, Kind, Typed, Wrong, may, must};

/// In which words a form stands on a page.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    pub legend: &'static str,
    pub button: &'static str,
    pub done: &'static str,
    pub fields: &'static [Field],
    /// Nobody here can do it: the partner did, and somebody there said so.
    pub theirs: bool,
}

const SAID: Field = may("note", "What they said with it (optional)", Kind::Text(2));

/// By the name of the act; the fields name the same places in the request as those of its row.
const VOICES: &[(&str, Voice)] = &[
    (
        "accept",
        Voice {
            legend: "They accept",
            button: "Write down that they accept",
            done: "It is recorded that they accept.",
            fields: &[SAID],
            theirs: true,
        },
    ),
    (
        "decline",
        Voice {
            legend: "They decline",
            button: "Write down that they decline",
            done: "It is recorded that they decline.",
            fields: &[must("reason", "Why", Kind::One(DECLINE_THEIRS, "")), SAID],
            theirs: true,
        },
    ),
    (
        "acknowledge",
        Voice {
            legend: "They have seen it",
            button: "Write down that they have seen it",
            done: "It is recorded that they have seen it.",
            fields: &[],
            theirs: true,
        },
    ),
    (
        "schedule",
        Voice {
            legend: "They made an appointment",
            button: "Write down the appointment",
            done: "The appointment is recorded.",
            fields: &[
                must("at", "Day and time, by the clock of the place", Kind::Clock),
                ZONE,
                must("mode", "How", Kind::One(MODES, "in_person")),
                may("place", "Where (optional)", Kind::Line),
                SAID,
            ],
            theirs: false,
        },
    ),
    (
        "attend",
        Voice {
            legend: "They say that the person came",
            button: "Write down that the person came",
            done: "It is recorded that the person came.",
            fields: &[must("when", "When", Kind::When(Fill::Came))],
            theirs: false,
        },
    ),
    (
        "no-show",
        Voice {
            legend: "They say that the person did not come",
            button: "Write down that the person did not come",
            done: "It is recorded that the person did not come. That does not end the referral.",
            fields: &[must("when", "When it would have been", Kind::When(Fill::Appointment)), IN_THE_WAY, WHY],
            theirs: false,
        },
    ),
    (
        "close",
        Voice {
            legend: "It is over",
            button: "Write down how it ended",
            done: "It is recorded how the referral ended.",
            fields: &[
                must("outcome", "How it ended", Kind::One(OUTCOMES_THEIRS, "")),
                may("barriers", "What stood in the way", Kind::Many(BARRIERS, &[])),
                may("note", "In a few words (optional)", Kind::Text(2)),
            ],
            theirs: false,
        },
    ),
    (
        "confirm withdrawal",
        Voice {
            legend: "It is withdrawn on both sides",
            button: "Write down that it is withdrawn",
            done: "It is recorded that the referral is withdrawn.",
            fields: &[],
            theirs: false,
        },
    ),
    (
        "hold",
        Voice {
            legend: "They put it on hold",
            button: "Write down that it is on hold",
            done: "It is recorded that the referral is on hold.",
            fields: &[
                may("why.barriers", "What stands in the way", Kind::Many(BARRIERS, &[])),
                may("why.note", "Why", Kind::Text(2)),
            ],
            theirs: false,
        },
    ),
    (
        "message",
        Voice {
            legend: "What was said besides",
            button: "Write it down",
            done: "It is recorded what was said.",
            fields: &[must("text", "What you told them; or what they said, if you write below who", Kind::Text(4))],
            theirs: false,
        },
    ),
];

impl Row {
    /// The words of its form, where the other organisation is on the network or off it.
    #[must_use]
    pub fn voice(&self, off_network: bool) -> Voice {
        let heard = VOICES.iter().find(|(act, _)| off_network && *act == self.act).map(|(_, voice)| *voice);
        let Self { legend, button, done, fields, .. } = *self;
        heard.unwrap_or(Voice { legend, button, done, fields, theirs: false })
    }
}

/// That nobody is named who said it, where somebody there must have.
#[must_use]
pub fn unsaid(row: &Row, typed: &Typed, off_network: bool) -> Vec<Wrong> {
    if row.voice(off_network).theirs && typed.get(HEARD).trim().is_empty() {
        vec![(HEARD.to_owned(), "Please say who there said it.".to_owned())]
    } else {
        Vec::new()
    }
}
