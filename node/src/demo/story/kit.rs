//! What every story does: a person on record, a consent, a referral, one act on it, and waiting until the other side has heard.

use super::Actor;
use crate::api::care::{
    ActRequest, Care, ConsentDraft, ConsentSign, ConsentView, ExpiryRequest, LinkAsk, ListAsk, Meeting, PersonFields,
    PersonView, Refer, Send, ThreadRow, ThreadView, ThreadsView,
};
use crate::api::{Failure, Request, Secret, StaffLogin};
use anyhow::{Context, Result};
use belay_protocol::referral::{Information, Mode, Urgency};
use belay_protocol::time::Time;
use serde::de::DeserializeOwned;
use std::time::Instant;

/// Somebody who does not exist. The name stands nowhere else: whoever has it was told.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub name: &'static str,
    pub born: &'static str,
    pub phone: &'static str,
    pub contact: &'static str,
}

/// What a person signs: who may tell one other organisation what, and what may come back.
#[derive(Debug, Clone)]
pub struct Terms<'t> {
    /// A member of the coalition or a partner off the network, by id.
    pub to: String,
    pub tell: &'t [Information],
    /// `None`: what is usual for our kind of partner.
    pub back: Option<&'t [Information]>,
    pub expiry: ExpiryRequest,
}

impl Actor {
    /// Asks about persons, as the staff member of the role.
    pub fn care<V: DeserializeOwned>(&self, ask: Care) -> Result<V> {
        self.node.ask(&self.asking(ask))
    }

    fn asking(&self, ask: Care) -> Request {
        let login = StaffLogin { name: self.role.staff.to_owned(), secret: Secret::new(self.secret.clone()) };
        Request::Care { login, ask: Box::new(ask) }
    }

    /// Puts a person on record. Gives the id.
    pub fn meets(&self, person: Person) -> Result<String> {
        let view: PersonView = self.care(Care::PersonAdd(
            PersonFields {
                name: person.name.into(),
                birth_date: person.born.into(),
                phones: vec![person.phone.into()],
                contact: person.contact.into(),
                ..PersonFields::default()
            }
            .into(),
        ))?;
        Ok(view.id.to_string())
    }

    /// A consent for treatment, drafted and signed by the person. Gives its id.
    pub fn consent(&self, person: (&str, Person), terms: Terms<'_>) -> Result<String> {
        let draft = ConsentDraft {
            person: person.0.into(),
            to: vec![terms.to],
            tell: terms.tell.to_vec(),
            back: terms.back.map(<[Information]>::to_vec),
            purpose: "treatment".into(),
            expiry: terms.expiry,
            ..ConsentDraft::default()
        };
        self.signed(draft, person.1)
    }

    /// Drafts a consent and has the person sign it.
    pub fn signed(&self, draft: ConsentDraft, person: Person) -> Result<String> {
        let draft: ConsentView = self.care(Care::ConsentDraft(draft))?;
        let signed: ConsentView = self.care(Care::ConsentSign(ConsentSign {
            attested: true,
            consent: draft.id.to_string(),
            typed: person.name.into(),
            ..ConsentSign::default()
        }))?;
        Ok(signed.id.to_string())
    }

    /// Refers the person of a consent. Gives the thread's id.
    pub fn refers(&self, refer: Refer) -> Result<String> {
        let view: ThreadView = self.care(Care::ReferralRefer(refer))?;
        Ok(view.row.id.to_string())
    }

    /// One act on a thread.
    pub fn act(&self, thread: &str, act: ActRequest) -> Result<ThreadView> {
        self.care(Care::ReferralAct { thread: thread.to_owned(), act })
    }

    pub fn shows(&self, thread: &str) -> Result<ThreadView> {
        self.care(Care::ReferralShow { thread: thread.to_owned() })
    }

    /// Waits until the thread shows what is looked for. `what` is said when patience ends.
    pub fn wait(&self, thread: &str, what: &str, seen: impl Fn(&ThreadView) -> bool) -> Result<ThreadView> {
        let show = self.asking(Care::ReferralShow { thread: thread.to_owned() });
        self.node.until(&show, what, |t: &ThreadView| seen(t).then(|| t.clone()))
    }

    /// Waits until a referral is in the work list.
    pub fn receives(&self, thread: &str) -> Result<ThreadRow> {
        self.node.until(&self.asking(Care::ReferralList(ListAsk::default())), "the referral", |t: &ThreadsView| {
            t.threads.iter().find(|t| t.id.to_string() == thread).cloned()
        })
    }

    /// Waits until a view of some other kind shows what is looked for.
    pub fn until<V: DeserializeOwned, T>(&self, ask: Care, what: &str, seen: impl FnMut(&V) -> Option<T>) -> Result<T> {
        self.node.until(&self.asking(ask), what, seen)
    }

    /// Says that the person of an incoming referral is somebody new here, as the thread tells, and accepts.
    pub fn takes_on(&self, thread: &str, note: &str) -> Result<ThreadView> {
        let _: ThreadView = self.care(Care::ReferralLink(LinkAsk::new(thread)))?;
        self.act(thread, ActRequest::Accept { note: note.into() })
    }
}

/// What refused it, in the words that staff read.
pub fn refusal<V>(outcome: Result<V>) -> Result<String> {
    match outcome {
        Ok(_) => Ok("it was done".to_owned()),
        Err(error) => Ok(error.downcast::<Failure>().context("no answer of the node's")?.message),
    }
}

/// A referral with nothing but its reason.
pub fn referral(consent: &str, reason: &str) -> Refer {
    let send = Send::new(consent.to_owned(), reason.into(), Urgency::Urgent);
    Refer::new(false, Send { again: true, ..send })
}

/// An appointment in person.
pub fn appointment(at: Time, place: &str) -> ActRequest {
    ActRequest::Schedule(Meeting::at(at, place.into(), Mode::InPerson, "Ask for Wren.".into()))
}

pub fn message(text: &str) -> ActRequest {
    ActRequest::Message { text: text.into() }
}

/// Whether a line of the thread says so.
pub fn says(thread: &ThreadView, text: &str) -> bool {
    thread.history.iter().any(|line| line.text.reveal().contains(text))
}

pub fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
