//! Views about persons, consents and referrals, for people. Who prints one of these has signed in, and the look is on the record.

use super::{Page, Show, day, emergency, when, word};
use belay_node::api::care::{
    AttachmentView, AttachmentsView, AuditCheckView, AuditView, ConsentView, ConsentsView, CoverView, DisclosuresView,
    EventView, FalselyTold, LawView, MemberView, OnwardView, PrintView, RevokePreview, SendPreview, SentView,
    WithheldRow, WithheldsView,
};
use belay_protocol::disclosure::Stage;
use belay_protocol::ids::{ConsentId, PersonId};
use belay_protocol::referral::Information;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

fn short(person: Option<PersonId>) -> String {
    person.map(|p| p.short()).unwrap_or_default()
}

/// A consent after staff did something to it: how it stands now, without the form that they have read.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub struct Stands(ConsentView);

impl Show for Stands {
    fn show(&self, page: &mut Page) {
        let consent = &self.0;
        let with: Vec<&str> = consent.parties.iter().map(|party| party.name.as_str()).collect();
        let facts = [
            ("consent", format!("{}, number {}", consent.id.short(), consent.version)),
            ("person", consent.name.reveal().clone()),
            ("with", with.join(", ")),
            ("state", consent.state.clone()),
        ];
        // Of one that came here its keeper alone knows all of these.
        page.fields(&facts.into_iter().filter(|(_, fact)| !fact.is_empty()).collect::<Vec<_>>());
        notes(consent, page);
        // Of one that is kept elsewhere there is no form here.
        if consent.state != "discarded" && !consent.parties.is_empty() {
            page.gap()
                .line(format!("The form, as it is read and handed over: belay consent print {}", consent.id.short()));
        }
    }
}

impl Show for ConsentView {
    fn show(&self, page: &mut Page) {
        page.line(self.form.reveal().trim_end());
        notes(self, page);
    }
}

/// What staff have to know of a consent, beside its form.
fn notes(consent: &ConsentView, page: &mut Page) {
    if let Some(missing) = &consent.missing {
        page.gap().line(format!("Missing: {missing}"));
    }
    if let Some(called) = &consent.called {
        page.gap().line(format!("Signed under the name {}; called {} now.", consent.name.reveal(), called.reveal()));
    }
    for one in &consent.signed_with {
        let file = one.file.reveal();
        page.gap().line(if one.here {
            format!("Signed with {file}: belay attachment get {}", one.id.get(..8).unwrap_or_default())
        } else {
            format!("Signed with {file}, which has not come to this machine, or is not on it any more.")
        });
    }
    if let Some(why) = &consent.age_why {
        let (on, by) = (when(why.at), why.staff.reveal());
        page.gap().line(format!("Signed so at the age on record, say {by}, {on}: {}", why.note.reveal()));
    }
    if let Some(waiting) = &consent.waiting {
        page.gap().line(format!("Waiting: {waiting}."));
    }
    for heard in &consent.heard {
        page.gap().line(format!("Heard: {heard}."));
    }
    super::left_out::asked(page, &consent.restrictions, |one| format!("number {}", one.number));
    for one in &consent.events {
        page.gap().line(came(consent.id, one));
    }
    for sentence in &consent.anew {
        page.gap().line(format!("{sentence} (belay referral send)"));
    }
    for join in &consent.joins {
        page.gap().line(format!(
            "Once the change is signed, {} newly reads what stands in referral {}: {} of `{}`.",
            join.name,
            join.thread.short(),
            join.acts,
            join.information
        ));
    }
    super::left_out::signing(page, &consent.touches, consent.aloud.as_ref());
    for information in &consent.unshared {
        page.gap().line(format!(
                "`{information}` has no place in a referral to this team, since this organisation tells nobody of it: those who do can tell it \
                 each other under a consent that one of them keeps. Name this organisation for it too, or leave it out."
            ));
    }
    for word in &consent.doubts {
        page.gap().line(format!("{} on {}: {}", word.staff.reveal(), day(word.at), word.note.reveal()));
    }
    for sentence in &consent.behind {
        let (person, id) = (consent.person.short(), consent.id.short());
        page.gap().line(format!("{sentence}: belay emergency place --person {person} --at ORG --consent {id}"));
    }
    for sentence in &consent.copies {
        page.gap().line(format!("{sentence}: belay emergency withdraw {}", consent.person.short()));
    }
    falsely(page, consent, &consent.falsely);
    if let Some(version) = consent.pending {
        page.gap().line(format!(
            "A change waits for a signature: version {version}. `belay consent print {} --amendment` shows it.",
            consent.id.short()
        ));
    }
    if consent.apart {
        page.gap().line(
            "Versions were signed apart at two nodes. What each allows holds; `belay consent amend` makes one of them.",
        );
    }
}

/// An event, on which day, and that it was a mistake.
fn came(consent: ConsentId, one: &EventView) -> String {
    let what = if one.revocable {
        "It can be revoked: that event came about"
    } else {
        "The event at which it ends came about"
    };
    let on = day(one.on);
    match &one.struck {
        None => {
            let (consent, flag) = (consent.short(), if one.revocable { " --revocable" } else { "" });
            format!("{what} on {on}. If that is wrong: belay consent event {consent}{flag} --mistake")
        }
        Some(word) => {
            let (by, at, why) = (word.staff.reveal(), when(word.at), word.note.reveal());
            format!("{what} on {on}: that was a mistake, says {by}, {at}: {why}")
        }
    }
}

/// What went under a consent that is false, and what was said of it.
fn falsely(page: &mut Page, consent: &ConsentView, all: &[FalselyTold]) {
    if !all.is_empty() {
        let rests =
            if consent.state == "void" { "and it rested on nothing" } else { "which rested on nothing if it is false" };
        page.gap().line(format!("Told under it, {rests} (42 CFR 2.16(b); 45 CFR 164.402):"));
    }
    for one in all {
        let phone =
            one.phone.as_ref().map_or_else(String::new, |phone| format!("; phone {}, {}", phone.who, phone.telephone));
        page.line(format!("  {}{phone}", one.recipient));
        for line in &one.told {
            let sealed = if line.stage == Stage::Placed { " (sealed; not opened)" } else { "" };
            page.line(format!("    {}  {}: {}{sealed}", when(line.at), line.information, line.what.reveal()));
        }
        if let Some(word) = &one.judged {
            page.line(format!("    {}, {}: {}", when(word.at), word.staff.reveal(), word.note.reveal()));
        }
        if one.open {
            let (consent, to) = (consent.id.short(), one.to.short());
            page.line(format!(
                "    waits for the privacy officer: belay consent judge {consent} --to {to} --why @FILE"
            ));
        }
    }
}

impl Show for PrintView {
    fn show(&self, page: &mut Page) {
        page.line(self.form.reveal().trim_end());
    }
}

fn attachment(a: &AttachmentView) -> Vec<String> {
    let arrived = if a.waits() {
        "chosen, and not gone yet".to_owned()
    } else if a.missing == 0 {
        let last = a.went.as_ref().and_then(|words| words.last());
        last.and_then(|word| word.way).map(|way| format!("gone, {}", way.words())).unwrap_or_default()
    } else {
        format!("{} of {} parts missing", a.missing, a.parts)
    };
    let size = format!("{} kB", a.bytes.div_ceil(1_000));
    let kind = a.information.map(|i| i.to_string()).unwrap_or_default();
    let short = a.id.chars().take(8).collect();
    vec![short, a.name.reveal().clone(), word(&a.media), size, kind, when(a.at), arrived]
}

const ATTACHMENT: [&str; 7] = ["ID", "NAME", "TYPE", "SIZE", "KIND", "AT", ""];

/// One word about how a file went.
pub(super) fn sent(word: &SentView) -> String {
    let (at, staff) = (when(word.at), word.staff.reveal());
    let to = if word.to.reveal().is_empty() { String::new() } else { format!(" to {}", word.to.reveal()) };
    match (&word.back, word.way) {
        (Some(why), _) if word.letter => format!("{at} {staff}: printed, not handed over: {}", why.reveal()),
        (None, _) if word.letter => format!("{at} {staff}: printed"),
        (Some(why), _) => format!("{at} {staff}: did not go after all: {}", why.reveal()),
        (None, way) => {
            let went = word.when.map_or_else(String::new, |went| format!(", on {}", when(went)));
            let told = word
                .told
                .as_ref()
                .map_or_else(String::new, |told| format!("put on record afterwards: {}; ", told.reveal()));
            format!("{at} {staff}: {told}{}{to}{went}", way.map_or("", belay_protocol::disclosure::Means::words))
        }
    }
}

impl Show for SentView {
    fn show(&self, page: &mut Page) {
        page.line(sent(self));
    }
}

impl Show for CoverView {
    fn show(&self, page: &mut Page) {
        page.line(self.text.reveal().trim_end());
    }
}

impl Show for AttachmentView {
    fn show(&self, page: &mut Page) {
        page.table(&ATTACHMENT, &[attachment(self)], "");
        went(page, std::slice::from_ref(self));
    }
}

/// What was written of those that were chosen for a partner off the network, and what to do about those that wait.
fn went(page: &mut Page, files: &[AttachmentView]) {
    for file in files {
        for word in file.went.iter().flatten() {
            page.line(format!("  {}", sent(word)));
        }
        if file.waits()
            && let Some(thread) = file.thread
        {
            let id: String = file.id.chars().take(8).collect();
            let thread = thread.short();
            page.line(format!(
                "It is told when it has gone: belay attachment went {id} --thread {thread} --by handed|faxed|mailed (belay attachment cover prints the sheet before it)"
            ));
        }
    }
}

impl Show for AttachmentsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self.attachments.iter().map(attachment).collect();
        page.table(&ATTACHMENT, &rows, "No files.");
        went(page, &self.attachments);
    }
}

impl Show for ConsentsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .consents
            .iter()
            .map(|c| {
                let (id, parties) = (c.id.short(), c.parties.join(", "));
                let waits = if c.pending.is_some() { ", a change waits for a signature" } else { "" };
                let (kind, name) = (c.kind.reveal().clone(), c.name.reveal().clone());
                let signed = c.signed_on.map_or_else(String::new, |on| on.date());
                let until: Vec<&str> = c.ends.iter().map(|end| end.reveal().as_str()).collect();
                let state = format!("{}{waits}", c.state);
                vec![id, c.version.to_string(), state, name, parties, kind, signed, until.join("; ")]
            })
            .collect();
        page.table(&["ID", "VERSION", "STATE", "PERSON", "WITH", "FOR", "SIGNED ON", "END"], &rows, "No consents.");
    }
}

/// On what it rests that something was told without a consent, on one line.
fn lawful(law: &LawView) -> String {
    let mut said = vec![format!("{}, decided by {}, {}", law.clause, law.decided.reveal(), when(law.at))];
    let dated = law.dated.as_deref().unwrap_or_default();
    said.extend(law.court.as_ref().map(|court| format!("order of {} of {dated}", court.reveal())));
    said.extend(law.mandate.as_ref().map(|mandate| mandate.reveal().clone()));
    said.push(law.matter.reveal().clone());
    said.extend(law.undertaking.as_ref().map(|undertaking| undertaking.reveal().clone()));
    said.join("; ")
}

impl Show for DisclosuresView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .disclosures
            .iter()
            .map(|d| {
                let to = d.address.as_ref().map_or_else(|| d.recipient.clone(), |at| format!("{}, {at}", d.recipient));
                let about = d.about().reveal().clone();
                let what = format!("{}: {}", d.information, emergency::what(d.what.reveal(), d.facts.as_ref()));
                let what = d.law.as_ref().map_or(what.clone(), |law| format!("{what} ({})", lawful(law)));
                let out = |until| format!("{what} [left out of what the person is given until {}]", when(until));
                let what = d.withheld.map_or(what.clone(), out);
                let how = if d.printed { "letter printed".to_owned() } else { emergency::stage(&d.stage) };
                let late = format!("{}, on record {}", when(d.at), when(d.recorded));
                let at = if d.recorded > d.at { late } else { when(d.at) };
                vec![at, how, to, about, what, d.purpose.clone(), d.staff.reveal().clone()]
            })
            .collect();
        let heads = ["AT", "HOW", "TO", "ABOUT", "WHAT", "PURPOSE", "STAFF"];
        page.table(&heads, &rows, "Nothing was disclosed.");
        let placed = self.disclosures.iter().filter(|told| told.stage == Stage::Placed).count();
        let taken_back = self.disclosures.len().saturating_sub(self.made + placed);
        let mut foot = format!("{} made", self.made);
        if placed > 0 {
            foot.push_str(&format!("; {placed} placed in advance and counted only once opened"));
        }
        if taken_back > 0 {
            foot.push_str(&format!("; {taken_back} that did not go after all"));
        }
        if placed + taken_back > 0 {
            page.line(foot + ".");
        }
        let mut at_once = BTreeSet::new();
        for one in self.disclosures.iter().filter(|d| d.by_hand && at_once.insert((d.recorded, d.entry, d.to))) {
            page.line(format!(
                "Put on record by hand on {}, to {} at {}: {} ({}); if it was never told: belay disclosures strike {} --why @FILE",
                when(one.recorded),
                one.recipient,
                when(one.at),
                one.what.reveal(),
                one.clause,
                one.record.short()
            ));
        }
    }
}

impl Show for WithheldsView {
    fn show(&self, page: &mut Page) {
        let row = |one: &WithheldRow| {
            let state = if one.stands { "LEFT OUT until" } else { "whole since" };
            vec![
                one.id.chars().take(8).collect(),
                one.to.clone(),
                one.name.as_ref().map_or_else(|| "everybody".to_owned(), |name| name.reveal().clone()),
                format!("{state} {}", when(one.until)),
                format!("{} {}", if one.spoken { "spoken" } else { "written" }, when(one.said)),
                one.official.reveal().clone(),
                one.statement.reveal().clone(),
                one.ended.as_ref().map(|why| why.reveal().clone()).unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = self.withheld.iter().map(row).collect();
        let heads = ["STATEMENT", "AGENCY", "ABOUT", "STATE", "STATED", "BY", "SAYS", "ENDED"];
        page.table(&heads, &rows, "Nothing is left out of any accounting.");
    }
}

impl Show for OnwardView {
    fn show(&self, page: &mut Page) {
        page.line(&self.says);
        if let Some(notice) = &self.notice {
            page.gap().line(notice);
        }
        if let Some(scope) = &self.scope {
            page.gap().line("What the consent says (42 CFR 2.32(b)):").line(scope.trim_end());
        }
    }
}

impl Show for RevokePreview {
    fn show(&self, page: &mut Page) {
        page.line(&self.does).line(&self.cannot);
    }
}

/// What a referral rests on.
pub(super) fn basis(consent: ConsentId, version: u32, other: &str) -> (&'static str, String) {
    if consent == ConsentId::ZERO {
        ("agreement", format!("version {version} with {other}; no consent is needed (42 CFR 2.12(c))"))
    } else {
        ("consent", format!("{} version {version}", consent.short()))
    }
}

/// Who works on a thread together, and what each reads.
pub(super) fn members(page: &mut Page, members: &[MemberView]) {
    if members.is_empty() {
        return;
    }
    let part = |member: &MemberView| if member.acts { "referred to" } else { "" }.to_owned();
    let reads = |member: &MemberView| member.reads.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let rows: Vec<Vec<String>> = members
        .iter()
        .map(|member| vec![member.name.clone(), part(member), reads(member), member.next.clone()])
        .collect();
    page.gap().table(&["TEAM", "PART", "READS", "NEXT"], &rows, "");
}

impl Show for SendPreview {
    fn show(&self, page: &mut Page) {
        let kinds = |kinds: &[Information]| match kinds {
            [] => "nothing".to_owned(),
            kinds => kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "),
        };
        page.fields(&[
            ("to", format!("{} ({})", self.to_name, self.to_kind)),
            basis(self.consent, self.version, &self.to_name),
        ]);
        for goes in &self.goes {
            page.gap().line(format!("{} goes, for {} ({})", goes.information, goes.purpose, goes.clause));
            for (field, text) in &goes.says {
                page.line(format!("    {field}: {}", text.reveal()));
            }
        }
        page.gap().line(format!("Kept back though it may be told: {}.", kinds(&self.kept_back)));
        super::left_out::stays(page, &self.left_out);
        for (kind, at) in &self.on_record {
            let what = super::plans::called(*kind);
            page.line(format!("    On record here: {what} of {} (--include {kind})", day(*at)));
        }
        page.line(format!("May come back: {}.", kinds(&self.comes_back)));
        page.line(&self.next);
        members(page, &self.team);
        if !self.agreed.is_empty() {
            page.gap().line(format!("Agreed with {}:", self.to_name));
        }
        for line in &self.agreed {
            page.line(format!("    {line}"));
        }
        if !self.hints.is_empty() {
            page.gap().line("Words that put the person first:");
        }
        for hint in &self.hints {
            page.line(format!("    instead of \"{}\": {}", hint.word, hint.instead));
        }
        page.gap().line("This notice goes along (42 CFR 2.32(a)(1)):").line(format!("    {}", self.notice.trim()));
        match &self.refused {
            Some(why) => page.gap().line(format!("It can not be sent: {why}")),
            None => page.gap().line("Nothing was sent."),
        };
    }
}

impl Show for AuditCheckView {
    fn show(&self, page: &mut Page) {
        let (entries, looks, disclosures, told) = (self.entries, self.looks, self.disclosures, self.told);
        page.line(format!(
            "Looked at: {entries} entries, {looks} looks, {disclosures} disclosures, {told} entries in referrals."
        ));
        if self.apart > 0 {
            page.line(format!(
                "{} entries count no more, such as of a machine that was retired: kept, and without effect.",
                self.apart
            ));
        }
        for one in &self.findings {
            let at = one.at.map_or_else(String::new, |at| format!(", {}", when(at)));
            page.line(format!("  {} ({}{at})", one.what, one.entry.short()));
        }
        match self.wrong.saturating_sub(self.findings.len() as u64) {
            0 if self.wrong == 0 => page.line("Nothing is wrong with them."),
            0 => page,
            more => page.line(format!("  and {more} more")),
        };
    }
}

impl Show for AuditView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .looks
            .iter()
            .map(|l| {
                let thread = l.thread.map(|t| t.short()).unwrap_or_default();
                let looked = format!("{} {}", l.looked.replace('_', " "), l.words.reveal());
                vec![when(l.at), l.staff.reveal().clone(), looked.trim_end().to_owned(), short(l.person), thread]
            })
            .collect();
        page.table(&["AT", "STAFF", "LOOKED AT", "PERSON", "REFERRAL"], &rows, "Nobody looked at anything yet.");
    }
}
