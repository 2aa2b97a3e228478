//! A new consent, and what happens to one.

use super::ask::{expiry, moment, of, rows, some, text, ticked, words, wrong};
use super::codes::{CLASSES, ENDS, HEARD, KINDS, KINDS_SHORT, PURPOSES, SIGNERS};
use super::{After, Asks, Fields, Look, On, Shown, Step, Wrong, alone, left_out};
use crate::api::care::{
    Acquaintance, Care, ConsentDraft, ExpiryRequest, RevokePreview, Share, SupervisionRequest, Way,
};
use crate::web::backend::read;
use crate::web::form::{Field, Fill, Kind, Source, may, must, part};
use belay_protocol::consent::Class;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;

/// One organisation that a consent names, and what goes which way.
pub(super) const PARTY: &[Field] = &[
    must("org", "Organisation", Kind::Pick(Source::Organisations)),
    may("tell", "We may tell it", Kind::Many(KINDS, &["referral", "identity"])),
    may("back", "It may tell us", Kind::Many(KINDS, &["referral"])),
    may("purpose", "Another purpose for this one", Kind::Line).hint("Left empty: the purpose below."),
];

/// What one other may tell another.
pub(super) const BETWEEN: &[Field] = &[
    must("from", "This one", Kind::Pick(Source::Organisations)),
    must("to", "may tell this one", Kind::Pick(Source::Organisations)),
    must("information", "what", Kind::Many(KINDS_SHORT, &["referral"])),
];

/// Who may know of whom.
pub(super) const KNOWS: &[Field] = &[
    must("who", "This one", Kind::Pick(Source::Organisations)),
    must("of", "may know that this one takes part", Kind::Pick(Source::Organisations)),
];

/// One organisation of a team.
pub(super) const TEAM: &[Field] = &[
    must("org", "Organisation", Kind::Pick(Source::Organisations)),
    must("information", "shares", Kind::Many(KINDS_SHORT, &["referral"])),
];

/// What is said of a team.
pub(super) const TEAM_HINT: &str = "Two others or more, and this organisation. What two of them share they tell each other. Each reads only the kinds \
    that are ticked for it, and all of them know who takes part.";

const DRAFT: &[Field] = &[
    may("parties", "Who is named, and what goes which way", Kind::List(PARTY))
        .hint("The least that a referral needs is ticked. A partner who is not listed is added under Referrals first."),
    may("purpose", "Why", Kind::One(PURPOSES, ""))
        .hint("Nothing chosen: what the rules of this consent take; of a general one, treatment."),
    may("purpose_words", "The purpose in other words", Kind::Line).hint("Such as: to find housing."),
    must("ends", "When it ends", Kind::One(ENDS, "on")),
    may("expires", "The last day", Kind::Day).hint("That day counts too."),
    may("event", "The event", Kind::Line).hint("Such as: when treatment here ends."),
    must("signer", "Who signs", Kind::One(SIGNERS, "person")),
    may("age_why", "Why, where that does not go with the age on record", Kind::Text(2))
        .hint("What makes it so under the law of the state (42 CFR 2.14). Else left empty."),
    part(
        "What the others may tell each other, and know of each other",
        &[
            may("between", "What one may tell another", Kind::List(BETWEEN)),
            may("knows", "Who may know of whom", Kind::List(KNOWS)),
        ],
    ),
    part("A team that works on one referral", &[may("team", "Who is in it", Kind::List(TEAM)).hint(TEAM_HINT)]),
    part(
        "What the person asks to leave out (42 CFR 2.26)",
        &[may("restrictions", "Left out", Kind::List(left_out::RESTRICTION))],
    ),
    part(
        "Under other rules: counselling notes, a proceeding, criminal justice",
        &[
            may("class", "Which rules", Kind::One(CLASSES, ""))
                .hint("Nothing chosen: what the purpose takes alone, and what is filled in here; else general."),
            may("proceeding", "The one case or hearing that it is for", Kind::Text(2))
                .hint("Of a proceeding (2.31(d))."),
            may("supervision.matter", "The release or proceeding of which treatment is a condition", Kind::Text(2)),
            may("supervision.revocable", "It can be revoked from this day or event on", Kind::Line)
                .hint("Of criminal justice alone: every other consent can be revoked at any time."),
            may("supervision.disposition", "The day or event of the final disposition", Kind::Line),
        ],
    ),
];

/// The step that strikes an event.
pub(in crate::web) const EVENT_MISTAKE: &str = "event-mistake";

pub const ROWS: &[Step] = &[
    Step {
        slug: "consent",
        on: On::Person,
        title: "Write a consent",
        lead: "It says who may tell whom what, why, and until when. It permits nothing until it is signed.",
        button: "Write it, and show it",
        done: "This is the form. Read it with the person before it is signed.",
        grave: false,
        fields: DRAFT,
        look: None,
        ask: draft,
        after: After::Go(|_, view| format!("/consents/{}", super::house::id(view))),
    },
    Step {
        slug: "discard",
        on: On::Consent,
        title: "Put the draft away",
        lead: "Nobody is to sign it any more. What was signed before stands as it did.",
        button: "Put it away",
        done: "The draft is put away.",
        grave: true,
        fields: &[],
        look: None,
        ask: |subject, _| Ok(Care::ConsentDiscard { consent: subject.id.clone() }),
        after: After::Go(|subject, _| {
            subject.person.map_or_else(|| "/persons".to_owned(), |person| format!("/persons/{person}"))
        }),
    },
    Step {
        slug: "event",
        on: On::Consent,
        title: "Something came about",
        lead: "The event at which the consent ends; or, of criminal justice, from which on it can be revoked (42 CFR 2.35(c)).",
        button: "Record the event",
        done: "The event is recorded.",
        grave: true,
        fields: &[
            may("revocable", "It is the event from which on it can be revoked, and not the end", Kind::Tick),
            may("on", "When it came about", Kind::When(Fill::Now)),
        ],
        look: None,
        ask: |subject, fields| {
            Ok(Care::ConsentEvent {
                consent: subject.id.clone(),
                revocable: ticked(fields, "revocable"),
                on: super::ask::time(fields, "on"),
            })
        },
        after: THERE,
    },
    Step {
        slug: EVENT_MISTAKE,
        on: On::Consent,
        title: "That came about by mistake",
        lead: "An event was recorded that had not come about, or on a wrong day. It counts no more, and stays with the reason. What closed by it does not \
               come back: a new referral is sent, a copy for emergencies is placed anew.",
        button: "Strike it",
        done: "That event counts no more.",
        grave: true,
        fields: &[
            may("revocable", "It is the event from which on it can be revoked, and not the end", Kind::Tick),
            must("why", "What was wrong about it", Kind::Text(2)),
        ],
        look: None,
        ask: |subject, fields| {
            let (consent, revocable) = (subject.id.clone(), ticked(fields, "revocable"));
            Ok(Care::ConsentEventStrike { consent, revocable, why: words(fields, "why") })
        },
        after: THERE,
    },
    Step {
        slug: "suspend",
        on: On::Consent,
        title: "It may be false",
        lead: "You learned that somebody else signed, say, or that a date or a name is not true. From now on nothing is told under this consent \
               (42 CFR 2.31(c)(4)). Nobody else hears of it. The privacy officer says whether it is false, or lets it stand again.",
        button: "Stop what is told under it",
        done: "Nothing is told under this consent until the privacy officer has judged it.",
        grave: true,
        fields: &[must("why", "What may be false about it, and how you learned of it", Kind::Text(2))],
        look: None,
        ask: |subject, fields| doubt(subject, fields, false),
        after: THERE,
    },
    Step {
        slug: "uphold",
        on: On::Consent,
        title: "It stands again",
        lead: "You looked at it, and it is not false: what it lets be told may be told again. For the privacy officer. If it is false, say so \
               instead.",
        button: "Let it stand again",
        done: "The consent stands again.",
        grave: false,
        fields: &[must("why", "Why it stands, and how you know", Kind::Text(2))],
        look: None,
        ask: |subject, fields| doubt(subject, fields, true),
        after: THERE,
    },
    Step {
        slug: "void",
        on: On::Consent,
        title: "It is false",
        lead: "It is known to be materially false: nothing rests on it any more (42 CFR 2.31(c)(4)). That can not be undone.",
        button: "Record that it is false",
        done: "Nothing rests on this consent any more.",
        grave: true,
        fields: &[must("why", "What is false about it, and how you know", Kind::Text(2))],
        look: None,
        ask: |subject, fields| Ok(Care::ConsentVoid { consent: subject.id.clone(), why: words(fields, "why") }),
        after: THERE,
    },
    Step {
        slug: "judge",
        on: On::Consent,
        title: "Say what follows from what went under it",
        lead: "The consent is false, so what was told under it may be a breach, unless it is shown that the risk is low: what went and to whom, \
               whether it was read, whether it was given back or destroyed (42 CFR 2.16(b); 45 CFR 164.402). For the privacy officer.",
        button: "Put it on record",
        done: "Your word is on record.",
        grave: false,
        fields: &[
            must("to", "What went to whom", Kind::Pick(Source::Falsely)),
            must("why", "Whether it is a breach, why, and what was done", Kind::Text(4)),
        ],
        look: None,
        ask: |subject, fields| {
            let (consent, to) = (subject.id.clone(), some(fields, "to"));
            Ok(Care::ConsentJudge { consent, to, why: words(fields, "why") })
        },
        after: THERE,
    },
    Step {
        slug: "revoke",
        on: On::Consent,
        title: "The person takes it back",
        lead: "The person may take the consent back at any time, by word or in writing, as a whole or for one organisation.",
        button: "Show what that does",
        done: "The consent is taken back. From now on nothing more is told under it.",
        grave: true,
        fields: &[
            may("party", "Only for", Kind::Pick(Source::Parties)).hint("Nothing chosen: for all."),
            must("heard", "How you heard it", Kind::One(HEARD, "")),
        ],
        look: Some(REVOKE_LOOK),
        ask: REVOKE,
        after: After::Said(|subject, _| format!("/consents/{}", subject.id), rest_stands),
    },
    Step {
        slug: "wish",
        on: On::Consent,
        title: "The person wants to take it back later",
        lead: "Of a consent for criminal justice that can not be taken back yet (42 CFR 2.35(c)): what the person says is put on record \
               with today's date and your name, and takes effect by itself as soon as it may.",
        button: "Put it on record",
        done: "It is on record, and takes effect by itself.",
        grave: false,
        fields: &[
            may("party", "Only for", Kind::Pick(Source::Parties)).hint("Nothing chosen: for all."),
            must("heard", "How you heard it", Kind::One(HEARD, "")),
        ],
        look: None,
        ask: |subject, fields| {
            Ok(Care::ConsentWish {
                consent: subject.id.clone(),
                party: some(fields, "party"),
                spoken: text(fields, "heard") == "spoken",
            })
        },
        after: THERE,
    },
    Step {
        slug: "unsay",
        on: On::Consent,
        title: "The person does not want to take it back after all",
        lead: "What the person said too early (42 CFR 2.35(c)) has not taken effect. It is put on record that the person takes it back, \
               and the consent goes on. Who heard it elsewhere has stopped all the same.",
        button: "Put it on record",
        done: "It is on record: the consent goes on.",
        grave: false,
        fields: &[
            may("party", "Of what was said only for", Kind::Pick(Source::Parties)).hint("Nothing chosen: for all."),
            must("heard", "How you heard it", Kind::One(HEARD, "")),
        ],
        look: None,
        ask: |subject, fields| {
            Ok(Care::ConsentUnsay {
                consent: subject.id.clone(),
                party: some(fields, "party"),
                spoken: text(fields, "heard") == "spoken",
            })
        },
        after: THERE,
    },
    Step {
        slug: "suspend",
        on: On::Thread,
        title: "The consent may be false",
        lead: "You learned that somebody else signed, say, or that a date or a name is not true. From now on this organisation tells and passes \
               on nothing under it, in every referral that came under it (42 CFR 2.31(c)(4)). Who keeps the consent does not hear of that: \
               telephone them. The privacy officer lets it stand again.",
        button: "Stop what is told under it",
        done: "Nothing is told under this consent until the privacy officer lets it stand again. Telephone who keeps it.",
        grave: true,
        fields: &[must("why", "What may be false about it, and how you learned of it", Kind::Text(2))],
        look: None,
        ask: |subject, fields| doubt(subject, fields, false),
        after: BACK,
    },
    Step {
        slug: "uphold",
        on: On::Thread,
        title: "The consent stands again",
        lead: "You asked who keeps it, and it is not false: what it lets this organisation tell may be told again. For the privacy officer.",
        button: "Let it stand again",
        done: "The consent stands again here.",
        grave: false,
        fields: &[must("why", "Why it stands, and how you know", Kind::Text(2))],
        look: None,
        ask: |subject, fields| doubt(subject, fields, true),
        after: BACK,
    },
    Step {
        slug: "revoke",
        on: On::Thread,
        title: "The person takes the consent back",
        lead: "The person may say so here as well: you stop at once, and who keeps the consent is told as far as it allows.",
        button: "Show what that does",
        done: "It is taken back. From now on nothing more is told under this consent.",
        grave: true,
        fields: &[
            may("party", "Only for", Kind::Pick(Source::Parties)).hint("Nothing chosen: for all."),
            must("heard", "How you heard it", Kind::One(HEARD, "")),
        ],
        look: Some(REVOKE_LOOK),
        ask: REVOKE,
        after: After::Said(|subject, _| format!("/threads/{}", subject.id), rest_stands),
    },
];

/// Back to the consent.
pub(super) const THERE: After = After::Go(|subject, _| format!("/consents/{}", subject.id));

/// Back to the referral.
const BACK: After = After::Go(|subject, _| format!("/threads/{}", subject.id));

/// What is said after the person took it back for one organisation alone.
fn rest_stands(subject: &super::Subject, fields: &Fields) -> Option<String> {
    let party = some(fields, "party")?;
    let name = subject.lists.of(Source::Parties).iter().find(|(id, _)| *id == party);
    let name = name.map_or("that organisation", |(_, name)| name.reveal().as_str());
    Some(format!("The consent is taken back for {name} alone. The rest stands."))
}

const REVOKE_LOOK: Look = Look {
    ask: |subject, fields| Ok(Care::ConsentRevokePreview { consent: subject.id.clone(), party: some(fields, "party") }),
    show: |view| {
        let Ok(view) = read::<RevokePreview>(view.clone()) else { return Shown::default() };
        let refused = view.early.then(|| {
            "It can not be taken back yet. Keep the person's word: “The person wants to take it back later”.".to_owned()
        });
        Shown { refused, ..Shown::default() }
            .says("What it does", vec![view.does.as_str().into()])
            .says("What it can not undo", vec![view.cannot.as_str().into()])
    },
    button: "Take it back",
};

const REVOKE: Asks = |subject, fields| {
    Ok(Care::ConsentRevoke {
        consent: subject.id.clone(),
        party: some(fields, "party"),
        spoken: text(fields, "heard") == "spoken",
    })
};

/// The purpose as words, or what is wrong with it. Nothing said: what the rules of the consent take.
pub(super) fn purpose(fields: &Fields) -> Result<String, Vec<Wrong>> {
    match (text(fields, "purpose").as_str(), some(fields, "purpose_words")) {
        ("other" | "", Some(words)) => Ok(words),
        ("other", None) => wrong("purpose_words", "Please say the purpose in a few words."),
        (_, Some(_)) => wrong("purpose_words", "Please choose “In other words” for this, or leave it empty."),
        (code, None) => Ok(code.to_owned()),
    }
}

/// The rules that were chosen, or those to which alone belongs what was filled in. `None`: as the purpose says.
fn class(fields: &Fields) -> Option<Class> {
    let filled = |field: &str| some(fields, field).is_some();
    let purpose = text(fields, "purpose");
    of::<Option<Class>>(fields, "class").or_else(|| {
        if purpose == "supervision" || SUPERVISION.into_iter().any(filled) {
            Some(Class::CriminalJustice)
        } else if purpose == "proceedings" || filled("proceeding") {
            Some(Class::Proceedings)
        } else {
            None
        }
    })
}

const SUPERVISION: [&str; 3] = ["supervision.matter", "supervision.revocable", "supervision.disposition"];

/// What a consent for criminal justice says besides; of another nothing of it.
fn supervision(fields: &Fields, class: Option<Class>) -> Result<Option<SupervisionRequest>, Vec<Wrong>> {
    if class != Some(Class::CriminalJustice) {
        return match SUPERVISION.iter().find(|field| some(fields, field).is_some()) {
            Some(field) => {
                wrong(field, "Only a consent for criminal justice says this: choose these rules, or leave it empty.")
            }
            None => Ok(None),
        };
    }
    let Some(matter) = some(fields, "supervision.matter") else {
        return wrong("supervision.matter", "Please say which release or proceeding it is.");
    };
    Ok(Some(SupervisionRequest {
        matter: Personal::new(matter),
        revocable: moment(fields, "supervision.revocable")?,
        disposition: moment(fields, "supervision.disposition")?,
    }))
}

/// Which proceeding a consent is for; of another nothing of it.
fn proceeding(fields: &Fields, class: Option<Class>) -> Result<Option<Personal<String>>, Vec<Wrong>> {
    match (class, some(fields, "proceeding")) {
        (Some(Class::Proceedings), None) => wrong("proceeding", "Please say which case or hearing it is for."),
        (Some(Class::Proceedings), Some(which)) => Ok(Some(Personal::new(which))),
        (_, Some(_)) => {
            wrong("proceeding", "Only a consent for one proceeding says this: choose these rules, or leave it empty.")
        }
        (_, None) => Ok(None),
    }
}

/// Both ways of each organisation that is named.
pub(super) fn ways(fields: &Fields, list: &str) -> Result<Vec<Way>, Vec<Wrong>> {
    let mut ways = Vec::new();
    for (number, row) in rows(fields, list).enumerate() {
        let (tell, back): (Vec<Information>, Vec<Information>) = (of(row, "tell"), of(row, "back"));
        if tell.is_empty() && back.is_empty() {
            return wrong(&format!("{list}.{number}.tell"), "Please tick what may be told, one way or the other.");
        }
        let (org, purpose) = (some(row, "org"), some(row, "purpose"));
        if !tell.is_empty() {
            ways.push(Way { from: None, to: org.clone(), information: tell, purpose: purpose.clone() });
        }
        if !back.is_empty() {
            ways.push(Way { from: org, to: None, information: back, purpose });
        }
    }
    for row in rows(fields, "between") {
        let information = of(row, "information");
        ways.push(Way { from: some(row, "from"), to: some(row, "to"), information, purpose: None });
    }
    Ok(ways)
}

/// Who may know of whom.
pub(super) fn knows(fields: &Fields) -> Vec<Acquaintance> {
    rows(fields, "knows").map(|row| Acquaintance { who: text(row, "who"), of: text(row, "of") }).collect()
}

/// Who works together, and what each shares.
pub(super) fn team(fields: &Fields) -> Vec<Share> {
    rows(fields, "team").map(|row| Share { org: some(row, "org"), information: of(row, "information") }).collect()
}

/// That a consent may be false, by its own id or by a referral that came under it; `lift`: that it stands again.
fn doubt(subject: &super::Subject, fields: &Fields, lift: bool) -> Result<Care, Vec<Wrong>> {
    Ok(Care::ConsentSuspend { consent: subject.id.clone(), why: words(fields, "why"), lift })
}

fn draft(subject: &super::Subject, fields: &Fields) -> Result<Care, Vec<Wrong>> {
    let (ways, team) = (ways(fields, "parties")?, team(fields));
    if ways.is_empty() && team.is_empty() {
        return wrong("parties", "Please name at least one organisation.");
    }
    let class = alone::counselling(fields, class(fields))?;
    Ok(Care::ConsentDraft(ConsentDraft {
        person: subject.id.as_str().into(),
        purpose: purpose(fields)?,
        ways,
        knows: knows(fields),
        team,
        class,
        signer: of(fields, "signer"),
        age_why: words(fields, "age_why"),
        supervision: supervision(fields, class)?,
        proceeding: proceeding(fields, class)?,
        restrictions: rows(fields, "restrictions").map(left_out::restriction).collect(),
        expiry: expiry(fields)?.unwrap_or(ExpiryRequest::Never),
        ..ConsentDraft::default()
    }))
}
