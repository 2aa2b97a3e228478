//! An agreement with a partner: signed, refused or ended, and a referral under what ties the two.

use super::ask::{care, words};
use super::records::{TIED, tied};
use super::send::preview;
use super::{After, Fields, Look, On, Step, Subject};
use crate::api::care::{Care, Tied};
use crate::web::form::{Field, Kind, may, must};
use serde_json::Value;

const SIGN: &[Field] = &[
    // What was read is what is signed, whatever comes in meanwhile.
    may("terms", "", Kind::Fixed),
    must("typed", "Your name, as you sign in", Kind::Line),
    may("office", "Your office, as the partner shall read it", Kind::Line).hint("Such as director. May stay empty."),
    must(
        "attest",
        "I have read these terms, I may sign for this organisation, and my name typed here is my signature",
        Kind::Tick,
    ),
];

const REFER: &[Field] = &[
    must("person", "Who is referred, by name or number", Kind::Line)
        .hint("As the person stands in your records. A name that two share is refused: then take the number."),
    TIED[1],
    TIED[2],
    TIED[3],
    TIED[4],
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "sign",
        on: On::Agreement,
        title: "Sign the agreement",
        lead: "Every member of the coalition can read these terms and who signed them. No person may be named in them.",
        button: "Sign it",
        done: "The agreement is signed by this organisation.",
        grave: false,
        fields: SIGN,
        look: None,
        ask: |subject, fields| care("agreement_sign", fields, &[("agreement", &subject.id)]),
        after: THERE,
    },
    Step {
        slug: "end",
        on: On::Agreement,
        title: "Refuse or end the agreement",
        lead: "It ends what both signed, and refuses what was only proposed, from now on. The partner need not agree. \
               The usual response times hold again, and what it let be told without a consent needs one.",
        button: "Refuse or end it",
        done: "The agreement has ended.",
        grave: true,
        fields: &[
            must("reason", "Why", Kind::Text(2)).hint("Every member of the coalition can read it: name no person.")
        ],
        look: None,
        ask: |subject, fields| care("agreement_end", fields, &[("agreement", &subject.id)]),
        after: THERE,
    },
    Step {
        slug: "refer",
        on: On::Agreement,
        title: "Send a referral under this agreement",
        lead: "It needs no consent, because both signed what ties them (42 CFR 2.12(c)(3), (4)). \
               Nothing goes before you have seen what goes to whom.",
        button: "Show what would go to whom",
        done: "The referral is sent.",
        grave: false,
        fields: REFER,
        look: Some(Look {
            ask: |subject, fields| Ok(Care::ReferralTiedPreview(under(subject, fields))),
            show: preview,
            button: "Send it",
        }),
        ask: |subject, fields| Ok(Care::ReferralTied(under(subject, fields))),
        after: After::Go(|_, view| format!("/threads/{}", super::house::id(view))),
    },
];

const THERE: After = After::Go(|_, _| "/agreements".to_owned());

/// The agreement says to whom.
fn under(subject: &Subject, fields: &Fields) -> Tied {
    let to = subject.known.get("to").and_then(Value::as_str).map(str::to_owned);
    tied(words(fields, "person"), to, fields)
}
