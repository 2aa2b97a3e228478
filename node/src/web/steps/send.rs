//! Sending a referral under a consent: what goes to whom is shown before it goes, and the least is what goes.

use super::ask::{of, some, text, ticked, words};
use super::codes::{CHOSE, KINDS_SHORT, PURPOSES_SENT, URGENCY};
use super::left_out::read_aloud;
use super::subject::Choices;
use super::{After, Fields, Look, On, Shown, Step, Subject, Wrong};
use crate::api::care::{Care, ConsentView, Refer, Send, SendPreview, StaysView};
use crate::forms::Lang;
use crate::web::acts::codes::shown;
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must, part};
use crate::web::words as say;
use crate::wording::Hint;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::referral::{Information, Purpose, is_outside};
use belay_protocol::sensitive::Personal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const SEND: &[Field] = &[
    must("to", "To", Kind::Pick(Source::Parties)),
    may("service", "Which service", Kind::Pick(Source::Options))
        .hint("What the person was shown last. They read it."),
    may("how", "How the person came to this one", Kind::One(CHOSE, "")),
    may("chose", "Which of those that were shown the person chose", Kind::Pick(Source::Options))
        .hint("Known here only. Nothing chosen: the service above, or the only one of theirs."),
    must("reason", "What it is about", Kind::Text(3))
        .hint("Name the person before the condition: “a person in recovery”, “uses”, “tested positive”."),
    must("urgency", "How urgent", Kind::One(URGENCY, "routine")),
    may("needs", "What else the person needs, one a line", Kind::Each(3))
        .hint("The most urgent first. It goes only where the consent opens needs."),
    may("inquiry", "The question before it", Kind::Pick(Source::Inquiries)),
    may("lifts", "What it gets out of the way", Kind::Pick(Source::Barriers))
        .hint("A ride, a bed, papers: what another referral of this person waits for. The recipient does not learn of that one."),
    may("again", "It goes beside one of this person that is open there", Kind::Tick)
        .hint("Where one of this person is open with them already, you are told so before anything goes."),
    may("without_name", "Do not say who the person is", Kind::Tick)
        .hint("The referral then goes without name, birth date and telephone."),
    may("purpose", "Why it goes", Kind::Pick(Source::Purposes))
        .hint("What the consent names for them."),
    part(
        "More than the least",
        &[may("include", "Let these go as well", Kind::PickAny(Source::Kinds))
            .hint("What the consent opens for them. A referral does not need it; it can be opened later.")],
    ),
];

pub const ROWS: &[Step] = &[Step {
    slug: "send",
    on: On::Consent,
    title: "Send a referral",
    lead: "Nothing goes before you have seen what goes to whom.",
    button: "Show what would go to whom",
    done: "The referral is sent.",
    grave: false,
    fields: SEND,
    look: Some(Look {
        ask: |subject, fields| Ok(Care::ReferralReferPreview(meant(subject, fields))),
        show: preview,
        button: "Send it",
    }),
    ask: refer,
    after: After::Go(|_, view| format!("/threads/{}", super::house::id(view))),
}];

/// To whom it can go, each with the page on which that is written: where the consent names several, one is chosen first, since what may go hangs
/// on it. Nothing where there is nothing to choose.
pub(in crate::web) fn whom(subject: &Subject, href: &str) -> Vec<(String, Personal<String>)> {
    match subject.lists.of(Source::Parties) {
        [] | [_] => Vec::new(),
        several => several.iter().map(|(org, name)| (format!("{href}?{TO}{org}"), name.clone())).collect(),
    }
}

/// Before the organisation to which it goes, behind the address of the form.
pub(in crate::web) const TO: &str = "to=";

/// The kinds of information beyond the least that the consent lets us tell `to`, and the purposes. In a team those for each of it, with for
/// whom, where it is not for all of them.
pub(super) fn named(view: &ConsentView, own: OrgId, to: OrgId) -> [(Source, Choices); 2] {
    let in_team = |org: OrgId| view.team.iter().any(|party| party.org == org);
    let reads = |org: OrgId| org == to || (in_team(to) && in_team(org));
    let ours = view.flows.iter().filter(|flow| flow.from == own && reads(flow.to));
    let flows = ours.clone().filter(|flow| flow.purpose != Purpose::Emergency.to_string());
    let (mut kinds, mut purposes) = (Named::new(), Named::new());
    for flow in flows {
        if !matches!(flow.information, Information::Referral | Information::Identity) {
            let kind = flow.information.name();
            kinds
                .entry(kind.to_owned())
                .or_insert_with(|| (shown(KINDS_SHORT, kind).into(), BTreeSet::new()))
                .1
                .insert(flow.to);
        }
        for (code, words) in purposes_of(&flow.purpose) {
            purposes.entry(code).or_insert_with(|| (words, BTreeSet::new())).1.insert(flow.to);
        }
    }
    let all: BTreeSet<OrgId> = ours.map(|flow| flow.to).collect();
    let name = |org: &OrgId| view.parties.iter().find(|party| party.org == *org).map(|party| party.name.as_str());
    let list = |named: Named| {
        let line = |(code, (words, to)): (String, (Personal<String>, BTreeSet<OrgId>))| {
            if to == all {
                return (code, words);
            }
            let to: Vec<&str> = to.iter().filter_map(name).collect();
            (code, Personal::new(format!("{} (to {})", words.reveal(), to.join(", "))))
        };
        named.into_iter().map(line).collect()
    };
    [(Source::Kinds, list(kinds)), (Source::Purposes, list(purposes))]
}

/// By its code: in which words, and for whom.
type Named = BTreeMap<String, (Personal<String>, BTreeSet<OrgId>)>;

/// What one referral can be sent for under a purpose that a consent names: a code, and words.
fn purposes_of(named: &str) -> Vec<(String, Personal<String>)> {
    let of = |purpose: &Purpose| {
        let code = PURPOSES_SENT.iter().find(|(code, _)| Purpose::parse(code) == *purpose);
        code.map(|(code, words)| ((*code).to_owned(), Personal::from(*words)))
    };
    let known = PURPOSES_SENT.iter().map(|(code, _)| Purpose::parse(code)).find(|one| one.to_string() == named);
    match known {
        Some(purpose) => of(&purpose).into_iter().collect(),
        None if named == Purpose::Tpo.to_string() => {
            [Purpose::Treatment, Purpose::Payment, Purpose::Operations].iter().filter_map(of).collect()
        }
        None => vec![(named.to_owned(), named.into())],
    }
}

/// What every form of a referral asks for.
pub(super) fn asked(fields: &Fields) -> Send {
    Send {
        to: some(fields, "to"),
        include: of(fields, "include"),
        needs: of(fields, "needs"),
        again: ticked(fields, "again"),
        ..Send::new(
            String::new(),
            words(fields, "reason"),
            serde_json::from_value(text(fields, "urgency").into())
                .unwrap_or(belay_protocol::referral::Urgency::Routine),
        )
    }
}

fn send(subject: &Subject, fields: &Fields) -> Send {
    Send {
        consent: subject.id.clone(),
        without: if ticked(fields, "without_name") { vec![Information::Identity] } else { Vec::new() },
        service: some(fields, "service"),
        lifts: some(fields, "lifts"),
        purpose: some(fields, "purpose"),
        ..asked(fields)
    }
}

fn refer(subject: &Subject, fields: &Fields) -> Result<Care, Vec<Wrong>> {
    Ok(Care::ReferralRefer(meant(subject, fields)))
}

/// What is shown first and sent then: an inquiry says how urgent it is.
fn meant(subject: &Subject, fields: &Fields) -> Refer {
    let mut send = send(subject, fields);
    let off_network = send.to.as_deref().and_then(|to| to.parse::<OrgId>().ok()).is_some_and(is_outside);
    // A partner off the network is named apart from a member.
    let partner = if off_network { send.to.take() } else { None };
    let (how, listing) = (text(fields, "how"), some(fields, "chose"));
    Refer {
        off_network,
        partner,
        inquiry: some(fields, "inquiry"),
        options: None,
        chosen: how == "chosen" || (how.is_empty() && listing.is_some()),
        listing,
        only: serde_json::from_value(how.as_str().into()).ok(),
        send,
    }
}

fn kinds(kinds: &[Information]) -> Vec<Personal<String>> {
    kinds.iter().map(|kind| shown(KINDS_SHORT, kind.name()).into()).collect()
}

/// What the person asked to leave out, and when (42 CFR 2.26).
pub(in crate::web) fn stays(kinds: &[StaysView]) -> Vec<Personal<String>> {
    let line = |one: &StaysView| {
        let kind = shown(KINDS_SHORT, one.information.name());
        let team = one.of_team().map(|team| format!(" {team}: see May this be passed on.")).unwrap_or_default();
        Personal::new(format!("{kind} stays here: the person asked for it on {}.{team}", say::when(one.at)))
    };
    kinds.iter().map(line).collect()
}

/// Who would read this kind: the recipient, or those of a team who are named for it.
fn readers(view: &SendPreview, information: Information) -> String {
    let read = view.team.iter().filter(|member| member.reads.contains(&information));
    let names: Vec<&str> = read.map(|member| member.name.as_str()).collect();
    if view.team.is_empty() { view.to_name.clone() } else { names.join(", ") }
}

/// A word of the list, and what to write instead; never more of what was written.
fn instead(hint: &Hint) -> Personal<String> {
    Personal::new(format!("Instead of “{}”: {}", hint.word, hint.instead))
}

pub(super) fn preview(view: &Value) -> Shown {
    let Ok(view) = read::<SendPreview>(view.clone()) else { return Shown::default() };
    let mut page = Shown { refused: view.refused.clone(), ..Shown::default() };
    for goes in &view.goes {
        let line = |(field, text): &(String, Personal<String>)| Personal::new(format!("{field}: {}", text.reveal()));
        let mut lines: Vec<Personal<String>> = goes.says.iter().map(line).collect();
        if lines.is_empty() {
            lines.push("Opened; nothing is written there yet.".into());
        }
        let heading = format!(
            "To {}: {}. For {} ({}).",
            readers(&view, goes.information),
            shown(KINDS_SHORT, goes.information.name()).to_lowercase(),
            goes.purpose,
            goes.clause
        );
        page = page.lists(heading.as_str(), lines);
    }
    if !view.agreed.is_empty() {
        let heading = format!("Agreed with {}", view.to_name);
        page = page.lists(heading.as_str(), view.agreed.iter().map(|line| line.as_str().into()).collect());
    }
    if !view.hints.is_empty() {
        page = page.lists("Words that put the person first", view.hints.iter().map(instead).collect());
    }
    let mut rest = Vec::new();
    if let Some(at) = view.expires {
        rest.push(Personal::new(format!("That ends on {}.", say::when(at))));
    }
    let tied = view.consent == ConsentId::ZERO;
    let part = if tied { "what the agreement lets both tell" } else { "the part of the consent that concerns them" };
    rest.push(format!("With it goes the notice of 42 CFR 2.32 and {part}.").as_str().into());
    rest.push(format!("{}.", view.next.trim_end_matches('.')).as_str().into());
    if !view.kept_back.is_empty() {
        page = page.lists("Kept back, though it may be told", kinds(&view.kept_back));
        let ready = view.on_record.iter().map(|(kind, at)| {
            let kind = shown(KINDS_SHORT, kind.name());
            Personal::new(format!("{kind}, of {}: tick it to send it along.", say::when(*at)))
        });
        let ready: Vec<Personal<String>> = ready.collect();
        if !ready.is_empty() {
            page = page.lists("On record here, and kept back", ready);
        }
    }
    if !view.left_out.is_empty() {
        page = page.lists("Stays here: the person asked for it", stays(&view.left_out));
        let aloud: Vec<&str> = view.left_out.iter().filter_map(|one| one.aloud.as_deref()).collect();
        if !aloud.is_empty() {
            page.parts.push(read_aloud(Lang::Es, aloud.into_iter()));
        }
    }
    page = match view.comes_back.as_slice() {
        [] => page.says("What comes back", vec!["Nothing: the consent does not let them answer.".into()]),
        back => page.lists("What may come back", kinds(back)),
    };
    page.says("And then", rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::care::{ConsentParty, FlowView};
    use crate::web::pages::consent::sample;
    use belay_protocol::consent::Signer;

    #[test]
    fn what_is_shown_before_it_goes_is_what_goes() {
        let step = &ROWS[0];
        let subject = Subject { id: "c0".repeat(32), ..Subject::default() };
        let fields = serde_json::json!({
            "to": "a1".repeat(32), "reason": "a bed", "urgency": "routine", "inquiry": "b2", "how": "", "chose": "a1/1",
        });
        let fields = fields.as_object().expect("an object").clone();
        let look = step.look.as_ref().expect("it is shown first");
        let (Ok(Care::ReferralReferPreview(shown)), Ok(Care::ReferralRefer(sent))) =
            ((look.ask)(&subject, &fields), (step.ask)(&subject, &fields))
        else {
            panic!("a referral")
        };
        let json = |refer: &Refer| serde_json::to_value(refer).expect("it is sent so");
        assert_eq!(json(&shown), json(&sent));
        assert_eq!(
            (shown.inquiry.as_deref(), shown.chosen, shown.listing.as_deref()),
            (Some("b2"), true, Some("a1/1"))
        );
    }

    #[test]
    fn what_is_offered_to_send_is_what_the_consent_names_for_whom_it_names() {
        let [us, clinic, house] = [1, 2, 3].map(|n| OrgId([n; 32]));
        let flow = |from, to, information, purpose: Purpose| FlowView {
            from,
            from_name: String::new(),
            to,
            to_name: String::new(),
            information,
            purpose: purpose.to_string(),
        };
        let mut view = sample::view("signed", Signer::Person, "Maria Lopez");
        view.parties = [(clinic, "Ridge Clinic"), (house, "Hope House")]
            .map(|(org, name)| ConsentParty { org, name: name.to_owned() })
            .into();
        view.flows = vec![
            flow(us, clinic, Information::Referral, Purpose::Treatment),
            flow(us, clinic, Information::Medication, Purpose::Treatment),
            flow(clinic, us, Information::Clinical, Purpose::Payment),
            flow(us, clinic, Information::Crisis, Purpose::Emergency),
        ];
        let codes = |choices: &Choices| {
            choices.iter().map(|(code, words)| format!("{code}: {}", words.reveal())).collect::<Vec<_>>()
        };
        let [(_, kinds), (_, purposes)] = named(&view, us, clinic);
        let medication = shown(KINDS_SHORT, "medication");
        assert_eq!(codes(&kinds), [format!("medication: {medication}")]);
        assert_eq!(codes(&purposes), ["treatment: Treatment"], "not what others tell us for, nor what lies sealed");
        view.flows.push(flow(us, house, Information::Social, Purpose::Other("to find a home".into())));
        view.flows.push(flow(us, house, Information::Referral, Purpose::Tpo));
        let [(_, kinds), (_, purposes)] = named(&view, us, clinic);
        assert_eq!(codes(&kinds), [format!("medication: {medication}")], "nothing of what it names for another");
        assert_eq!(codes(&purposes), ["treatment: Treatment"]);
        let [(_, kinds), (_, purposes)] = named(&view, us, house);
        let social = shown(KINDS_SHORT, "social");
        assert_eq!(codes(&kinds), [format!("social: {social}")]);
        assert_eq!(
            codes(&purposes),
            [
                "operations: Operations of health care",
                "payment: Payment",
                "to find a home: to find a home",
                "treatment: Treatment"
            ]
        );
        // In a team each kind has readers of its own on one thread.
        view.team = [us, clinic, house].map(|org| ConsentParty { org, name: String::new() }).into();
        let [(_, kinds), _] = named(&view, us, clinic);
        assert_eq!(
            codes(&kinds),
            [format!("medication: {medication} (to Ridge Clinic)"), format!("social: {social} (to Hope House)")]
        );
    }
}
