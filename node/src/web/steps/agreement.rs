//! An agreement with a partner: drafted, signed, refused or ended, and a referral under what ties the two.

use super::ask::{care, of, rows, some, text, words};
use super::codes::KINDS_SHORT;
use super::records::{TIED, tied};
use super::send::preview;
use super::{After, Fields, Look, On, Step, Subject};
use crate::api::agreements::{Fields as Drafted, IntakeFields, NeededFields, TieFields};
use crate::api::care::{Care, Tied};
use crate::web::acts::codes::Words;
use crate::web::form::{Field, Kind, Source, may, must, part};
use belay_protocol::agreement::{Contact, Deadline, Late, NextStep};
use belay_protocol::referral::Information;
use serde_json::Value;

const SIGN: &[Field] = &[
    // What was read is what is signed, whatever comes in meanwhile.
    may("terms", "", Kind::Fixed),
    must("typed", "Your name, as you sign in", Kind::Line),
    may("office", "In which capacity you sign, if it is another than your role here", Kind::Line)
        .hint("Your name and your role stand under it anyhow."),
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

const DEADLINES: Words =
    &[("acknowledge", "Nobody looked at it"), ("appointment", "No first appointment"), ("summary", "No summary")];
const STEPS: Words = &[
    ("phone", "Phone them"),
    ("escalate", "Go to whoever is responsible there"),
    ("refer_elsewhere", "Refer elsewhere"),
];
const TIES: Words = &[
    ("service", "One serves the other: a qualified service organisation (42 CFR 2.12(c)(4))"),
    ("same_program", "Both are one program (42 CFR 2.12(c)(3))"),
    ("none", "Nothing: every referral needs a consent"),
];

const LATE: &[Field] = &[
    may("deadline", "What is late", Kind::One(DEADLINES, "")),
    may("step", "What comes next", Kind::One(STEPS, "")),
    may("who", "Whom to phone or go to, or where to refer", Kind::Line),
    may("telephone", "The number", Kind::Line),
];
const CONTACT: &[Field] = &[
    may("name", "Whom to phone", Kind::Line),
    may("telephone", "The number", Kind::Line),
    may("role", "What the one does there", Kind::Line),
];

const DRAFT: &[Field] = &[
    must("with", "With whom", Kind::Pick(Source::Members)),
    may("to_them.inclusion", "Whom they take, one a line", Kind::Each(3)),
    may("to_them.exclusion", "Whom they do not take, one a line", Kind::Each(2)),
    may("to_them.needed", "What must come along to them, one a line", Kind::Each(2)).hint(NEEDED),
    may("to_them.acknowledge_hours", "Hours in which they look at a referral", HOURS),
    may("to_them.acknowledge_urgent_hours", "If it is urgent", HOURS),
    may("to_them.appointment_hours", "Hours to a first appointment there", HOURS),
    may("to_them.appointment_urgent_hours", "If it is urgent", HOURS),
    may("to_them.summary_hours", "Hours to their discharge summary", HOURS),
    part("When they are late", &[may("to_them.late", "What comes next", Kind::List(LATE))]),
    part(
        "Referrals to us",
        &[
            may("to_us.inclusion", "Whom we take, one a line", Kind::Each(3)),
            may("to_us.exclusion", "Whom we do not take, one a line", Kind::Each(2)),
            may("to_us.needed", "What must come along to us, one a line", Kind::Each(2)).hint(NEEDED),
            may("to_us.acknowledge_hours", "Hours in which we look at a referral", HOURS),
            may("to_us.acknowledge_urgent_hours", "If it is urgent", HOURS),
            may("to_us.appointment_hours", "Hours to a first appointment here", HOURS),
            may("to_us.appointment_urgent_hours", "If it is urgent", HOURS),
            may("to_us.summary_hours", "Hours to our discharge summary", HOURS),
            may("to_us.late", "When we are late", Kind::List(LATE)),
        ],
    ),
    part(
        "What lets the two tell each other without a consent",
        &[
            may("tie.kind", "What ties the two", Kind::One(TIES, "")).hint("Nothing chosen: as before."),
            may("tie.they_are_the_program", "They are the part 2 program, and not we", Kind::YesNo),
            may("tie.services", "What the one does for the program, or what makes both one", Kind::Text(2)),
            may("tie.information", "What is needed for that, and nothing else", Kind::Many(KINDS_SHORT, &[])),
        ],
    ),
    part(
        "Whom to phone, first and last day, a note",
        &[
            may("their", "Whom to phone there, who answers for it first", Kind::List(CONTACT)),
            may("our", "Whom to phone here", Kind::List(CONTACT)),
            may("from", "First day", Kind::Line)
                .hint("Month/day/year or year-month-day. Left empty: as in the draft or version before, else today."),
            may("until", "Last day", Kind::Line)
                .hint("Month/day/year or year-month-day. Left empty: as in the draft or version before, else until one side ends it."),
            may("endless", "No last day: until one side ends it", Kind::Tick),
            may("note", "A note", Kind::Text(2)),
        ],
    ),
];

/// What a line that names something known keeps.
const NEEDED: &str =
    "What is written here as it stood before keeps its form. A form is attached on the page of agreements.";

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
    let until = if of::<bool>(fields, "endless") { Some(String::new()) } else { some(fields, "until") };
    Drafted {
        with: text(fields, "with"),
        from: some(fields, "from"),
        until,
        note: some(fields, "note"),
        to_them: intake(fields, "to_them"),
        to_us: intake(fields, "to_us"),
        our_contacts: contacts(fields, "our"),
        their_contacts: contacts(fields, "their"),
        tie: tie(fields),
    }
}

fn tie(fields: &Fields) -> Option<TieFields> {
    let tie = TieFields {
        kind: of(fields, "tie.kind"),
        they_are_the_program: of(fields, "tie.they_are_the_program"),
        services: some(fields, "tie.services"),
        information: Some(of::<Vec<Information>>(fields, "tie.information")).filter(|kinds| !kinds.is_empty()),
    };
    let said = tie.they_are_the_program.is_some() || tie.services.is_some() || tie.information.is_some();
    (said || tie.kind.is_some()).then_some(tie)
}

fn intake(fields: &Fields, side: &str) -> Option<IntakeFields> {
    let path = |field: &str| format!("{side}.{field}");
    let lines = |field: &str| Some(of::<Vec<String>>(fields, &path(field))).filter(|lines| !lines.is_empty());
    let hours = |field: &str| of::<Option<u16>>(fields, &path(field));
    let named = |name: String| NeededFields { name, ..NeededFields::default() };
    let late: Vec<Late> = rows(fields, &path("late")).filter_map(late).collect();
    let intake = IntakeFields {
        inclusion: lines("inclusion"),
        exclusion: lines("exclusion"),
        needed: lines("needed").map(|names| names.into_iter().map(named).collect()),
        acknowledge_hours: hours("acknowledge_hours"),
        acknowledge_urgent_hours: hours("acknowledge_urgent_hours"),
        appointment_hours: hours("appointment_hours"),
        appointment_urgent_hours: hours("appointment_urgent_hours"),
        summary_hours: hours("summary_hours"),
        late: Some(late).filter(|late| !late.is_empty()),
    };
    let said = intake.inclusion.is_some() || intake.exclusion.is_some() || intake.needed.is_some();
    let timed = [
        intake.acknowledge_hours,
        intake.acknowledge_urgent_hours,
        intake.appointment_hours,
        intake.appointment_urgent_hours,
        intake.summary_hours,
    ];
    (said || intake.late.is_some() || timed.iter().any(Option::is_some)).then_some(intake)
}

/// What comes next when a time has passed; a line that says neither is none.
fn late(row: &Fields) -> Option<Late> {
    let (deadline, step) = (of::<Option<Deadline>>(row, "deadline")?, of::<Option<NextStep>>(row, "step")?);
    Some(Late { deadline, step, who: text(row, "who"), telephone: text(row, "telephone") })
}

/// The first answers for the agreement.
fn contacts(fields: &Fields, side: &str) -> Option<Vec<Contact>> {
    let mut all: Vec<Contact> = rows(fields, side)
        .map(|row| Contact {
            name: text(row, "name"),
            role: text(row, "role"),
            telephone: text(row, "telephone"),
            champion: false,
        })
        .collect();
    all.first_mut()?.champion = true;
    Some(all)
}

/// The agreement says to whom.
fn under(subject: &Subject, fields: &Fields) -> Tied {
    let to = subject.known.get("to").and_then(Value::as_str).map(str::to_owned);
    tied(words(fields, "person"), to, fields)
}
