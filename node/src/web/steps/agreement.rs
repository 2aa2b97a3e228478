//! An agreement with a partner: drafted, signed, refused or ended, and a referral under what ties the two.

use super::ask::{care, of, some, text, words};
use super::records::{TIED, tied};
use super::send::preview;
use super::{After, Fields, Look, On, Step, Subject};
use crate::api::agreements::{Fields as Drafted, IntakeFields, NeededFields};
use crate::api::care::{Care, Tied};
use crate::web::form::{Field, Kind, Source, may, must, part};
use belay_protocol::agreement::Contact;
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

const HOURS: Kind = Kind::Number(1, 2_160);

const DRAFT: &[Field] = &[
    must("with", "With whom", Kind::Pick(Source::Members)),
    may("to_them.inclusion", "Whom they take, one a line", Kind::Each(3)),
    may("to_them.exclusion", "Whom they do not take, one a line", Kind::Each(2)),
    may("to_them.needed", "What must come along to them, one a line", Kind::Each(2)),
    may("to_them.acknowledge_hours", "Hours in which they look at a referral", HOURS),
    may("to_them.appointment_hours", "Hours to a first appointment there", HOURS),
    may("to_them.summary_hours", "Hours to their discharge summary", HOURS),
    part(
        "Referrals to us",
        &[
            may("to_us.inclusion", "Whom we take, one a line", Kind::Each(3)),
            may("to_us.exclusion", "Whom we do not take, one a line", Kind::Each(2)),
            may("to_us.needed", "What must come along to us, one a line", Kind::Each(2)),
            may("to_us.acknowledge_hours", "Hours in which we look at a referral", HOURS),
            may("to_us.appointment_hours", "Hours to a first appointment here", HOURS),
            may("to_us.summary_hours", "Hours to our discharge summary", HOURS),
        ],
    ),
    part(
        "Whom to phone, first and last day, a note",
        &[
            may("their.name", "Whom to phone there", Kind::Line),
            may("their.telephone", "Their number", Kind::Line),
            may("our.name", "Whom to phone here", Kind::Line),
            may("our.telephone", "Our number", Kind::Line),
            may("from", "First day", Kind::Line)
                .hint("Year-month-day. Left empty: as in the draft or version before, else today."),
            may("until", "Last day", Kind::Line)
                .hint("Year-month-day. Left empty: as in the draft or version before, else until one side ends it."),
            may("note", "A note", Kind::Text(2)),
        ],
    ),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "agreement",
        on: On::House,
        title: "Draft an agreement",
        lead: "A draft is for this house alone, until somebody who may bind it signs; then every member of the coalition can read it. \
               What is left empty stays as in the draft or version before; what lets the two tell each other without a consent stays only if both signed it \
               and it has not ended. Name no person.",
        button: "Keep the draft",
        done: "The draft is kept. Read it here, and sign it when it is right.",
        grave: false,
        fields: DRAFT,
        look: None,
        ask: |_, fields| Ok(Care::AgreementDraft(Box::new(drafted(fields)))),
        after: THERE,
    },
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

/// What was typed; what was not stays as it was.
fn drafted(fields: &Fields) -> Drafted {
    Drafted {
        with: text(fields, "with"),
        from: some(fields, "from"),
        until: some(fields, "until"),
        note: some(fields, "note"),
        to_them: intake(fields, "to_them"),
        to_us: intake(fields, "to_us"),
        our_contacts: contact(fields, "our"),
        their_contacts: contact(fields, "their"),
        tie: None,
    }
}

fn intake(fields: &Fields, side: &str) -> Option<IntakeFields> {
    let path = |field: &str| format!("{side}.{field}");
    let lines = |field: &str| Some(of::<Vec<String>>(fields, &path(field))).filter(|lines| !lines.is_empty());
    let hours = |field: &str| of::<Option<u16>>(fields, &path(field));
    let named = |name: String| NeededFields { name, ..NeededFields::default() };
    let intake = IntakeFields {
        inclusion: lines("inclusion"),
        exclusion: lines("exclusion"),
        needed: lines("needed").map(|names| names.into_iter().map(named).collect()),
        acknowledge_hours: hours("acknowledge_hours"),
        appointment_hours: hours("appointment_hours"),
        summary_hours: hours("summary_hours"),
        ..IntakeFields::default()
    };
    let said = intake.inclusion.is_some() || intake.exclusion.is_some() || intake.needed.is_some();
    let timed = [intake.acknowledge_hours, intake.appointment_hours, intake.summary_hours].iter().any(Option::is_some);
    (said || timed).then_some(intake)
}

fn contact(fields: &Fields, side: &str) -> Option<Vec<Contact>> {
    let (name, telephone) = (text(fields, &format!("{side}.name")), text(fields, &format!("{side}.telephone")));
    let known = !name.is_empty() || !telephone.is_empty();
    known.then(|| vec![Contact { name, role: String::new(), telephone, champion: false }])
}

/// The agreement says to whom.
fn under(subject: &Subject, fields: &Fields) -> Tied {
    let to = subject.known.get("to").and_then(Value::as_str).map(str::to_owned);
    tied(words(fields, "person"), to, fields)
}
