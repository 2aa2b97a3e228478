//! Files in referrals, and what a recipient passes on of what it was told (2.33).

use super::check::heard;
use super::consents::another;
use super::county::County;
use super::model::{Org, Why};
use super::threads::{case, may_tell};
use super::words;
use belay_node::api::care::{
    AttachTo, AttachingView, AttachmentView, AttachmentsOf, AttachmentsView, Care, DisclosuresAsk, DisclosuresView,
    OnwardAsk, OnwardView, Upload,
};
use belay_protocol::referral::Information;
use belay_protocol::space::control::PartnerKind;

const KINDS: [Information; 4] =
    [Information::Referral, Information::Clinical, Information::Social, Information::Medication];

/// A file of one piece, under the consent as it is now.
pub fn attach(county: &mut County) {
    let Some((at, own, other)) = case(county) else { return };
    let thread = county.model.cases[at].id.clone();
    let information = KINDS[county.rng.below(KINDS.len())];
    let [name, text, content] = ["name of a file", "text with a file", "file"].map(|what| county.model.word(own, what));
    let (may, late) = may_tell(county, at, own, information);
    let case = county.model.cases[at].clone();
    if may && case.team.is_empty() {
        county.model.tell(&[name, text, content], other);
    }
    if !case.team.is_empty() {
        super::teams::tell(county, at, own, information, &[name, text, content]);
    }
    for word in [name, text, content] {
        county.model.facts[word].late = late;
    }
    county.tell(format!(
        "{} attaches a file of {information} to referral {at}, which it {} tell",
        County::name(own),
        super::papers::may_or_not(may)
    ));
    let (name, bytes) = (format!("{}.txt", words::text(name)), format!("{}\n", words::text(content)));
    let upload = Upload::new(AttachTo::Thread { thread, information }, &name, bytes.as_bytes()).unwrap();
    let Some(missing) = county.ask::<AttachingView>(own, &upload.ask()).map(|view| view.missing) else { return };
    if !missing.is_empty() && county.ask::<AttachingView>(own, &upload.put(&missing)).is_none() {
        return;
    }
    if county.ask::<AttachmentView>(own, &upload.finish(words::personal(text))).is_none() {
        return;
    }
    county.count("files attached");
    let case = county.model.cases[at].clone();
    if own == case.sender {
        let person = county.model.persons[case.person].id.clone();
        let account: Option<DisclosuresView> = county.ask(own, &Care::Disclosures(DisclosuresAsk::of(&person)));
        let listed = |view: DisclosuresView| view.disclosures.iter().any(|row| row.what.reveal().contains(&name));
        if !account.is_some_and(listed) {
            county.breaks(format!("7: the accounting lacks a file that {} told", County::name(own)));
        }
    }
}

/// What files there are.
pub fn files(county: &mut County) {
    let Some((at, own, _)) = case(county) else { return };
    let thread = county.model.cases[at].id.clone();
    let ask = Care::Attachments(AttachmentsOf { person: None, thread: Some(thread) });
    if county.ask::<AttachmentsView>(own, &ask).is_some_and(|view| !view.attachments.is_empty()) {
        county.count("files looked at");
    }
}

/// Whether a recipient may pass on one kind of what a referral told it, as far as it has heard.
fn may_pass(county: &County, at: usize, (own, to): (Org, Org), kind: Information, ask: &OnwardAsk) -> bool {
    let (case, kinds) = (&county.model.cases[at], &county.model.kinds);
    let state = &county.model.consents[case.consent].rulings[heard(county, case)].state;
    let now = county.clock(own);
    let spared = super::threads::left_out(county, case, (own, to), kind);
    if case.heard || spared || super::doubts::doubts(county, case.consent, own) {
        return false;
    }
    let treatment = ask.purpose == "treatment";
    let covers = |why: Why| why == Why::Tpo || (why == Why::Treatment && treatment);
    let came = |why: Why| {
        state.terms.ways.iter().any(|way| {
            (way.to, way.kind, way.why) == (own, kind, why) && state.permits(kinds, way.from, own, kind, false, now)
        })
    };
    let named = state.terms.ways.iter().any(|way| {
        (way.from, way.to, way.kind) == (own, to, kind)
            && covers(way.why)
            && state.permits(kinds, own, to, kind, false, now)
    });
    let hears = match kinds[to] {
        PartnerKind::CoveredEntity | PartnerKind::Part2Program => true,
        PartnerKind::NonCoveredCbo => ask.contract,
        _ => false,
    };
    named
        || match kinds[own] {
            PartnerKind::CoveredEntity => came(Why::Tpo) && hears,
            PartnerKind::NonCoveredCbo => came(Why::Tpo) && hears && ask.contract && !treatment,
            _ => false,
        }
}

pub fn onward(county: &mut County) {
    let Some((at, own, sender)) = case(county) else { return };
    if own != county.model.cases[at].recipient {
        return;
    }
    let Some(to) = another(county, &[own, sender]) else { return };
    let kind = KINDS[county.rng.below(KINDS.len())];
    let told = county.model.word(own, "what was passed on");
    let ask = OnwardAsk {
        thread: county.model.cases[at].id.clone(),
        to: County::name(to),
        information: kind,
        purpose: if county.rng.chance(60) { "treatment" } else { "payment" }.to_owned(),
        contract: county.rng.chance(50),
        told: county.rng.chance(60).then(|| words::personal(told)),
    };
    let may = may_pass(county, at, (own, to), kind, &ask);
    county.tell(format!("{} passes {kind} of referral {at} on to {}: {may}", County::name(own), County::name(to)));
    if may {
        let thread = county.model.cases[at].id.clone();
        county.model.passed.insert((own, to, thread));
    }
    let view: Option<OnwardView> = county.ask(own, &Care::ConsentOnward(ask));
    if view.is_some_and(|view| view.permitted) {
        county.count("passed on");
        if !may {
            county.breaks(format!(
                "2: {} passes {kind} on to {}, which nothing lets it",
                County::name(own),
                County::name(to)
            ));
        }
    }
}
