//! A backend that knows one staff member and one thread, and remembers what was asked of it.

pub use super::browser::{Answer, Browser};
use crate::api::agreements::{AgreementView, FormView};
use crate::api::care::{
    Aloud, AttachStep, AttachingView, AttachmentPart, AttachmentView, AttachmentsView, CallsAsk, CallsView, Care,
    ConsentParty, ConsentView, ConsentsView, DisclosuresAsk, DisclosuresView, DoneView, EmergencyView, FactsView,
    FlowView, HoldRow, HoldsView, InquiriesView, ListCounts, MatchView, MatchesView, MergePreview, MergeSide,
    NeedsView, OnwardAsk, OnwardView, OpenNeed, OpeningRow, OptionsListView, PartnersView, PersonFields, PersonView,
    PersonsView, PlanChange, PlanPreview, PlanWrite, PlansView, Print, PrintView, Printed, RestrictPreview,
    RestrictionView, RevokePreview, SendPreview, Shape, StaysView, ThreadRow, ThreadView, ThreadsView, TouchView,
    WithheldsView,
};
use crate::api::views::{OrgRow, SearchView};
use crate::api::{Failure, Outcome, Secret, request::Search};
use crate::forms::{Block, Lang, Seen as OnForm, Sheet, Styled};
use crate::http::Moment;
use crate::usecases::office::Entered;
use crate::usecases::staff::throttle::{Throttle, Way};
use crate::usecases::staff::{Rights, StaffSession};
use crate::web::backend::{About, Asked, Backend};
use crate::web::pages::{agreements, consent, inbox, person, search, thread};
use belay_protocol::consent::Signer;
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, PersonId, RestrictionId, StaffId, ThreadId};
use belay_protocol::referral::attachment::Media;
use belay_protocol::referral::{Information, NeedId};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use futures::future::{BoxFuture, FutureExt};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

pub const NAME: &str = "dora";
pub const SECRET: &str = "correct horse";
pub const THREAD: ThreadId = ThreadId([7; 32]);
pub const OTHER: ThreadId = ThreadId([8; 32]);
/// As a picture of a signature begins.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nhand";
pub const HOST: &str = "127.0.0.1:4871";

#[derive(Default)]
pub struct Seen {
    pub acts: Vec<Care>,
    pub searches: Vec<Search>,
    pub disabled: bool,
    /// Who signed in is neither privacy officer nor may bind the organisation.
    pub navigator: bool,
    /// Nothing can be done in a referral any more.
    pub over: bool,
    /// Consents that are shown are in force.
    pub signed: bool,
    /// They name two organisations, each for a kind of its own.
    pub several: bool,
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
/// Something that is left out with or without a consent.
fn asked() -> Vec<RestrictionView> {
    let (asked, to) = ("not my address".into(), Some("Haven House".to_owned()));
    vec![RestrictionView {
        number: 1,
        id: RestrictionId::ZERO,
        asked,
        to,
        information: vec![Information::Identity],
        refused: None,
        at: Time(0),
    }]
}

/// The person who is known.
fn on_record() -> PersonView {
    let fields = PersonFields { name: "Maria Lopez".into(), ..PersonFields::default() };
    let (history, also, alike) = (Vec::new(), Vec::new(), Vec::new());
    let (id, consents, plans) = (PersonId(THREAD.0), Vec::new(), PlansView::default());
    let (left_out, let_in) = (asked(), Vec::new());
    PersonView { id, fields, history, also, consents, plans, left_out, let_in, alike }
}

/// What leaving something out would end.
fn touched() -> RestrictPreview {
    let says = "The referral to Haven House ends.".to_owned();
    RestrictPreview {
        refused: false,
        touches: vec![TouchView { thread: Some(THREAD), says }],
        does: "What is told later keeps to it.".to_owned(),
        cannot: "What was told before stays told.".to_owned(),
        aloud: Some(Aloud { lang: Lang::Es, lines: vec!["Ya no se les dice nada más.".to_owned()] }),
    }
}

fn preview() -> SendPreview {
    SendPreview {
        consent: ConsentId(THREAD.0),
        version: 1,
        to: OrgId([2; 32]),
        to_name: "Haven House".to_owned(),
        to_kind: "non_covered_cbo".to_owned(),
        goes: Vec::new(),
        kept_back: Vec::new(),
        left_out: vec![StaysView {
            information: Information::Identity,
            at: Time(0),
            spared: Vec::new(),
            also: Vec::new(),
            aloud: Some("Esto se queda aquí: mi nombre.".to_owned()),
        }],
        on_record: Vec::new(),
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
        Care::ReferralShow { thread } if known(thread) => shown(referral(seen)),
        Care::PersonList(_) => shown(PersonsView { persons: Vec::new(), more: false }),
        Care::PersonLike(_) => shown(MatchesView {
            matches: vec![MatchView {
                person: PersonId([4; 32]),
                name: "Maria Lopes".into(),
                reasons: vec!["similar name".to_owned()],
            }],
        }),
        Care::PersonMergePreview(ask) if known(ask.person.reveal()) => shown(merge()),
        Care::PersonShow { person } if known(person.reveal()) => shown(on_record()),
        Care::ConsentShow { consent, .. } if known(consent) => shown(consented(seen)),
        Care::ConsentRestrictPreview { .. } | Care::PersonRestrictPreview(_) | Care::PersonLetInPreview(_) => {
            shown(touched())
        }
        Care::PersonPlanPreview(ask) => shown(instead(ask)),
        Care::ConsentList { .. } => shown(ConsentsView { consents: Vec::new() }),
        Care::ConsentRevokePreview { consent, .. } if known(consent) => shown(RevokePreview {
            consent: ConsentId(THREAD.0),
            party: None,
            referrals: 1,
            early: false,
            does: "It ends for Haven House.".to_owned(),
            cannot: "What was told stays told.".to_owned(),
        }),
        Care::ReferralReferPreview(refer) if known(&refer.send.consent) => shown(preview()),
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
        Care::NeedList { .. } => shown(NeedsView { needs: vec![ride()] }),
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
            let disclosures = [(8, "42 CFR 2.51"), (10, "42 CFR 2.64")].map(super::persons::by_hand).into();
            shown(DisclosuresView { since: None, until: None, made: 2, disclosures })
        }
        Care::DisclosureWithheld => shown(WithheldsView { withheld: Vec::new() }),
        Care::PartnerList => shown(PartnersView { partners: Vec::new() }),
        Care::InquiryList => shown(InquiriesView { inquiries: inbox::sample_answers() }),
        Care::InquiryShow { inquiry } if known(inquiry) => shown(inbox::sample_question()),
        Care::Print(Print {
            form: Printed::Consent { consent } | Printed::Waiting { consent }, lang, shape, ..
        }) if known(consent) => shown(printed(seen, lang.unwrap_or_default(), shape)),
        Care::SignaturePart { person, file, .. } if known(person.reveal()) => shown(signature(file)),
        Care::ReferralShow { .. }
        | Care::PersonShow { .. }
        | Care::PersonMergePreview(_)
        | Care::ConsentShow { .. }
        | Care::ConsentRevokePreview { .. }
        | Care::ReferralPreview(_)
        | Care::ReferralReferPreview(_)
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

/// The referral that is known.
fn referral(seen: &Seen) -> ThreadView {
    let mut view = thread::sample_whole("Known before.");
    if seen.over {
        view.may.clear();
    }
    view
}

/// The consent that is known.
fn consented(seen: &Seen) -> ConsentView {
    let state = if seen.signed { "signed" } else { "draft" };
    let mut view = consent::sample::view(state, Signer::Person, "Maria Lopez");
    if seen.several {
        let party = |n: u8, name: &str| ConsentParty { org: OrgId([n; 32]), name: name.to_owned() };
        let (us, none) = (OrgId([1; 32]), String::new);
        let flow = |(to, information)| FlowView {
            from: us,
            from_name: none(),
            to: OrgId([to; 32]),
            to_name: none(),
            information,
            purpose: "treatment".to_owned(),
        };
        view.parties = vec![party(2, "Haven House"), party(3, "Ridge Clinic")];
        view.flows = [(2, Information::Social), (3, Information::Medication)].map(flow).into();
    }
    view
}

/// Its form; one that is in force was signed with a picture.
fn printed(seen: &Seen, lang: Lang, shape: &Shape) -> PrintView {
    let mut sheet = Sheet::new(lang, "My OK");
    sheet.said("Maria Lopez");
    if seen.signed {
        let at = |part: &str| format!("/persons/{THREAD}/{part}/{THREAD}");
        let seen = OnForm::Picture { src: at("signatures"), text: "hand.png".to_owned(), href: at("files") };
        sheet.block(Block::Hand { file: THREAD.0, alt: "as it was drawn".to_owned(), seen });
    }
    let form = match shape {
        Shape::Page(style) => sheet.html(Styled::Linked(style)),
        _ => sheet.part(),
    };
    PrintView { title: "My OK".to_owned(), lang, form: form.as_str().into(), pictured: sheet.is_pictured() }
}

/// That picture, and another file of which the bytes are of another kind than it says.
fn signature(file: &str) -> AttachmentPart {
    let media = if known(file) { Media::Png } else { Media::Jpeg };
    let id = data_encoding::HEXLOWER.encode(&belay_protocol::referral::attachment::digest(PICTURE));
    let attachment = AttachmentView { id, media, ..person::sample_file("hand.png") };
    AttachmentPart { attachment, chunks: vec![Personal::new(data_encoding::BASE64.encode(PICTURE))], next: None }
}

/// What a plan takes the place of: Mae, whom a plan that names her still calls.
fn instead(ask: &PlanWrite) -> PlanPreview {
    let (what, stands) = ("Whom to call".to_owned(), vec!["Mae, sister".into()]);
    let change = PlanChange { what, stands, becomes: Vec::new() };
    let calls = serde_json::to_string(ask).unwrap().contains("Mae");
    PlanPreview { changes: if calls { Vec::new() } else { vec![change] } }
}

fn ride() -> OpenNeed {
    OpenNeed { thread: THREAD, need: NeedId(7), text: "a ride on Tuesday".into(), other_name: "Haven House".to_owned() }
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
            AttachStep::Finish { .. } => shown(AttachmentView { went: None, ..person::sample_file("scan.pdf") }),
        },
        Care::ConsentSign(_) => shown(consent::sample::view("signed", Signer::Person, "Maria Lopez")),
        _ => Ok(serde_json::json!({ "id": THREAD })),
    };
    seen.acts.push(ask);
    view
}
