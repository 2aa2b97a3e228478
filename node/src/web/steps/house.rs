//! Steps about nobody in particular.

use super::ask::{care, of, some, text};
use super::codes::{ABLE, AGES, LANGUAGES, MEDICATIONS, NOT, PARTNERS, PAYERS, REPLIES, URGENCY, WANTED, WITHIN};
use super::{After, On, Shown, Step};
use crate::api::care::{Care, Inquire, JoinedView, PartnerEdit, ThreadRow};
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must};
use crate::web::pages::inbox::who;
use belay_protocol::referral::inquiry::{NoReason, Reply, Within};
use belay_protocol::sensitive::Personal;
use serde_json::{Value, json};

const PARTNER: &[Field] = &[
    must("name", "Name", Kind::Line),
    must("kind", "What it is", Kind::One(PARTNERS, "other")).hint("It decides what may be passed on (42 CFR 2.33)."),
    may("telephone", "Telephone", Kind::Line),
    may("address", "Address", Kind::Text(2)),
    may("fax", "Fax", Kind::Line),
    may("affiliated", "It pays or employs us, or belongs to whom we belong to", Kind::Tick),
];

const CORRECTED: &[Field] = &[
    must("partner", "Which partner", Kind::Pick(Source::Partners)),
    may("name", "Its name", Kind::Line)
        .hint("What is left empty stays as it is. What a consent names stays as the person read it."),
    may("kind", "What it is", Kind::One(PARTNERS, "")),
    may("telephone", "Telephone", Kind::Line),
    may("address", "Address", Kind::Text(2)),
    may("fax", "Fax", Kind::Line),
    may("affiliated", "It pays or employs us, or belongs to whom we belong to", Kind::One(AFFILIATED, "")),
];

const AFFILIATED: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];

const INQUIRY: &[Field] = &[
    may("to", "Whom to ask", Kind::PickAny(Source::Organisations)).hint("Each is asked apart; none learns of another."),
    must("asked.wanted", "What is needed", Kind::One(WANTED, "")),
    must("asked.within", "When", Kind::One(WITHIN, "7")),
    must("asked.urgency", "How urgent", Kind::One(URGENCY, "routine")),
    must("asked.age", "Age", Kind::One(AGES, "unknown")),
    must("asked.payer", "Who would pay", Kind::One(PAYERS, "unknown")),
    must("asked.medication", "Medication", Kind::One(MEDICATIONS, "unknown")),
    must("asked.language", "Language", Kind::One(LANGUAGES, "unknown")),
    may("asked.needs", "What the place must be able to do", Kind::Many(ABLE, &[])),
];

const REPLY: &[Field] = &[
    must("reply", "Answer", Kind::One(REPLIES, "")),
    may("within", "A place is free", Kind::One(WITHIN, "")).hint("Where there is a wait list."),
    may("why", "Why not", Kind::One(NOT, "")).hint("Where the answer is no."),
    may("from", "Who said so", Kind::Line)
        .hint("Where you heard it by telephone from a partner who is not on the network."),
];

const ASIDE: &[Field] = &[may("why", "Why", Kind::Text(2))
    .hint("Of a question that came in: why nobody answers it. It names nobody, and stays in this house.")];

pub const ROWS: &[Step] = &[
    Step {
        slug: "partner",
        on: On::House,
        title: "Add a partner who is not on the network",
        lead: "Consents can name it like any other. It is told by letter, and you write down what it says by telephone.",
        button: "Add the partner",
        done: "The partner can be named in consents now.",
        grave: false,
        fields: PARTNER,
        look: None,
        ask: |_, fields| care("partner_add", fields, &[]),
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "correct-partner",
        on: On::House,
        title: "Correct what is known of a partner who is not on the network",
        lead: "Letters that were printed keep what they said.",
        button: "Correct it",
        done: "The partner is corrected.",
        grave: false,
        fields: CORRECTED,
        look: None,
        ask: |_, fields| {
            let affiliated = some(fields, "affiliated").map(|word| word == "yes");
            Ok(Care::PartnerEdit(PartnerEdit {
                partner: text(fields, "partner"),
                name: some(fields, "name"),
                kind: of(fields, "kind"),
                address: some(fields, "address"),
                telephone: some(fields, "telephone"),
                fax: some(fields, "fax"),
                affiliated,
            }))
        },
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "joined",
        on: On::House,
        title: "A partner has joined the network",
        lead: "It is then named as the member that it is. What went to it before stays as it is.",
        button: "It has joined",
        done: "",
        grave: false,
        fields: &[
            must("partner", "Which partner", Kind::Pick(Source::Partners)),
            must("as_org", "Which organisation it is on the network", Kind::Pick(Source::Members)),
            may("sure", "It is the same, though it is named otherwise there", Kind::Tick),
        ],
        look: None,
        ask: |_, fields| care("partner_joined", fields, &[]),
        after: After::Show(joined),
    },
    Step {
        slug: "bound",
        on: On::House,
        title: "Who pays or employs us",
        lead: "An organisation on the network that pays or employs us, or belongs to whom we belong to, is counted with our own in the \
               report of where referrals go. A partner off the network is marked where it is corrected.",
        button: "Put it on record",
        done: "It is on record.",
        grave: false,
        fields: &[
            must("partner", "Which organisation", Kind::Pick(Source::Members)),
            must("affiliated", "It pays or employs us, or belongs to whom we belong to", Kind::One(AFFILIATED, "")),
        ],
        look: None,
        ask: |_, fields| {
            let affiliated = Some(text(fields, "affiliated") == "yes");
            Ok(Care::PartnerEdit(PartnerEdit {
                partner: text(fields, "partner"),
                affiliated,
                ..PartnerEdit::default()
            }))
        },
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "inquiry",
        on: On::House,
        title: "Ask whether there is a place",
        lead: "“Could you take somebody like this?” It names nobody and needs no consent: codes only, no words of your own.",
        button: "Ask",
        done: "The question is on its way.",
        grave: false,
        fields: INQUIRY,
        look: None,
        ask: |_, fields| {
            let to: Vec<String> = of(fields, "to");
            if to.is_empty() {
                return super::ask::wrong("to", "Please choose whom to ask.");
            }
            let asked = fields.get("asked").cloned().unwrap_or_default();
            let asked = serde_json::from_value(asked)
                .map_err(|_| vec![("asked.wanted".to_owned(), "Please choose what is needed.".to_owned())])?;
            Ok(Care::Inquire(Inquire { to, asked }))
        },
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "answer",
        on: On::Inquiry,
        title: "Answer the question",
        lead: "The question names nobody. The answer binds nobody either: a referral follows if the person agrees.",
        button: "Answer",
        done: "The answer is recorded.",
        grave: false,
        fields: REPLY,
        look: None,
        ask: |subject, fields| {
            let reply = match text(fields, "reply").as_str() {
                "yes" => Reply::Yes,
                "phone" => Reply::Phone,
                "wait_list" => match Within::from_word(&text(fields, "within")) {
                    Some(within) => Reply::WaitList(within),
                    None => return super::ask::wrong("within", "Please say when a place is free."),
                },
                _ => match NoReason::from_word(&text(fields, "why")) {
                    Some(why) => Reply::No(why),
                    None => return super::ask::wrong("why", "Please say why not."),
                },
            };
            let from = some(fields, "from").map(|name| name.as_str().into());
            Ok(Care::InquiryAnswer { inquiry: subject.id.clone(), reply, from })
        },
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "done",
        on: On::Inquiry,
        title: "Nothing more comes of the question",
        lead: "It leaves the list. A question or an answer that comes later brings it back. Who asked is told nothing: their list says that nobody answered.",
        button: "Take it off the list",
        done: "The question is off the list.",
        grave: false,
        fields: ASIDE,
        look: None,
        ask: |subject, fields| {
            let why = some(fields, "why").map(|why| why.as_str().into());
            Ok(Care::InquiryAside { inquiry: subject.id.clone(), why })
        },
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
];

/// Which referrals need a new consent.
fn joined(view: &Value) -> Shown {
    let Ok(view) = read::<JoinedView>(view.clone()) else { return Shown::default() };
    let said = format!("{} is named as {} from now on.", view.partner.name, view.member);
    let page = Shown::default().says("It is on record", vec![said.as_str().into()]);
    if view.referrals.is_empty() {
        return page;
    }
    let line = |row: &ThreadRow| {
        let who = who(row.name.as_ref());
        Personal::new(format!("{}: {}", who.reveal(), row.state))
    };
    page.lists(
        "For the network each of these needs a new consent; until then letters go on",
        view.referrals.iter().map(line).collect(),
    )
}

/// The id of what was made.
pub(super) fn id(view: &Value) -> String {
    view.get("id").unwrap_or(&json!("")).as_str().unwrap_or_default().to_owned()
}
