//! What is passed on, what was told to one organisation, where referrals go, and referrals that need no consent.

use super::ask::{some, text, ticked, time, words};
use super::codes::{CHOSE, KINDS_SHORT, PURPOSES, STATED, URGENCY};
use super::consent::purpose;
use super::send::{asked, preview};
use super::{After, Fields, Look, On, Shown, Step, Subject, Wrong};
use crate::api::care::{
    AuditCheckView, AuditView, Care, CellView, DisclosureView, DisclosuresAsk, DisclosuresView, FindingView, LookView,
    OnwardAsk, OnwardView, ReportAsk, ReportView, Send, Tied, WithheldsView, Withhold,
};
use crate::system;
use crate::web::acts::codes::shown;
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must, part};
use crate::web::words as say;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use serde_json::Value;

const ONWARD: &[Field] = &[
    must("to", "To whom", Kind::Pick(Source::Organisations)),
    must("information", "What", Kind::One(KINDS_SHORT, "referral")),
    must("purpose", "Why", Kind::One(PURPOSES, "treatment")),
    may("purpose_words", "The purpose in other words", Kind::Line),
    may("contract", "It is our contractor or legal representative, bound to 42 CFR part 2 in writing", Kind::Tick)
        .hint("42 CFR 2.33(c)"),
    may("told", "What was passed on", Kind::Text(2))
        .hint("By other means than a referral, with the notice. Left empty, nothing goes on record."),
];

pub(super) const TIED: &[Field] = &[
    must("to", "To", Kind::Pick(Source::Members)),
    may("how", "How the person came to this one", Kind::One(CHOSE, "")),
    must("reason", "What it is about", Kind::Text(3))
        .hint("Name the person before the condition: “a person in recovery”, “uses”, “tested positive”."),
    must("urgency", "How urgent", Kind::One(URGENCY, "routine")),
    may("needs", "What else the person needs, one a line", Kind::Each(3)).hint("Only where the agreement names needs."),
    part("More than the least", &[may("include", "Let these go as well", Kind::Many(KINDS_SHORT, &[]))]),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "onward",
        on: On::Thread,
        title: "May this be passed on?",
        lead: "What a referral told this house goes to nobody else, unless the law or the consent says so (42 CFR 2.33).",
        button: "Look whether it may",
        done: "",
        grave: false,
        fields: ONWARD,
        look: Some(Look {
            ask: |subject, fields| Ok(Care::ConsentOnward(onward(subject, fields, None)?)),
            show: |view| {
                let Ok(view) = read::<OnwardView>(view.clone()) else { return Shown::default() };
                let refused = (!view.permitted).then(|| view.says.clone());
                Shown { refused, ..Shown::default() }
                    .says("What the law says", vec![say::without_commands(&view.says).as_str().into()])
            },
            button: "Put on record what was passed on",
        }),
        ask: |subject, fields| {
            let told = some(fields, "told").map(|told| told.as_str().into());
            Ok(Care::ConsentOnward(onward(subject, fields, told)?))
        },
        after: After::Show(|view| {
            let Ok(view) = read::<OnwardView>(view.clone()) else { return Shown::default() };
            let with = view.notice.into_iter().chain(view.scope).map(Personal::new).collect();
            Shown::default().says("It may", vec![view.says.as_str().into()]).says("This goes with it", with)
        }),
    },
    Step {
        slug: "tied",
        on: On::Person,
        title: "Send a referral that needs no consent",
        lead: "Only to who is part of the same program or serves it, by an agreement that both signed (42 CFR 2.12(c)(3), (4)). \
               Nothing goes before you have seen what goes to whom.",
        button: "Show what would go to whom",
        done: "The referral is sent.",
        grave: false,
        fields: TIED,
        look: Some(Look {
            ask: |subject, fields| Ok(Care::ReferralTiedPreview(of_person(subject, fields))),
            show: preview,
            button: "Send it",
        }),
        ask: |subject, fields| Ok(Care::ReferralTied(of_person(subject, fields))),
        after: After::Go(|_, view| format!("/threads/{}", super::house::id(view))),
    },
    Step {
        slug: "told",
        on: On::House,
        title: "All that was told to one organisation",
        lead: "The list that a breach there needs: whom it concerns, what, when, and on what it rests.",
        button: "Show the list",
        done: "",
        grave: false,
        fields: &[must("to", "Which organisation", Kind::Pick(Source::Organisations))],
        look: None,
        ask: |_, fields| Ok(Care::Disclosures(DisclosuresAsk::to(&text(fields, "to")))),
        after: After::List(told),
    },
    Step {
        slug: "strike",
        on: On::Person,
        title: "What was put on record by hand was never told",
        lead: "In an emergency, by law, or as passed on: it was written down by mistake. It leaves what the person is given; the staff list shows \
               both words. For who wrote it, or the privacy officer.",
        button: "Strike it",
        done: "It is struck, and both words stay on record.",
        grave: true,
        fields: &[
            must("record", "Which", Kind::Pick(Source::ByHand)),
            must("why", "Why it was never told", Kind::Text(2)),
        ],
        look: None,
        ask: |_, fields| Ok(Care::DisclosureStrike { record: text(fields, "record"), why: words(fields, "why") }),
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "withhold",
        on: On::Person,
        title: "Leave out of the accounting what an agency was told",
        lead: "Only where an agency of health oversight or law enforcement states that it would be in its way, and for how long: what was \
               told to it then stands in no list that the person is given, until the time is over (45 CFR 164.528(a)(2)). For the \
               privacy officer.",
        button: "Put the statement on record",
        done: "It is left out of what the person is given until then.",
        grave: true,
        fields: &[
            must("to", "Which agency", Kind::Pick(Source::Organisations)),
            must("way", "How it was stated", Kind::One(STATED, "written")),
            must("official", "The official who stated it, by name and office", Kind::Line),
            must("statement", "What was stated", Kind::Text(3)),
            may("until", "Up to which day", Kind::Day)
                .hint("As the agency asks. By word of mouth: thirty days at most, and that where nothing is typed."),
        ],
        look: None,
        ask: |subject, fields| {
            Ok(Care::DisclosureWithhold(Withhold {
                to: text(fields, "to"),
                person: Some(subject.id.as_str().into()),
                spoken: text(fields, "way") == "spoken",
                official: words(fields, "official"),
                statement: words(fields, "statement"),
                said: None,
                until: time(fields, "until").and_then(|day| system::end(&day.date()).ok()),
            }))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "withheld",
        on: On::House,
        title: "What is left out of accountings for a time",
        lead: "By which statement of which agency, and until when.",
        button: "Show the list",
        done: "",
        grave: false,
        fields: &[],
        look: None,
        ask: |_, _| Ok(Care::DisclosureWithheld),
        after: After::List(withheld),
    },
    Step {
        slug: "release",
        on: On::House,
        title: "An accounting is whole again before its time",
        lead: "The agency said that it may be, or the statement was put on record by mistake: what was told to it stands in the lists again from \
               now on (45 CFR 164.528(a)(2)). Both words stay on record. For the privacy officer.",
        button: "It is whole again",
        done: "From now on the accounting is whole.",
        grave: true,
        fields: &[
            must("statement", "Which statement", Kind::Pick(Source::Statements)),
            must("why", "Who said that it may end, or what was wrong with it", Kind::Text(2)),
        ],
        look: None,
        ask: |_, fields| {
            let (statement, why) = (text(fields, "statement"), words(fields, "why"));
            Ok(Care::DisclosureRelease { statement, why })
        },
        after: After::Show(withheld),
    },
    Step {
        slug: "looks",
        on: On::House,
        title: "Who looked at what",
        lead: "Every look of staff at a person, a consent, a referral or a list, newest first, by number and not by name. For the privacy officer.",
        button: "Show the looks",
        done: "",
        grave: false,
        fields: &[must("limit", "How many", Kind::One(LOOKS, "50"))],
        look: None,
        ask: |_, fields| Ok(Care::Audit { limit: text(fields, "limit").parse().unwrap_or(50) }),
        after: After::List(looks),
    },
    Step {
        slug: "verify",
        on: On::House,
        title: "Is the record of looks and disclosures whole?",
        lead: "Each entry is looked at again: whether it is as it was signed and follows what is here, whether the lists say what the entries say, \
               whether the times stand in order, and whether all that went into referrals is on record. It shows nothing of what was never \
               written, nor that the newest entries were cut off before a partner or another machine of yours held them. For the privacy officer.",
        button: "Look",
        done: "",
        grave: false,
        fields: &[],
        look: None,
        ask: |_, _| Ok(Care::AuditVerify),
        after: After::List(verified),
    },
    Step {
        slug: "report",
        on: On::House,
        title: "Where referrals go",
        lead: "For the administrator or the privacy officer: for each staff member, partner and service. It names no person.",
        button: "Show the report",
        done: "",
        grave: false,
        fields: &[
            may("from", "First day", Kind::Line)
                .hint("Month/day/year or year-month-day. Left empty: from the beginning."),
            may("to", "Last day", Kind::Line).hint("Month/day/year or year-month-day"),
            may("share", "It is to be given to others", Kind::Tick)
                .hint("Only a whole quarter that is over; small counts are left out."),
        ],
        look: None,
        ask: |_, fields| {
            let (from, to) = (some(fields, "from"), some(fields, "to"));
            Ok(Care::ReferralReport(ReportAsk { from, to, share: ticked(fields, "share") }))
        },
        after: After::List(report),
    },
];

const LOOKS: &[(&str, &str)] = &[("50", "The last 50"), ("200", "The last 200"), ("1000", "The last 1,000")];

fn looks(view: &Value) -> Shown {
    let Ok(view) = read::<AuditView>(view.clone()) else { return Shown::default() };
    if view.looks.is_empty() {
        return Shown::default().says("Nothing", vec!["Nobody looked at anything yet.".into()]);
    }
    let line = |look: &LookView| {
        let person = look.person.map_or_else(String::new, |person| format!(", person {}", person.short()));
        let thread = look.thread.map_or_else(String::new, |thread| format!(", referral {}", thread.short()));
        let what = look.looked.replace('_', " ");
        let words = if look.words.reveal().is_empty() { String::new() } else { format!(": {}", look.words.reveal()) };
        Personal::new(format!("{}: {}, {what}{person}{thread}{words}", say::when(look.at), look.staff.reveal()))
    };
    Shown::default().lists("Newest first", view.looks.iter().map(line).collect())
}

fn verified(view: &Value) -> Shown {
    let Ok(view) = read::<AuditCheckView>(view.clone()) else { return Shown::default() };
    let (entries, looks, disclosures, told) = (view.entries, view.looks, view.disclosures, view.told);
    let seen = format!(
        "{entries} entries, {looks} looks, {disclosures} disclosures, and {told} entries in referrals were looked at."
    );
    let wrong = match view.wrong {
        0 => "Nothing is wrong with them.".to_owned(),
        wrong => format!("{wrong} are not as they should be."),
    };
    let line = |one: &FindingView| {
        let at = one.at.map_or_else(String::new, |at| format!(", {}", say::when(at)));
        Personal::new(format!("{} ({}{at})", one.what, one.entry.short()))
    };
    let mut said = vec![Personal::new(seen), Personal::new(wrong)];
    if view.apart > 0 {
        let apart = view.apart;
        said.push(Personal::new(format!(
            "{apart} entries count no more, such as of a machine that was retired: kept, and without effect."
        )));
    }
    let shown = Shown::default().says("What was looked at", said);
    if view.findings.is_empty() {
        shown
    } else {
        shown.lists("What is wrong", view.findings.iter().map(line).collect())
    }
}

fn onward(subject: &Subject, fields: &Fields, told: Option<Personal<String>>) -> Result<OnwardAsk, Vec<Wrong>> {
    Ok(OnwardAsk {
        thread: subject.id.clone(),
        to: text(fields, "to"),
        information: text(fields, "information").parse().unwrap_or(Information::Referral),
        purpose: purpose(fields)?,
        contract: ticked(fields, "contract"),
        told,
    })
}

fn of_person(subject: &Subject, fields: &Fields) -> Tied {
    tied(subject.id.as_str().into(), some(fields, "to"), fields)
}

/// A referral that rests on what ties the two.
pub(super) fn tied(person: Personal<String>, to: Option<String>, fields: &Fields) -> Tied {
    let how = text(fields, "how");
    let only = serde_json::from_value(how.as_str().into()).ok();
    Tied { person, options: None, chosen: how == "chosen", listing: None, only, send: Send { to, ..asked(fields) } }
}

/// What was put on record by hand, so that it is known from any other of that day.
pub(super) fn by_hand(one: &DisclosureView) -> Personal<String> {
    let (at, recorded) = (say::when(one.at), say::when(one.recorded));
    let late = if at == recorded { String::new() } else { format!(", put on record {recorded}") };
    Personal::new(format!("{at}{late}, {}: {} ({})", one.recipient, one.what.reveal(), one.clause))
}

fn told(view: &Value) -> Shown {
    let Ok(view) = read::<DisclosuresView>(view.clone()) else { return Shown::default() };
    if view.disclosures.is_empty() {
        return Shown::default().says("Nothing", vec!["Nothing was told to it.".into()]);
    }
    let line = |one: &DisclosureView| {
        let name = one.about();
        let kind = shown(KINDS_SHORT, one.information.name());
        let facts = one.law.as_ref().map_or_else(String::new, |law| {
            let court = law.court.as_ref().map_or("", |court| court.reveal().as_str());
            format!(" Decided by {}. {} {court}", law.decided.reveal(), law.matter.reveal())
        });
        let late =
            if one.recorded > one.at { format!(" (put on record {})", say::when(one.recorded)) } else { String::new() };
        let out = one.withheld.map_or_else(String::new, |until| {
            format!(" Left out of what the person is given until {}.", say::when(until))
        });
        Personal::new(format!(
            "{}{late}: {}, {kind}: {}. For {} ({}).{facts}{out}",
            say::when(one.at),
            name.reveal(),
            one.what.reveal(),
            one.purpose,
            one.clause
        ))
    };
    Shown::default().lists("Newest first", view.disclosures.iter().map(line).collect())
}

fn withheld(view: &Value) -> Shown {
    let Ok(view) = read::<WithheldsView>(view.clone()) else { return Shown::default() };
    if view.withheld.is_empty() {
        return Shown::default().says("Nothing", vec!["Nothing is left out of any accounting.".into()]);
    }
    let line = |one: &crate::api::care::WithheldRow| {
        let whom = one.name.as_ref().map_or("everybody", |name| name.reveal().as_str());
        let state = if one.stands { "left out until" } else { "whole since" };
        Personal::new(format!(
            "{}, about {whom}: {state} {}. {}: {}",
            one.to,
            say::when(one.until),
            one.official.reveal(),
            one.statement.reveal()
        ))
    };
    Shown::default().lists("The one that ends last first", view.withheld.iter().map(line).collect())
}

fn report(view: &Value) -> Shown {
    let Ok(view) = read::<ReportView>(view.clone()) else { return Shown::default() };
    let count = |count: Option<u64>| count.map_or_else(|| "left out".to_owned(), |count| count.to_string());
    let line = |label: &str, n: Option<u64>| Personal::new(format!("{label}: {}", count(n)));
    let cells = |cells: &[CellView]| cells.iter().map(|cell| line(&cell.name, cell.count)).collect::<Vec<_>>();
    let across = view.across.iter().map(|row| {
        let own = if row.own { ", ourselves or bound to us" } else { "" };
        Personal::new(format!("{} to {}{own}: {}", row.staff, row.partner, row.count))
    });
    let across: Vec<_> = across.collect();
    let sums = vec![
        line("Referrals", view.total),
        line("To ourselves or who is bound to us", view.own),
        line("To others", view.others),
        line("The person chose among options that were shown", view.chosen),
        line("There was only one", view.only_one),
        line("How it came to be was not recorded", view.not_recorded),
    ];
    Shown::default()
        .lists(view.organisation.as_str(), sums)
        .lists("By partner", cells(&view.by_partner))
        .lists("By service", cells(&view.by_service))
        .lists("By staff member", cells(&view.by_staff))
        .lists("Where each one's referrals go", across)
}
