//! A backend that knows one staff member and one thread, and remembers what was asked of it.

use crate::api::agreements::{AgreementView, FormView};
use crate::api::care::{
    AttachStep, AttachingView, AttachmentsView, CallsAsk, CallsView, Care, ConsentsView, DisclosuresAsk,
    DisclosuresView, DoneView, EmergencyView, FactsView, HoldRow, HoldsView, InquiriesView, ListCounts, MatchView,
    MatchesView, MergePreview, MergeSide, NeedsView, OnwardAsk, OnwardView, OpenNeed, OpeningRow, OptionsListView,
    PartnersView, PersonFields, PersonView, PersonsView, Print, PrintView, Printed, RevokePreview, SendPreview, Shape,
    ThreadRow, ThreadsView, WithheldsView,
};
use crate::api::views::{OrgRow, SearchView};
use crate::api::{Failure, Outcome, Secret, request::Search};
use crate::forms::{Sheet, Styled};
use crate::http::Moment;
use crate::http::session::Token;
use crate::usecases::office::Entered;
use crate::usecases::staff::throttle::{Throttle, Way};
use crate::usecases::staff::{Rights, StaffSession};
use crate::web::App;
use crate::web::backend::{About, Asked, Backend};
use crate::web::pages::{agreements, consent, inbox, person, search, thread};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use belay_protocol::consent::Signer;
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, PersonId, StaffId, ThreadId};
use belay_protocol::referral::{Information, NeedId};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use futures::future::{BoxFuture, FutureExt};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tower::ServiceExt;

pub const NAME: &str = "dora";
pub const SECRET: &str = "correct horse";
pub const THREAD: ThreadId = ThreadId([7; 32]);
pub const OTHER: ThreadId = ThreadId([8; 32]);
pub const HOST: &str = "127.0.0.1:4871";

#[derive(Default)]
pub struct Seen {
    pub acts: Vec<Care>,
    pub searches: Vec<Search>,
    pub disabled: bool,
    /// Who signed in is neither privacy officer nor may bind the organisation.
    pub navigator: bool,
    /// Consents that are shown are in force.
    pub signed: bool,
    pub refuse: Option<Failure>,
    pub throttle: Option<Throttle>,
    pub warning: Option<String>,
    /// Acts in a thread wait here.
    pub gate: Option<Gate>,
}

/// Where acts wait until somebody opens.
#[derive(Clone)]
pub struct Gate {
    /// How many came.
    pub came: watch::Sender<usize>,
    pub open: watch::Receiver<bool>,
}

#[derive(Clone, Default)]
pub struct Fake(pub Arc<Mutex<Seen>>);

fn ready<'b, T: Send + 'b>(outcome: Outcome<T>) -> BoxFuture<'b, Outcome<T>> {
    futures::future::ready(outcome).boxed()
}

impl Backend for Fake {
    fn about(&self) -> Asked<'_, About> {
        let organisation = "Harper County Clinic".to_owned();
        let kind = belay_protocol::space::control::PartnerKind::Part2Program;
        let warning = self.0.lock().unwrap().warning.clone();
        ready(Ok(About { id: OrgId([1; 32]), organisation, kind, coalition: None, warning }))
    }

    fn search(&self, search: Search) -> Asked<'_, SearchView> {
        self.0.lock().unwrap().searches.push(search.clone());
        let name = format!("About <b>{}</b>", search.words);
        let listing = search::sample_listing("service", &name, "Haven & House", &[("url", "javascript:alert(1)")]);
        ready(Ok(SearchView { total: 60, more: false, listings: vec![listing] }))
    }

    fn sign_in(&self, name: String, secret: Secret, known: bool) -> Asked<'_, Entered> {
        let way = if known { Way::KnownBrowser } else { Way::Browser };
        let mut seen = self.0.lock().unwrap();
        let throttle = seen.throttle.get_or_insert_with(Throttle::fresh);
        if let Err(left) = throttle.ask(&name, way, Moment::now()) {
            return ready(Ok(Entered::Wait(left)));
        }
        if name != NAME || secret.reveal() != SECRET || seen.disabled {
            return ready(Ok(Entered::Wrong(Failure::not_permitted("no"))));
        }
        seen.throttle.as_ref().unwrap().right(&name, way);
        ready(Ok(Entered::In(StaffSession::invented(StaffId([1; 32]), "Dora Whitlock"))))
    }

    fn holds(&self, _seat: &StaffSession) -> Asked<'_, bool> {
        ready(Ok(!self.0.lock().unwrap().disabled))
    }

    fn organisations(&self) -> Asked<'_, Vec<OrgRow>> {
        ready(Ok(Vec::new()))
    }

    fn agreements(&self) -> Asked<'_, Vec<AgreementView>> {
        ready(Ok(vec![agreements::sample("Haven House")]))
    }

    fn rights(&self, _seat: &StaffSession) -> Asked<'_, Rights> {
        let all = !self.0.lock().unwrap().navigator;
        ready(Ok(Rights { officer: all, binds: all, reads_reports: all }))
    }

    fn officers(&self) -> Asked<'_, Vec<String>> {
        ready(Ok(vec!["Ben Ott".to_owned()]))
    }

    fn ask(&self, _seat: &StaffSession, ask: Care) -> Asked<'_, Value> {
        let gate = self.0.lock().unwrap().gate.clone().filter(|_| matches!(ask, Care::ReferralAct { .. }));
        async move {
            if let Some(mut gate) = gate {
                gate.came.send_modify(|came| *came += 1);
                gate.open.wait_for(|open| *open).await.unwrap();
            }
            answer(&mut self.0.lock().unwrap(), ask)
        }
        .boxed()
    }
}

fn known(id: &str) -> bool {
    id == THREAD.to_string()
}

fn shown(view: impl serde::Serialize) -> Outcome<Value> {
    Ok(serde_json::to_value(view).unwrap())
}

/// A copy that was opened, and that nobody has looked into.
fn opening() -> OpeningRow {
    let (text, at) = (|| "Dr. Vance".into(), Time(1_795_000_000_000));
    let facts = FactsView {
        personnel: text(),
        facility: "County Hospital".to_owned(),
        discloser: text(),
        at,
        nature: text(),
        unobtainable: text(),
    };
    OpeningRow {
        opening: EntryHash(THREAD.0),
        person: Some(PersonId([9; 32])),
        name: "Maria Lopez".into(),
        information: Information::Crisis,
        facts,
        staff: text(),
        late: false,
        reviewed: None,
    }
}

/// One that stands.
fn hold() -> HoldRow {
    HoldRow {
        id: THREAD.to_string(),
        person: PersonId([9; 32]),
        name: "Maria Lopez".into(),
        why: "a subpoena came".into(),
        order: None,
        set: Time(1_795_000_000_000),
        staff: "Ben Ott".into(),
        lifted: None,
        lifted_why: Personal::default(),
    }
}

/// What would go to whom.
fn preview() -> SendPreview {
    SendPreview {
        consent: ConsentId(THREAD.0),
        version: 1,
        to: OrgId([2; 32]),
        to_name: "Haven House".to_owned(),
        to_kind: "non_covered_cbo".to_owned(),
        goes: Vec::new(),
        kept_back: Vec::new(),
        comes_back: Vec::new(),
        expires: None,
        team: Vec::new(),
        next: "Haven House may pass nothing on.".to_owned(),
        notice: String::new(),
        agreed: vec!["Takes: adults".to_owned()],
        hints: crate::wording::hints("clean"),
        refused: None,
    }
}

/// Two records that look alike.
fn merge() -> MergePreview {
    let side = |n: u8| MergeSide {
        id: PersonId([n; 32]),
        fields: PersonFields { name: "Maria Lopez".into(), ..PersonFields::default() },
        consents: 1,
        referrals: 2,
        held: n == 4,
    };
    MergePreview {
        keep: side(3),
        other: side(4),
        alike: vec!["same name".to_owned()],
        warnings: vec!["The dates of birth differ.".to_owned()],
        binds: vec!["A consent ends.".to_owned()],
    }
}

/// What only shows something; `None`: it changes something.
fn looked(seen: &Seen, ask: &Care) -> Option<Outcome<Value>> {
    Some(match ask {
        Care::ReferralList(_) => {
            let counts = ListCounts { all: 1, due: 70, ..ListCounts::default() };
            let due = inbox::sample_question().due.into_iter().collect();
            let threads = vec![ThreadRow { due, ..thread::sample_view().row }];
            shown(ThreadsView { pressing: threads.clone(), threads, counts, ..ThreadsView::default() })
        }
        Care::ReferralShow { thread } if known(thread) => shown(thread::sample_whole("Known before.")),
        Care::PersonList(_) => shown(PersonsView { persons: Vec::new(), more: false }),
        Care::PersonLike(_) => shown(MatchesView {
            matches: vec![MatchView {
                person: PersonId([4; 32]),
                name: "Maria Lopes".into(),
                reasons: vec!["similar name".to_owned()],
            }],
        }),
        Care::PersonMergePreview(ask) if known(ask.person.reveal()) => shown(merge()),
        Care::PersonShow { person } if known(person.reveal()) => {
            let fields = PersonFields { name: "Maria Lopez".into(), ..PersonFields::default() };
            let (history, also, alike) = (Vec::new(), Vec::new(), Vec::new());
            shown(PersonView { id: PersonId(THREAD.0), fields, history, also, consents: Vec::new(), alike })
        }
        Care::ConsentShow { consent, .. } if known(consent) => {
            let state = if seen.signed { "signed" } else { "draft" };
            shown(consent::sample::view(state, Signer::Person, "Maria Lopez"))
        }
        Care::ConsentList { .. } => shown(ConsentsView { consents: Vec::new() }),
        Care::ConsentRevokePreview { consent, .. } if known(consent) => shown(RevokePreview {
            consent: ConsentId(THREAD.0),
            party: None,
            referrals: 1,
            early: false,
            does: "It ends for Haven House.".to_owned(),
            cannot: "What was told stays told.".to_owned(),
        }),
        Care::ReferralPreview(send) if known(&send.consent) => shown(preview()),
        // By the id in the address, or by what was typed.
        Care::ReferralTiedPreview(tied)
            if known(tied.person.reveal()) || tied.person.reveal().starts_with("Words of") =>
        {
            shown(preview())
        }
        Care::ConsentOnward(ask) if known(&ask.thread) && ask.told.is_none() => {
            shown(OnwardView { permitted: true, says: "It may be told.".to_owned(), notice: None, scope: None })
        }
        Care::OptionsList { .. } => shown(OptionsListView { options: Vec::new() }),
        Care::NeedList { .. } => shown(NeedsView {
            needs: vec![OpenNeed {
                thread: THREAD,
                need: NeedId(7),
                text: "a ride on Tuesday".into(),
                other_name: "Haven House".to_owned(),
            }],
        }),
        Care::EmergencyList { .. } => {
            let (placed, attempts, here) = (Vec::new(), Vec::new(), Vec::new());
            let unrecorded = Vec::new();
            shown(EmergencyView { placed, unrecorded, openings: vec![opening()], attempts, here, to_review: 1 })
        }
        Care::AgreementShow { agreement } if known(agreement) => shown(agreements::sample("Haven House")),
        Care::AgreementForm { agreement, form } if known(agreement) => shown(FormView {
            file: "../intake \"form\".pdf".to_owned(),
            sha256: belay_protocol::ids::FormHash([3; 32]),
            content: data_encoding::BASE64.encode(if form.starts_with('0') { b"%PDF-1.7 form" } else { b"<html>" }),
        }),
        Care::CallShow { call } if known(call) => shown(inbox::sample_call("Haven House")),
        Care::CallList(CallsAsk { after: None, .. }) => {
            shown(CallsView { calls: Vec::new(), done: made(), more: None })
        }
        Care::HoldList { .. } => shown(HoldsView { holds: vec![hold()] }),
        Care::Attachments(_) => shown(AttachmentsView { attachments: Vec::new() }),
        Care::Disclosures(DisclosuresAsk { person: Some(_), .. }) => {
            shown(DisclosuresView { since: None, until: None, made: 0, disclosures: Vec::new() })
        }
        Care::DisclosureWithheld => shown(WithheldsView { withheld: Vec::new() }),
        Care::PartnerList => shown(PartnersView { partners: Vec::new() }),
        Care::InquiryList => shown(InquiriesView { inquiries: inbox::sample_answers() }),
        Care::InquiryShow { inquiry } if known(inquiry) => shown(inbox::sample_question()),
        Care::Print(Print {
            form: Printed::Consent { consent } | Printed::Waiting { consent }, lang, shape, ..
        }) if known(consent) => {
            let lang = lang.unwrap_or_default();
            let mut sheet = Sheet::new(lang, "My OK");
            sheet.said("Maria Lopez");
            let form = match shape {
                Shape::Page(style) => sheet.html(Styled::Linked(style)),
                _ => sheet.part(),
            };
            shown(PrintView { title: "My OK".to_owned(), lang, form: form.as_str().into() })
        }
        Care::ReferralShow { .. }
        | Care::PersonShow { .. }
        | Care::PersonMergePreview(_)
        | Care::ConsentShow { .. }
        | Care::ConsentRevokePreview { .. }
        | Care::ReferralPreview(_)
        | Care::ReferralTiedPreview(_)
        | Care::ConsentOnward(OnwardAsk { told: None, .. })
        | Care::InquiryShow { .. }
        | Care::AgreementShow { .. }
        | Care::AgreementForm { .. }
        | Care::CallShow { .. }
        | Care::Print(_) => Err(Failure::not_permitted("there is no such thread")),
        _ => return None,
    })
}

/// Calls that were made: one about somebody of whom a name was known alone, and one whose person is on record.
fn made() -> Vec<DoneView> {
    let call = |id: u8, name: &str, nameless: bool| DoneView {
        id: CallId([id; 32]),
        to: OrgId([9; 32]),
        to_name: "Stone Chapel Beds".to_owned(),
        name: name.into(),
        thread: None,
        words: Vec::new(),
        whose: None,
        nameless,
    };
    vec![call(1, "Somebody Unknown", true), call(2, "Ana Lucia Prado", false)]
}

/// What changes something is remembered, if it is about something that there is.
fn answer(seen: &mut Seen, ask: Care) -> Outcome<Value> {
    if let Some(shown) = looked(seen, &ask) {
        return shown;
    }
    let whole = serde_json::to_string(&ask).unwrap();
    if whole.contains(&OTHER.to_string()) || whole.contains(&"0".repeat(64)) {
        return Err(Failure::not_permitted("there is no such thread"));
    }
    if let Some(failure) = seen.refuse.clone() {
        return Err(failure);
    }
    let view = match &ask {
        Care::ReferralAct { .. } | Care::ReferralHeard { .. } | Care::ReferralLink(_) => {
            let mut view = thread::sample_view();
            view.hints = crate::wording::hints("clean");
            shown(view)
        }
        Care::Attach(attach) => match attach.step {
            AttachStep::Ask { .. } => shown(AttachingView { missing: vec![0] }),
            AttachStep::Put { .. } => shown(AttachingView { missing: Vec::new() }),
            AttachStep::Finish { .. } => shown(person::sample_file("scan.pdf")),
        },
        Care::ConsentSign(_) => shown(consent::sample::view("signed", Signer::Person, "Maria Lopez")),
        _ => Ok(serde_json::json!({ "id": THREAD })),
    };
    seen.acts.push(ask);
    view
}

/// A whole answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as it would be sent back.
    pub fn cookie(&self) -> Option<String> {
        self.headers.get(header::SET_COOKIE).map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    /// The token of its first form.
    pub fn csrf(&self) -> String {
        let rest = self.text.split("name=\"csrf\" value=\"").nth(1).expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The pages over a fake, and one browser.
pub struct Browser {
    pub app: App,
    pub router: Router,
    pub fake: Fake,
    pub cookie: Option<String>,
    /// The place of the session, which stands before each path that is asked for, and is left out of what tests read.
    pub place: Option<String>,
    /// That somebody has signed in from it before: for the sign-in alone.
    pub known: Option<String>,
}

impl Browser {
    pub fn new() -> Self {
        Self::with_clock(Moment::now)
    }

    pub fn with_clock(clock: fn() -> Moment) -> Self {
        let fake = Fake::default();
        let app = App::with_clock(fake.clone(), 4871, clock).unwrap();
        Self { router: app.clone().router(), app, fake, cookie: None, place: None, known: None }
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert(header::HeaderValue::from_static(HOST));
        let known = self.known.iter().filter(|_| request.uri().path() == "/sign-in");
        let cookies: Vec<&str> = self.cookie.iter().chain(known).map(String::as_str).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        if let Some(place) = &self.place
            && request.uri().authority().is_none()
        {
            *request.uri_mut() = format!("{place}{}", request.uri()).parse().unwrap();
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (mut parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let mut text = String::from_utf8(bytes.to_vec()).unwrap();
        if let Some(place) = &self.place {
            text = text.replace(place, "");
            let location = parts.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().replace(place, ""));
            location.map(|to| parts.headers.insert(header::LOCATION, to.parse().unwrap()));
        }
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Takes what a browser takes from the answer to a sign-in.
    pub fn seated(&mut self, answer: &Answer) {
        self.cookie = answer.cookie();
        let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
        self.known = set.filter_map(|set| set.split(';').next()).find(|set| set.contains("-known=")).map(str::to_owned);
        self.place = answer.header(header::LOCATION).strip_suffix("/inbox").map(str::to_owned);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// What its cookie holds.
    pub fn token(&self) -> Option<Token> {
        Token::parse(self.cookie.as_ref()?.split_once('=')?.1)
    }

    /// The token of a form that was opened anew, in place of one that fits this browser.
    fn renewed(&self, token: &str) -> Option<String> {
        let cookie = self.token()?;
        self.app.csrf.form(&cookie, token).map(|_| self.app.csrf.forms(&cookie).to_string())
    }

    /// Posts a form that was opened just now.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let (token, rest) = form.strip_prefix("csrf=").map(|rest| rest.split_once('&').unwrap_or((rest, ""))).unzip();
        match token.and_then(|token| self.renewed(token)) {
            Some(token) => self.post_again(path, &format!("csrf={token}&{}", rest.unwrap_or_default())).await,
            None => self.post_again(path, form).await,
        }
    }

    /// Posts the very form that is given.
    pub async fn post_again(&self, path: &str, form: &str) -> Answer {
        let form_type = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, form_type).body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    /// Posts a form with a file, as browsers do (RFC 7578).
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let token = fields.iter().find(|(name, _)| *name == "csrf").and_then(|(_, token)| self.renewed(token));
        let fresh = |value| token.as_deref().unwrap_or(value);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, if *name == "csrf" { fresh(value) } else { value })).collect();
        self.upload_again(path, &fields, file).await
    }

    /// The very form that is given.
    pub async fn upload_again(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        if let Some((name, bytes)) = file {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let kind = "multipart/form-data; boundary=edge";
        let request = Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Opens the form, fills it, and keeps the cookie that comes back.
    pub async fn try_sign_in(&mut self, name: &str, secret: &str) -> Answer {
        let form = self.get("/sign-in").await;
        if let Some(cookie) = form.cookie() {
            self.cookie = Some(cookie);
        }
        let answer = self.post("/sign-in", &format!("csrf={}&name={name}&secret={secret}", form.csrf())).await;
        if answer.status == StatusCode::SEE_OTHER {
            self.seated(&answer);
        }
        answer
    }

    /// Signed in, with the token of its forms.
    pub async fn signed_in() -> (Self, String) {
        Self::new().into_signed_in().await
    }

    pub async fn into_signed_in(mut self) -> (Self, String) {
        let answer = self.try_sign_in(NAME, "correct+horse").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let csrf = self.get("/inbox").await.csrf();
        (self, csrf)
    }
}
