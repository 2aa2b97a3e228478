//! What the page of a thread shows.

use super::super::Frame;
use super::super::inbox::who;
use super::super::person::{FileLine, sent};
use super::follow;
use super::history::{HistoryLine, code};
use crate::api::care::{
    AppointmentView, AttachmentView, DeliveryState, DueView, LinkingView, MatchView, MemberView, PartnerView,
    PersonFields, ReviewView, ThreadView, VisitView,
};
use crate::http::csrf::Tokens;
use crate::web::acts::{AFTER_END, Drawn, FIRST, Group, codes, usual, usual_heard};
use crate::web::form::Typed;
use crate::web::standing::{self, Side};
use crate::web::steps::codes::KINDS_SHORT;
use crate::web::steps::{On, Step, stays};
use crate::web::words;
use askama::Template;
use belay_protocol::consent::notice::STATEMENT_2;
use belay_protocol::ids::{ConsentId, PersonId};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Information, Place, Stands};
use belay_protocol::sensitive::Personal;

#[derive(Template)]
#[template(path = "thread.html")]
pub struct ThreadPage {
    pub frame: Frame,
    pub csrf: Tokens,
    /// Of this page; forms lie below it.
    pub href: String,
    pub who: Personal<String>,
    /// Pages of the person and the consent, where they are ours.
    pub person: Option<String>,
    pub consent: Option<String>,
    /// Where the person takes the consent back; `None`: it has ended.
    pub revoke: Option<String>,
    /// Where staff look whether what came may be passed on.
    pub onward: Option<String>,
    /// Where staff say of a consent that is kept elsewhere that it may be false, or that it stands again; or who can.
    pub doubt: Option<(String, &'static str)>,
    pub not_theirs: Vec<String>,
    /// There is a letter to print.
    pub letter: bool,
    /// What was written of its letters, and where staff say that the last one was not handed over.
    pub letters: Vec<Personal<String>>,
    pub letter_back: Option<String>,
    /// Where what went before and left no trace here is put on record, and where that is taken back.
    pub went: Option<String>,
    pub went_back: Option<String>,
    /// Files that go with it, and whether one can be attached.
    pub files: Vec<FileLine>,
    pub attach: bool,
    /// What was typed with a file that was refused: its kind, and the words with it.
    pub attaching: Option<(String, Personal<String>)>,
    pub sender: String,
    pub recipient: String,
    /// Who works on it together, and what each reads.
    pub members: Vec<MemberLine>,
    pub urgent: bool,
    /// Whom to phone, where the other is not on the network.
    pub off_network: Option<PartnerView>,
    pub status: String,
    pub next: &'static str,
    /// What was typed into a form that is not there any more, with what each was asked for.
    pub lost: Vec<(&'static str, Personal<String>)>,
    /// What stands over everything else.
    pub alarms: Vec<Personal<String>>,
    /// What is told to nobody since the person asked for that, and the sentence to read to the person in another language.
    pub stays: Vec<(Personal<String>, Option<String>)>,
    pub due: Option<String>,
    /// Where it is done, if that is not on this page.
    pub due_at: Option<(String, &'static str)>,
    pub due_late: bool,
    pub visit: Option<VisitLine>,
    /// Appointments of the others' own, in a team.
    pub visits: Vec<OwnLine>,
    pub delivery: Option<String>,
    /// Staff say who it is; `None`: it can not be said here.
    /// It can be accepted once staff have said who the person is.
    pub accept_waits: bool,
    pub link: Option<Linking>,
    /// The two or three that come next most often; the first stands open.
    pub first: Vec<Drawn>,
    /// All others, by group.
    pub others: Vec<(&'static str, Vec<Drawn>)>,
    pub service: Option<String>,
    /// How it came to this recipient, which is told to nobody.
    pub choice: Option<String>,
    pub reason: Option<Personal<String>>,
    pub needs: Vec<Personal<String>>,
    pub identity: Vec<(&'static str, Personal<String>)>,
    pub follow: Vec<follow::Line>,
    /// Newest last.
    pub history: Vec<HistoryLine>,
    /// What the consent permits and until when, in plain words.
    pub scope: Vec<String>,
    pub ended: Option<String>,
    /// The notice of 42 CFR 2.32(a)(1), where this organisation was told under consent.
    pub notice: Option<String>,
    /// The short notice that stands beside what was disclosed (42 CFR 2.32(a)(2)).
    pub statement: &'static str,
}

/// One organisation of a team.
pub struct MemberLine {
    pub name: String,
    /// It was referred to.
    pub acts: bool,
    pub reads: String,
}

/// What an organisation of a team does for itself with the person.
pub struct OwnLine {
    pub who: String,
    pub what: String,
    pub visit: Option<VisitLine>,
}

impl OwnLine {
    fn new(visit: &VisitView) -> Self {
        let who = if visit.is_ours() { "Your own appointment" } else { visit.org_name.as_str() }.to_owned();
        let came = visit.attended.map(|at| format!("the person came, {}", words::when(at)));
        let what = match visit.stands {
            Stands::Scheduled => String::new(),
            Stands::Missed => "the person did not come".to_owned(),
            Stands::Cancelled => "cancelled".to_owned(),
            Stands::Attended => came.unwrap_or_default(),
        };
        Self { who, what, visit: visit.appointment.as_ref().map(VisitLine::new) }
    }
}

impl VisitLine {
    fn new(visit: &AppointmentView) -> Self {
        Self {
            at: words::meeting(visit.at, &visit.zone),
            mode: codes::lower(codes::MODES, &code(visit.mode)),
            place: visit.place.clone(),
            note: visit.note.clone(),
        }
    }
}

pub struct VisitLine {
    pub at: String,
    pub mode: String,
    pub place: Personal<String>,
    pub note: Personal<String>,
}

/// The form in which staff say who the person of an incoming referral is.
#[derive(Default)]
pub struct Linking {
    /// Somebody is on record for it; who says otherwise says why.
    pub linked: bool,
    /// The referral tells who it is, so that somebody new can be added with that.
    pub told: bool,
    pub likely: Vec<MatchView>,
    /// Who said what stands there, and why.
    pub said: Option<Personal<String>>,
    /// What was chosen and typed in a form that was refused.
    pub chosen: String,
    pub named: Personal<String>,
    pub why: Personal<String>,
}

impl Linking {
    fn new(view: LinkingView, linked: bool, likely: Vec<MatchView>) -> Self {
        let said = view.said.map(|said| {
            let why = if said.why.reveal().is_empty() { String::new() } else { format!(": {}", said.why.reveal()) };
            Personal::new(format!("{}, {}{why}", said.staff.reveal(), words::when(said.at)))
        });
        Self { linked, told: view.told, likely, said, ..Self::default() }
    }

    /// With what was typed before.
    pub(super) fn refused(&mut self, form: &Typed) {
        form.get("person").clone_into(&mut self.chosen);
        (self.named, self.why) = (form.get("named").into(), form.get("why").into());
    }

    fn is(&self, choice: &str) -> bool {
        self.chosen == choice
    }

    /// This one was chosen.
    fn took(&self, likely: &MatchView) -> bool {
        self.chosen == likely.person.to_string()
    }

    /// One of ours was chosen and refused: it may be unlike what is told.
    fn asks_again(&self) -> bool {
        !self.chosen.is_empty() && !self.is("new") && !self.is("nobody")
    }
}

impl MemberLine {
    fn new(member: &MemberView) -> Self {
        let words =
            |kind: &Information| KINDS_SHORT.iter().find(|(code, _)| *code == kind.name()).map(|(_, words)| *words);
        let reads: Vec<&str> = member.reads.iter().filter_map(words).collect();
        Self { name: member.name.clone(), acts: member.acts, reads: reads.join("; ") }
    }
}

impl ThreadPage {
    /// Kinds of information, and which one stands there.
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let chosen = self.attaching.as_ref().map_or("referral", |(kind, _)| kind.as_str());
        KINDS_SHORT.iter().map(move |(code, words)| (*code, *words, *code == chosen))
    }

    pub(super) fn new(
        frame: Frame,
        view: ThreadView,
        files: &[AttachmentView],
        forms: Vec<Drawn>,
        csrf: Tokens,
    ) -> Self {
        let (row, follow) = (view.row, view.follow);
        let (side, place) = (standing::side(&row), standing::place(&row));
        let (ours, partner) = (frame.organisation.clone(), row.other_name.clone());
        let (sender, recipient) = match side {
            Side::Outgoing => (ours.clone(), partner.clone()),
            Side::Incoming => (partner.clone(), row.recipient.clone().unwrap_or_else(|| ours.clone())),
        };
        // The same list as `belay referral list --due`: what we should do, or what the other side is late with.
        let due = row.due.iter().find(|due| due.ours || due.overdue);
        let acts = match row.recipient {
            _ if row.ended.is_some() => AFTER_END,
            Some(_) => &["message"],
            None if row.off_network => usual_heard(place),
            None => usual(place, side),
        };
        let (first, others) = sorted(forms, acts);
        let href = format!("/threads/{}", row.id);
        // Under an agreement there is none to show or to revoke.
        let tied = view.consent == ConsentId::ZERO;
        let consent = (side == Side::Outgoing && !tied).then(|| format!("/consents/{}", view.consent));
        let open = row.ended.is_none();
        let came = open && side == Side::Incoming && !tied;
        let slug = if row.suspended() { "uphold" } else { "suspend" };
        let (doubt, not_theirs) = frame.rights.sort(Step::named(On::Thread, slug).filter(|_| came).into_iter());
        let joined = view.off_network.as_ref().filter(|known| known.joined.is_some() && open);
        let joined = joined.map(|known| {
            let said = format!(
                "{} is on the network now. A new consent lets a referral go there; until then, letters.",
                known.name
            );
            Personal::new(said)
        });
        Self {
            csrf,
            person: row.person.map(|person| format!("/persons/{person}")),
            revoke: (open && !tied).then(|| format!("{}/revoke", consent.as_ref().unwrap_or(&href))),
            doubt: doubt.first().map(|step| (step.href(&row.id.to_string()), step.title)),
            not_theirs,
            onward: (open && side == Side::Incoming).then(|| format!("{href}/onward")),
            consent: consent.clone(),
            letter: row.off_network && open && !place.is_final(),
            letter_back: view
                .letters
                .iter()
                .any(|word| word.letter && word.back.is_none())
                .then(|| format!("{href}/letter-back")),
            went: consent.is_some().then(|| format!("{href}/went")),
            went_back: view.letters.iter().any(|word| word.told.is_some()).then(|| format!("{href}/went-back")),
            letters: view.letters.iter().map(sent).collect(),
            files: files.iter().map(|file| FileLine::new(file, &format!("{href}/files"))).collect(),
            attaching: None,
            attach: open
                && !matches!(place, Place::Declined | Place::Cancelled)
                // What the person asked to leave out is known once it is linked.
                && (side == Side::Outgoing || row.person.is_some())
                && view.may.iter().any(|act| act == "message"),
            href,
            who: who(row.name.as_ref()),
            sender,
            recipient,
            members: view.members.iter().map(MemberLine::new).collect(),
            urgent: standing::urgent(&row),
            off_network: view.off_network,
            status: words::standing(&row),
            next: words::next_of(&row),
            lost: Vec::new(),
            alarms: follow::alarms(&follow).into_iter().chain(joined).chain(view.doubts.iter().map(doubted)).collect(),
            stays: stays(&view.left_out).into_iter().zip(view.left_out.iter().map(|one| one.aloud.clone())).collect(),
            due_late: due.is_some_and(|due| due.overdue),
            due: due.map(|due| said(due, row.answers())),
            due_at: due.and_then(|due| elsewhere(due, row.person)),
            visit: view.appointment.as_ref().map(VisitLine::new),
            visits: view.visits.iter().map(OwnLine::new).collect(),
            delivery: delivered((row.ended.is_some(), row.suspended()), view.delivery, &partner),
            accept_waits: row.ended.is_none()
                && row.recipient.is_none()
                && (side, place) == (Side::Incoming, Place::Sent)
                && view.linking.is_some()
                && row.person.is_none(),
            link: view.linking.map(|linking| Linking::new(linking, row.person.is_some(), view.likely)),
            first,
            others,
            service: view.service,
            choice: view.choice.as_ref().map(follow::chose),
            reason: view.reason.filter(|reason| !reason.reveal().is_empty()),
            needs: view.needs,
            identity: view.identity.as_ref().map(identity).unwrap_or_default(),
            follow: follow::lines(&follow),
            scope: view.scope.iter().flat_map(|scope| scope.lines()).map(str::to_owned).collect(),
            ended: row.ended.as_ref().map(|ended| format!("Nothing more may be shared: {ended}.")),
            notice: view.notice,
            history: view.history.into_iter().map(|line| HistoryLine::new(line, &row, &ours, files)).collect(),
            statement: STATEMENT_2.trim_end(),
            frame,
        }
    }

    /// One of these was refused, and stands open.
    fn holds_open(&self, forms: &[Drawn]) -> bool {
        forms.iter().any(|form| form.open)
    }
}

/// What staff said of the consent behind it.
fn doubted(word: &ReviewView) -> Personal<String> {
    Personal::new(format!("The consent, {} on {}: {}", word.staff.reveal(), words::when(word.at), word.note.reveal()))
}

/// The usual forms in their order, and all others by group.
fn sorted(forms: Vec<Drawn>, usual: &[&str]) -> (Vec<Drawn>, Vec<(&'static str, Vec<Drawn>)>) {
    let at = |form: &Drawn| [FIRST].iter().chain(usual).position(|act| *act == form.row.act);
    let (mut first, rest): (Vec<Drawn>, Vec<Drawn>) = forms.into_iter().partition(|form| at(form).is_some());
    first.sort_by_key(at);
    let mut others: Vec<(&'static str, Vec<Drawn>)> =
        Group::ALL.into_iter().map(|(_, heading)| (heading, Vec::new())).collect();
    for form in rest {
        let place = Group::ALL.into_iter().position(|(group, _)| group == form.row.group);
        if let Some((_, forms)) = place.and_then(|place| others.get_mut(place)) {
            forms.push(form);
        }
    }
    others.retain(|(_, forms)| !forms.is_empty());
    (first, others)
}

/// Who the person is as it was told, and how to reach them: it stays beside whoever staff say it is.
fn identity(fields: &PersonFields) -> Vec<(&'static str, Personal<String>)> {
    let many = |label: &'static str, values: &[Personal<String>]| -> Vec<(&'static str, Personal<String>)> {
        values.iter().map(|value| (label, value.clone())).collect()
    };
    let mut lines = vec![("Told as", fields.name.clone())];
    lines.extend(many("Also known as", &fields.other_names));
    lines.push(("Date of birth", fields.birth_date.clone()));
    lines.extend(many("Telephone", &fields.phones));
    lines.push(("Address", fields.address.clone()));
    lines.push(("How to reach", fields.contact.clone()));
    lines.push(("Language", fields.language.clone()));
    lines.retain(|(_, value)| !value.reveal().is_empty());
    lines
}

/// Where it is done that is not done in the referral: what is on record of the person is corrected there.
fn elsewhere(due: &DueView, person: Option<PersonId>) -> Option<(String, &'static str)> {
    let person = person.filter(|_| due.ours)?;
    match due.timer {
        Timer::Lives => Some((format!("/persons/{person}/correct"), "Correct what is on record of the person")),
        Timer::Wrong { .. } => Some((format!("/persons/{person}#plans"), "The person's plan and medication")),
        _ => None,
    }
}

/// What is due, as a sentence; where the other side is late, whom to phone.
fn said(due: &DueView, partner: &str) -> String {
    let by = words::when(due.by);
    let when = if due.overdue { format!("overdue since {by}") } else { format!("by {by}") };
    let phone = due.then().map(|then| format!(" Next: {then}.")).unwrap_or_default();
    if due.ours {
        let reached = due.say.as_ref().and(due.then()).map(|then| then.replacen("if they wait", "If they wait", 1));
        let reached = reached.map(|then| format!(" {then}.")).unwrap_or_default();
        format!("To do: {}, {when}.{reached}", due.what)
    } else {
        format!("{partner} is late to {}, {when}.{phone}", due.what)
    }
}

fn delivered((ended, held): (bool, bool), delivery: Option<DeliveryState>, partner: &str) -> Option<String> {
    if ended {
        let came = match delivery {
            Some(DeliveryState::Delivered | DeliveryState::Read) => " What you wrote before is there.",
            Some(DeliveryState::LeftWithCarrier | DeliveryState::Waiting | DeliveryState::Unconfirmed) => {
                " Whether what you wrote last had arrived is not known."
            }
            None => "",
        };
        return Some(format!("Nothing more is sent to {partner}.{came}"));
    }
    Some(match delivery? {
        DeliveryState::Delivered | DeliveryState::Read => format!("Delivered: what you wrote is at {partner}."),
        DeliveryState::LeftWithCarrier | DeliveryState::Waiting | DeliveryState::Unconfirmed if held => {
            format!("Held back: {partner} does not get what you wrote last until the consent stands again.")
        }
        DeliveryState::LeftWithCarrier => format!(
            "Left with a carrier: {partner} gets what you wrote when its machine is next on line, even if yours is off then. The \
             carrier can not read it."
        ),
        DeliveryState::Waiting | DeliveryState::Unconfirmed => {
            format!("Waiting: {partner} gets what you wrote when its machine is next on line.")
        }
    })
}
