//! Referrals, for people. Who prints one has signed in, and the look is on the record.

use super::{Page, Show, day, when, word};
use belay_node::api::care::{
    AppointmentView, ChoiceView, DeliveryState, DueView, FollowView, LineView, NeedView, NeedsView, OpenNeed,
    PersonFields, ThreadRow, ThreadView, ThreadsView, VisitView,
};
use belay_node::system::there;

fn row(t: &ThreadRow) -> Vec<String> {
    let name = t.name.as_ref().map(|n| n.reveal().clone()).unwrap_or_default();
    let state = if t.unread() { format!("{}; unread", t.state) } else { t.state.clone() };
    vec![t.id.short(), t.direction.clone(), state, t.other_name.clone(), name, when(t.updated)]
}

impl Show for ThreadsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self.threads.iter().map(row).collect();
        page.table(&["ID", "WAY", "STATE", "WITH", "PERSON", "LAST"], &rows, "No referrals.");
        if !self.inquiries.is_empty() {
            page.gap().line("Inquiries that wait:");
            super::outside::inquiries(page, &self.inquiries);
        }
        if !self.calls.is_empty() {
            page.gap().line("To be told by telephone that a consent was taken back: belay consent calls");
        }
        for owed in &self.owed {
            let (name, person) = (owed.name.reveal(), owed.person.short());
            page.gap().line(format!(
                "A new accounting is owed to {name}, who asked on {}: what was left out is in it again since {} (45 CFR 164.528(a)(2)).",
                day(owed.asked),
                day(owed.since)
            ));
            page.line(format!("belay disclosures --person {person} --print, and give it"));
        }
        for one in &self.falsely {
            if one.suspended {
                let (name, id) = (one.name.reveal(), one.consent.short());
                page.gap().line(format!("A consent of {name} is suspended: it may be false (42 CFR 2.31(c)(4))."));
                page.line(format!(
                    "belay consent show {id}; then belay consent void {id}, or belay consent suspend {id} --lift"
                ));
                continue;
            }
            page.gap().line(format!(
                "Told under a false consent, about {}: to {}. Say whether it is a breach (42 CFR 2.16(b); 45 CFR 164.402).",
                one.name.reveal(),
                one.to.join("; ")
            ));
            page.line(format!("belay consent show {id}; then belay consent judge {id}", id = one.consent.short()));
        }
    }
}

impl Show for NeedsView {
    fn show(&self, page: &mut Page) {
        let row = |need: &OpenNeed| {
            vec![format!("{}:{}", need.thread.short(), need.need), need.text.reveal().clone(), need.other_name.clone()]
        };
        let rows: Vec<Vec<String>> = self.needs.iter().map(row).collect();
        page.table(&["NEED", "WHAT", "REFERRAL WITH"], &rows, "Nothing waits.");
    }
}

impl Show for ThreadView {
    fn show(&self, page: &mut Page) {
        page.fields(&fields(self));
        super::left_out::stays(page, &self.left_out);
        let due: Vec<Vec<String>> = self.row.due.iter().map(|due| deadline(due, self.row.answers())).collect();
        if !due.is_empty() {
            page.gap().table(&["DUE", "WHAT", "WAITS FOR", "NEXT"], &due, "");
        }
        super::care::members(page, &self.members);
        visits(page, &self.visits);
        needs(page, &self.follow.needs);
        super::plans::both(page, self.follow.crisis.as_ref(), self.follow.medication.as_ref());
        super::plans::unsaid(page, self.row.id, &self.follow.unsaid);
        let rows: Vec<Vec<String>> = self.history.iter().map(history).collect();
        page.gap().table(&["AT", "ACT", "STAFF", "", "ENTRY"], &rows, "No acts yet.");
        if !self.letters.is_empty() {
            page.gap().line("Letters, and what was put on record afterwards (not handed over after all: belay referral letter --not-handed-over, belay disclosures went-back):");
        }
        for word in &self.letters {
            page.line(format!("  {}", super::care::sent(word)));
        }
        if !self.likely.is_empty() {
            page.gap().line("This may be somebody who is here already:");
            let rows: Vec<Vec<String>> = self
                .likely
                .iter()
                .map(|m| vec![m.person.short(), m.name.reveal().clone(), m.reasons.join(", ")])
                .collect();
            page.table(&["ID", "NAME", "WHY"], &rows, "");
        }
        if let Some(notice) = &self.notice {
            page.gap().line(notice);
        }
    }
}

/// A deadline, with whom to phone where the other side is late.
fn deadline(due: &DueView, partner: &str) -> Vec<String> {
    let waits = if due.ours { "us" } else { partner };
    vec![super::worklist::urgency(due), due.what.clone(), waits.to_owned(), due.does()]
}

fn fields(view: &ThreadView) -> Vec<(&'static str, String)> {
    let r = &view.row;
    let mut fields = vec![
        ("referral", r.id.to_string()),
        ("with", format!("{} ({})", r.other_name, r.direction)),
        ("state", r.state.clone()),
    ];
    let mut put = |label, value: Option<String>| fields.extend(value.map(|value| (label, value)));
    put(
        "off network",
        view.off_network.as_ref().map(|partner| {
            let number =
                if partner.telephone.is_empty() { "no number known: belay partner edit" } else { &partner.telephone };
            let joined = if partner.joined.is_some() { "; on the network now, which needs a new consent" } else { "" };
            format!("phone {}: {number}{joined}", partner.name)
        }),
    );
    put("person", r.name.as_ref().map(|name| name.reveal().clone()));
    // As it was told, beside whoever staff say it is.
    let told = view.identity.as_ref().filter(|_| r.direction == "incoming");
    put("told as", told.map(told_as).filter(|told| !told.is_empty()));
    put("in our records", r.person.map(|person| person.to_string()));
    put(
        "as was said by",
        view.linking.as_ref().and_then(|linking| linking.said.as_ref()).map(|said| {
            let why = if said.why.reveal().is_empty() { String::new() } else { format!(": {}", said.why.reveal()) };
            format!("{}, {}{why}", said.staff.reveal(), when(said.at))
        }),
    );
    let (label, basis) = super::care::basis(view.consent, view.version, &r.other_name);
    put(label, Some(basis));
    for word in &view.doubts {
        put("doubted", Some(format!("{} on {}: {}", word.staff.reveal(), day(word.at), word.note.reveal())));
    }
    put("referred to", r.recipient.clone());
    put("team", Some(r.team.join(", ")).filter(|names| !names.is_empty()));
    put("service", view.service.clone());
    put("choice", view.choice.as_ref().map(choice));
    put("about", view.reason.as_ref().map(|reason| reason.reveal().clone()));
    put("seen by them", view.acknowledged.filter(|_| r.direction == "outgoing").map(when));
    put("appointment", view.appointment.as_ref().map(appointment));
    put("came", view.attended.map(when));
    put("outcome", view.outcome.map(|outcome| word(&outcome)));
    follow(&view.follow, &mut put);
    put("delivery", view.delivery.map(|state| word(&state).replace('_', " ")));
    fields
}

/// The names and the date of birth that a referral tells.
fn told_as(told: &PersonFields) -> String {
    let texts = [&told.name].into_iter().chain(&told.other_names).chain([&told.birth_date]);
    let texts: Vec<&str> = texts.map(|text| text.reveal().as_str()).filter(|text| !text.is_empty()).collect();
    texts.join(", ")
}

/// How it came to this recipient, which is told to nobody.
fn choice(choice: &ChoiceView) -> String {
    let said = format!("({}, {}; known here only)", choice.staff.reveal(), day(choice.at));
    if let Some(only) = choice.only {
        return format!("only one: {} {said}", word(&only).replace('_', " "));
    }
    let among = choice.shown.map(|shown| format!(" among {shown} that were shown")).unwrap_or_default();
    let service = choice.service.as_ref().map(|service| format!(": {service}")).unwrap_or_default();
    format!("the person chose{among}{service} {said}")
}

fn appointment(of: &AppointmentView) -> String {
    let (place, note) = (of.place.reveal(), of.note.reveal());
    format!("{} {place} ({}) {note}", there(of.at, &of.zone), word(&of.mode)).trim().to_owned()
}

/// What each of a team does for itself with the person.
fn visits(page: &mut Page, visits: &[VisitView]) {
    if visits.is_empty() {
        return;
    }
    let row = |visit: &VisitView| {
        let who = if visit.is_ours() { "we" } else { visit.org_name.as_str() };
        let at = visit.appointment.as_ref().map(appointment).unwrap_or_default();
        vec![who.to_owned(), word(&visit.stands), at, visit.attended.map(when).unwrap_or_default()]
    };
    let rows: Vec<Vec<String>> = visits.iter().map(row).collect();
    page.gap().table(&["OWN APPOINTMENT", "STANDS", "WHEN", "CAME"], &rows, "");
}

fn follow(follow: &FollowView, put: &mut impl FnMut(&'static str, Option<String>)) {
    put(
        "on hold",
        follow.hold.as_ref().map(|why| {
            let barriers: Vec<&str> = why.barriers.iter().map(|barrier| barrier.word()).collect();
            joined(&[&barriers.join(", "), why.note.reveal()])
        }),
    );
    put("lost since", follow.lost.map(|at| format!("{} (tried {} times)", day(at), follow.attempts.len())));
    put(
        "leaves",
        follow.transition.as_ref().map(|transition| {
            let watch = follow.watch_day.map(|day| format!("day {day} of the two-week watch")).unwrap_or_default();
            let what = format!("{} on {}", transition.leaving.word(), when(transition.on));
            joined(&[&what, &watch, transition.note.reveal()])
        }),
    );
    put(
        "last seen",
        follow
            .seen
            .as_ref()
            .map(|seen| joined(&[&format!("{} {}", seen.setting.word(), when(seen.at)), seen.note.reveal()])),
    );
    put("lifts", follow.lifts.map(|(thread, need)| format!("need {need} of referral {}", thread.short())));
}

fn needs(page: &mut Page, needs: &[NeedView]) {
    if needs.is_empty() {
        return;
    }
    let row = |(place, view): (usize, &NeedView)| {
        let need = &view.need;
        let status = if view.lifted { "lifted" } else { need.status.word() };
        let referrals: Vec<String> = view.referrals.iter().map(|thread| thread.short()).collect();
        let owner = joined(&[need.owner.word(), need.who.reveal()]);
        let what = joined(&[need.kind.word(), need.text.reveal()]);
        vec![(place + 1).to_string(), what, status.to_owned(), owner, need.next.reveal().clone(), referrals.join(", ")]
    };
    let rows: Vec<Vec<String>> = needs.iter().enumerate().map(row).collect();
    page.gap().table(&["NEED", "WHAT", "STATUS", "OWNER", "NEXT", "REFERRALS"], &rows, "");
}

fn history(line: &LineView) -> Vec<String> {
    let mut remarks = line.text.reveal().clone();
    match line.delivery {
        Some(DeliveryState::Unconfirmed) => remarks.push_str(" [not known to have arrived]"),
        Some(DeliveryState::Waiting) => remarks.push_str(" [waiting]"),
        Some(DeliveryState::LeftWithCarrier) => remarks.push_str(" [left with a carrier]"),
        Some(DeliveryState::Read) if line.act == "message" => remarks.push_str(" [read]"),
        Some(DeliveryState::Delivered) if line.act == "message" => remarks.push_str(" [delivered]"),
        Some(DeliveryState::Read | DeliveryState::Delivered) | None => {}
    }
    if line.own {
        remarks.push_str(" [an appointment of its own]");
    }
    if line.local {
        remarks.push_str(" [kept here, told to nobody]");
    }
    if line.crossed {
        remarks.push_str(" [crossed another act: look at both]");
    }
    match (&line.mistake, &line.without_effect) {
        (Some(struck), _) => {
            let (staff, why) = (struck.staff.reveal(), struck.why.reveal());
            remarks.push_str(&format!(" [struck as a mistake, {staff}, {}: {why}]", when(struck.at)));
        }
        (None, Some(why)) => remarks.push_str(&format!(" [without effect: {why}]")),
        (None, None) => {}
    }
    if line.strike_untold {
        remarks.push_str(" [they do not know that: belay referral mistake, or say-again]");
    }
    // What can be struck (`referral mistake`).
    let entry = if line.may_be_mistaken || line.strike_untold { line.entry.short() } else { String::new() };
    vec![when(line.at), line.act.clone(), line.staff.reveal().clone(), remarks.trim().to_owned(), entry]
}

fn joined(texts: &[&str]) -> String {
    texts.iter().copied().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}
