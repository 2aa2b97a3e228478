//! One consent: the form as the person reads it, how it stands, and what can be done with it.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{
    Aloud, Care, ConsentView, EventView, FalseLine, FalselyTold, JoinView, Print, PrintView, Printed, ReviewView, Shape,
};
use crate::forms::Lang;
use crate::http::headers;
use crate::system;
use crate::usecases::staff::StaffSession;
use crate::web::App;
use crate::web::acts::codes::shown;
use crate::web::gate::Signed;
use crate::web::steps::codes::KINDS_SHORT;
use crate::web::steps::subject::whole;
use crate::web::steps::{EVENT_MISTAKE, On, Step};
use crate::web::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::consent::Class;
use belay_protocol::disclosure::Stage;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use serde::Deserialize;

/// The step that puts a draft away.
const DISCARD: &str = "discard";

/// The step in which the privacy officer says what follows from a false one.
const JUDGE: &str = "judge";
const SUSPENDED: &str = "suspended";

/// In which language, and whether the whole of a later version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    pub(super) lang: String,
    pub(super) show: String,
}

#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    pub frame: Frame,
    pub id: String,
    pub person: String,
    pub who: Personal<String>,
    pub state: &'static str,
    pub missing: Option<String>,
    /// Why who signs does so at the age on record, by whom and when that was said.
    pub age_why: Option<Personal<String>>,
    /// What the person is called now, where another name was signed.
    pub called: Option<Personal<String>>,
    /// Where else the person revoked it, and what of that waits: sentences.
    pub said: Vec<String>,
    /// What came about of what it waits for, and what of that was a mistake; referrals, and copies for emergencies, that do not come back by
    /// themselves.
    pub came: Vec<Personal<String>>,
    pub anew: Vec<String>,
    /// While it is suspended: which copies can be opened all the same.
    pub copies: Vec<String>,
    /// Versions were signed apart: what all of them allow holds.
    pub apart: bool,
    pub form: Form,
    /// What is mostly done next, and what else can be.
    pub first: Vec<(String, &'static str)>,
    pub others: Vec<(String, &'static str)>,
    /// Who can do what is not for who signed in.
    pub not_theirs: Vec<String>,
    /// Of one that is known to be false: to whom something was told under it.
    pub falsely: Vec<Falsely>,
    /// What it was signed with, with the address of the file; none where it is not on this machine.
    pub signed_with: Vec<(Personal<String>, Option<String>)>,
    /// Forms to print, with their names.
    pub prints: Vec<(&'static str, &'static str)>,
}

/// What one organisation was told under a consent that is known to be false.
pub struct Falsely {
    pub to: String,
    pub phone: Option<String>,
    pub told: Vec<Personal<String>>,
    /// The privacy officer's word, by whom and when.
    pub word: Option<Personal<String>>,
    pub open: bool,
}

/// The form as the person reads it.
pub struct Form {
    pub lang: Lang,
    pub title: String,
    /// Markup of our own template, in which every text is escaped.
    pub html: Personal<String>,
    /// A picture of what was signed with stands on it.
    pub pictured: bool,
    /// Only what is new.
    pub amendment: bool,
    /// The address of the page that shows it, to change the language.
    pub href: String,
    /// Who newly reads what stands already, once what waits is signed: a line each.
    pub newly: Vec<String>,
    /// What is open, and changes once it is signed, by what it leaves out or lets in again; and what of that is read to the person.
    pub touches: Vec<String>,
    pub aloud: Option<Aloud>,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: Signed,
    Path(consent): Path<String>,
    Query(choice): Query<Choice>,
) -> Response {
    if !whole(&consent) {
        return problem::missing();
    }
    match build(&app, &signed, &consent, &choice).await {
        Ok(context) if context.form.pictured => headers::with_picture(page(StatusCode::OK, &context)),
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

/// A consent, for a page about it.
pub(super) async fn of(app: &App, signed: &Signed, id: &str) -> Outcome<ConsentView> {
    app.backend.view(&signed.seat, Care::ConsentShow { consent: id.to_owned(), whole: false }).await
}

async fn build(app: &App, signed: &Signed, id: &str, choice: &Choice) -> Outcome<ConsentPage> {
    let view = of(app, signed, id).await?;
    let href = format!("/consents/{id}");
    let form = form(app, &signed.seat, &view, choice, (href, false)).await?;
    // No name in the title: it stands in the browser's history.
    let frame = Frame::signed(app, signed, Here::Persons, "Consent").await?;
    Ok(ConsentPage::new(frame, view, form))
}

/// What others of a team may tell each other, and has no place in our referrals to it.
fn nowhere(information: Information) -> String {
    let what = shown(KINDS_SHORT, information.name()).to_lowercase();
    format!(
        "{what} has no place in a referral to this team, since this house tells nobody of it; those who do can tell it each other under a \
         consent that one of them keeps"
    )
}

/// What one of a team will newly read of a referral that goes on.
fn reads(join: &JoinView) -> String {
    let what = shown(KINDS_SHORT, join.information.name()).to_lowercase();
    format!("{}: {} of {what}, in referral {}", join.name, join.acts, join.thread.short())
}

/// The form of a consent; of a later version what is new, unless the whole is asked for. `signing`: of what waits for a signature.
///
/// # Errors
/// As the use case.
pub async fn form(
    app: &App,
    seat: &StaffSession,
    view: &ConsentView,
    choice: &Choice,
    (href, signing): (String, bool),
) -> Outcome<Form> {
    let amendment = (view.changes.is_some() || view.pending.is_some()) && choice.show != "whole";
    let consent = view.id.to_string();
    let form = match (amendment, signing) {
        (true, _) => Printed::Amendment { consent },
        (false, true) => Printed::Waiting { consent },
        (false, false) => Printed::Consent { consent },
    };
    let ask = Care::Print(Print::new(form, choice.lang.parse().ok(), Shape::Part));
    let PrintView { title, lang, form, pictured } = app.backend.view(seat, ask).await?;
    let newly = view.joins.iter().map(reads).collect();
    let touches = view.touches.iter().map(|one| match one.thread {
        Some(thread) => format!("{} (referral {})", one.says, thread.short()),
        None => one.says.clone(),
    });
    let (touches, aloud) = (touches.collect(), view.aloud.clone());
    Ok(Form { lang, title, html: form, pictured, amendment, href, newly, touches, aloud })
}

/// A word of staff, with who said it and when.
fn said(word: &ReviewView) -> Personal<String> {
    Personal::new(format!("{}, {}: {}", word.staff.reveal(), words::when(word.at), word.note.reveal()))
}

/// An event, on which day, and that it was a mistake.
fn came(one: &EventView) -> Personal<String> {
    let what = if one.revocable {
        "It can be revoked: that event came about"
    } else {
        "The event at which it ends came about"
    };
    let on = system::day(one.on);
    Personal::new(match &one.struck {
        None => format!("{what} on {on}."),
        Some(word) => {
            let (staff, at, why) = (word.staff.reveal(), words::when(word.at), word.note.reveal());
            format!("{what} on {on}: that was a mistake, says {staff}, {at}: {why}")
        }
    })
}

impl Falsely {
    fn new(told: FalselyTold) -> Self {
        let line = |one: &FalseLine| {
            let kind = shown(KINDS_SHORT, one.information.name());
            let sealed = if one.stage == Stage::Placed { " (sealed; not opened)" } else { "" };
            Personal::new(format!("{}, {kind}: {}{sealed}", words::when(one.at), one.what.reveal()))
        };
        Self {
            phone: told.phone.map(|phone| format!("{}, {}", phone.who, phone.telephone)),
            told: told.told.iter().map(line).collect(),
            word: told.judged.map(|word| said(&word)),
            to: told.recipient,
            open: told.open,
        }
    }
}

impl ConsentPage {
    fn new(frame: Frame, view: ConsentView, form: Form) -> Self {
        let id = view.id.to_string();
        let usual: &[&str] = match view.state.as_str() {
            _ if view.suspended => &["uphold", "void", "revoke"],
            "signed" => &["send", "amend", "revoke"],
            _ => &[JUDGE],
        };
        let steps = Step::all().filter(|step| step.on == On::Consent);
        // Of a draft nothing can be done but to sign it or to put it away; of what has ended, nothing at all.
        let waits = view.state == "draft" || view.pending.is_some();
        let steps = steps.filter(|step| match step.slug {
            DISCARD => waits,
            JUDGE => view.state == "void" && view.falsely.iter().any(|told| told.open),
            EVENT_MISTAKE => {
                ["signed", "expired"].contains(&view.state.as_str())
                    && view.events.iter().any(|one| one.struck.is_none())
            }
            // It waits for the privacy officer also once it has expired or was taken back.
            "uphold" => view.suspended,
            "void" => view.suspended || view.state == "signed",
            "revoke" => ["signed", SUSPENDED].contains(&view.state.as_str()),
            // Any other can be taken back at once.
            "wish" | "unsay" => view.state == "signed" && view.class == Class::CriminalJustice,
            _ => view.state == "signed",
        });
        let (may, not_theirs) = frame.rights.sort(steps);
        let (mut first, others): (Vec<&Step>, Vec<&Step>) =
            may.into_iter().partition(|step| usual.contains(&step.slug));
        first.sort_by_key(|step| usual.iter().position(|slug| *slug == step.slug));
        let link = |step: &Step| (step.href(&id), step.title);
        let mut links: Vec<(String, &'static str)> = first.into_iter().map(link).collect();
        match view.state.as_str() {
            "draft" => links.insert(0, (format!("/consents/{id}/sign"), "Sign it")),
            _ if waits => links.push((format!("/consents/{id}/sign"), "Sign the change")),
            _ => {}
        }
        let mut prints = vec![("consent", "The consent"), ("revocation", "To take it back")];
        if view.changes.is_some() || waits && view.state != "draft" {
            prints.insert(0, ("amendment", "What is new"));
        }
        Self {
            frame,
            person: view.person.to_string(),
            called: view.called,
            age_why: view.age_why.map(|word| said(&word)),
            who: view.name,
            state: match view.state.as_str() {
                "draft" => "Not signed: it permits nothing yet",
                "signed" if waits => "Signed, in force; a change waits for a signature",
                "signed" => "Signed, in force",
                SUSPENDED => "Suspended: it may be false, and nothing is told under it",
                "expired" => "Expired: nothing more may be told under it",
                "revoked" => "Taken back: nothing more may be told under it",
                "discarded" => "Put away: nobody is to sign it",
                "void" => "Known to be false: nothing rests on it",
                _ => "Ended: nothing more may be told under it",
            },
            missing: view.missing,
            said: view
                .doubts
                .iter()
                .map(|word| said(word).reveal().clone())
                .chain(view.waiting)
                .chain(view.heard)
                .chain(view.unshared.into_iter().map(nowhere))
                .collect(),
            came: view.events.iter().map(came).collect(),
            anew: view.anew.into_iter().chain(view.behind).collect(),
            copies: view.copies,
            apart: view.apart,
            form,
            first: links,
            others: others.into_iter().map(link).collect(),
            not_theirs,
            falsely: view.falsely.into_iter().map(Falsely::new).collect(),
            signed_with: view
                .signed_with
                .into_iter()
                .map(|one| (one.file, one.here.then(|| format!("/persons/{}/files/{}", view.person, one.id))))
                .collect(),
            prints,
            id,
        }
    }
}

#[cfg(test)]
impl super::Sample for ConsentPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use belay_protocol::consent::Signer;
        let states = ["draft", "signed", SUSPENDED, "expired", "revoked", "void", "revocation heard", "amended"];
        let mut pages: Vec<Self> = states
            .map(|state| {
                let view = sample::view(state, Signer::Person, "Maria Lopez");
                Self::new(frame("Consent", Here::Persons, true), view, sample::form("My OK to share", Lang::Es))
            })
            .into();
        let mut view = sample::view("signed", Signer::Person, "Maria Lopez");
        view.pending = Some(2);
        pages.push(Self::new(frame("Consent", Here::Persons, true), view, sample::form("What is new", Lang::En)));
        let mut view = sample::view("signed", Signer::Family, HOSTILE);
        view.missing = Some(HOSTILE.to_owned());
        view.called = Some(HOSTILE.into());
        view.heard = vec![HOSTILE.to_owned()];
        view.apart = true;
        view.age_why =
            Some(ReviewView { at: belay_protocol::time::Time(0), staff: HOSTILE.into(), note: HOSTILE.into() });
        view.falsely = sample::falsely(HOSTILE);
        pages.push(Self::new(hostile_frame(), view, sample::form(HOSTILE, Lang::En)));
        pages
    }
}

#[cfg(test)]
pub mod sample {
    use super::*;
    use crate::api::care::{ConsentParty, PhoneView, ReviewView, SignedWith, ToSign};
    use crate::forms::Sheet;
    use belay_protocol::consent::{Changes, Signer};
    use belay_protocol::ids::{ConsentId, OrgId, PersonId};
    use belay_protocol::time::Time;

    /// A consent in this state, with this text in each place for one.
    pub fn view(state: &str, signer: Signer, text: &str) -> ConsentView {
        ConsentView {
            id: ConsentId([7; 32]),
            version: 1,
            person: PersonId([9; 32]),
            name: text.into(),
            called: (state == "expired").then(|| text.into()),
            signer,
            lang: Lang::En,
            parties: vec![ConsentParty { org: OrgId([2; 32]), name: text.to_owned() }],
            state: state.to_owned(),
            class: Class::General,
            missing: None,
            flows: Vec::new(),
            apart: false,
            restrictions: Vec::new(),
            events: [None, Some(ReviewView { at: Time(0), staff: text.into(), note: text.into() })]
                .map(|struck| EventView { revocable: struck.is_some(), on: Time(0), struck })
                .into(),
            anew: vec![text.to_owned()],
            behind: vec![text.to_owned()],
            copies: vec![text.to_owned()],
            team: Vec::new(),
            joins: Vec::new(),
            touches: Vec::new(),
            aloud: None,
            unshared: vec![Information::Crisis],
            age_why: None,
            suspended: state == SUSPENDED,
            doubts: Vec::new(),
            falsely: if state == "void" { falsely(text) } else { Vec::new() },
            waiting: None,
            heard: Vec::new(),
            pending: None,
            to_sign: Some(ToSign { version: 1, terms: "ab".repeat(32) }),
            changes: (state == "amended").then(Changes::default),
            signed_with: [true, false].map(|here| SignedWith { id: "ab".repeat(32), file: text.into(), here }).into(),
            form: text.into(),
        }
    }

    /// Something went to two, and the officer has said a word of one.
    pub fn falsely(text: &str) -> Vec<FalselyTold> {
        let (at, information, what) = (Time(0), Information::Identity, Personal::from(text));
        let one = |n: u8, judged: Option<ReviewView>| FalselyTold {
            to: OrgId([n; 32]),
            recipient: text.to_owned(),
            phone: Some(PhoneView { who: text.to_owned(), telephone: text.to_owned() }),
            told: vec![FalseLine { at, information, what: what.clone(), stage: Stage::Placed }],
            open: judged.is_none(),
            judged,
        };
        vec![one(2, None), one(3, Some(ReviewView { at, staff: text.into(), note: text.into() }))]
    }

    pub fn form(text: &str, lang: Lang) -> Form {
        let mut sheet = Sheet::new(lang, text);
        sheet.heading(text, "42 CFR 2.31(a)(1)").said(text).list([text, text]).law("42 CFR 2.32", text).lines(&[text]);
        sheet.facts(vec![("Name", text.to_owned())]);
        Form {
            lang,
            title: text.to_owned(),
            html: sheet.part().as_str().into(),
            pictured: false,
            amendment: lang == Lang::Es,
            href: format!("/consents/{}", "07".repeat(32)),
            newly: vec![text.to_owned()],
            touches: vec![text.to_owned()],
            aloud: Some(Aloud { lang: Lang::Es, lines: vec![text.to_owned()] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::sample::frame;
    use belay_protocol::consent::Signer;

    /// The addresses of what can be done with it.
    fn steps(state: &str, suspended: bool) -> Vec<String> {
        of_class(Class::General, state, suspended)
    }

    fn of_class(class: Class, state: &str, suspended: bool) -> Vec<String> {
        let view = ConsentView { suspended, class, ..sample::view(state, Signer::Person, "Maria Lopez") };
        let page =
            ConsentPage::new(frame("Consent", Here::Persons, true), view, sample::form("My OK to share", Lang::En));
        page.first.into_iter().chain(page.others).map(|(href, _)| href).collect()
    }

    #[test]
    fn what_may_be_false_can_be_judged_on_its_page_also_once_it_expired_or_was_taken_back() {
        let offers = |steps: &[String], slug: &str| steps.iter().any(|href| href.ends_with(&format!("/{slug}")));
        for state in [SUSPENDED, "expired", "revoked"] {
            let open = steps(state, true);
            assert!(offers(&open, "uphold") && offers(&open, "void"), "{state}: {open:?}");
            let judged = steps(state, false);
            assert!(!offers(&judged, "uphold") && !offers(&judged, "void"), "{state}: {judged:?}");
        }
    }

    #[test]
    fn only_a_consent_for_criminal_justice_is_taken_back_later() {
        let offers = |class| {
            ["wish", "unsay"].map(|slug| of_class(class, "signed", false).iter().any(|href| href.ends_with(slug)))
        };
        assert_eq!(offers(Class::CriminalJustice), [true, true]);
        for class in [Class::General, Class::Tpo, Class::Counselling, Class::Proceedings] {
            assert_eq!(offers(class), [false, false], "{class:?}");
        }
    }
}
