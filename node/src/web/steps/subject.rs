//! What a step is about, and what its page knows: nothing of it is asked for again.

use super::codes::KINDS_SHORT;
use super::{On, Part, Step};
use crate::api::agreements::AgreementView;
use crate::api::care::{
    AttachmentView, AttachmentsOf, AttachmentsView, CallView, CallsAsk, CallsView, Care, ConsentParty, ConsentView,
    DisclosureView, DisclosuresAsk, DisclosuresView, DoneView, InquiriesView, InquiryView, NeedsView, OpenNeed,
    OptionsListView, PartnersView, PersonView, RestrictionView, ThreadView, WithheldRow, WithheldsView,
};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::agreements::intake_words;
use crate::usecases::people;
use crate::usecases::staff::StaffSession;
use crate::web::acts::codes::shown;
use crate::web::backend::Backend;
use crate::web::form::{Lists, Source};
use crate::web::pages::agreements::terms;
use crate::web::words;
use belay_protocol::consent::Draft;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::inquiry::Reply;
use belay_protocol::referral::is_outside;
use belay_protocol::sensitive::Personal;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What can be chosen: a code and words each.
pub type Choices = Vec<(String, Personal<String>)>;

/// What a step is about.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// As it stands in the address; empty for the house.
    pub id: String,
    pub person: Option<PersonId>,
    /// Whom or what it is about, above the form.
    pub about: Option<Personal<String>>,
    /// What has to be read before the form is filled in.
    pub read: Vec<Part>,
    pub lists: Lists,
    /// What is known of the request before anybody types.
    pub known: Value,
    /// Ticks that stand at first in fields of this path, in place of those of the table.
    pub first: Option<(&'static str, &'static [&'static str])>,
    /// What stands there, to be read where it was changed since the form was shown.
    pub stands: Vec<Part>,
    /// The page from which it is reached.
    pub back: String,
}

/// Whether this is the whole id of something: pages name nothing by a part of it.
#[must_use]
pub fn whole(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl Subject {
    /// Of this step, as far as the page needs it.
    ///
    /// # Errors
    /// There is no such thing, or it is not for this staff member.
    pub async fn load(
        backend: &dyn Backend,
        seat: &StaffSession,
        step: &Step,
        (id, to): (&str, Option<&str>),
    ) -> Outcome<Self> {
        if step.on != On::House && !whole(id) {
            return Err(Failure::misuse("there is no such thing"));
        }
        let mut subject = Self { id: id.to_owned(), known: json!({}), back: step.back(id), ..Self::default() };
        match step.on {
            On::Person => {
                let view: PersonView = backend.view(seat, Care::PersonShow { person: id.into() }).await?;
                subject.person = Some(view.id);
                subject.about = Some(view.fields.name.clone());
                let alike = view.alike.iter().map(|one| {
                    let words = format!("{} ({}), {}", one.name.reveal(), one.reasons.join(", "), one.person.short());
                    (one.person.to_string(), Personal::new(words))
                });
                let joined = view.also.iter().map(|one| {
                    let words = format!("{}, {}, {}", one.name.reveal(), one.birth_date.reveal(), one.id.short());
                    (format!("{} {}", one.id, one.with), Personal::new(words))
                });
                subject.lists.0.insert(
                    Source::LeftOut,
                    view.left_out.iter().map(|one| left_out(one.id.to_string(), one)).collect(),
                );
                subject.lists.0.insert(Source::Alike, alike.collect());
                subject.lists.0.insert(Source::Joined, joined.collect());
                let written = view.plans.written.iter().map(|one| {
                    let what = shown(KINDS_SHORT, one.information.name());
                    let line = format!("{what}, {} by {}", words::when(one.at), one.staff.reveal());
                    (one.entry.to_string(), Personal::new(line))
                });
                subject.lists.0.insert(Source::Plans, written.collect());
                let known = match step.slug {
                    "correct" => serde_json::to_value(&view.fields).ok().map(|mut known| {
                        subject.stands = super::who::stands(&view);
                        if let Value::Object(known) = &mut known {
                            known.insert("shown".to_owned(), people::as_shown(&view.fields).into());
                        }
                        known
                    }),
                    "crisis" => view.plans.crisis.as_ref().and_then(|(_, plan)| serde_json::to_value(plan).ok()),
                    "medication" => {
                        view.plans.medication.as_ref().and_then(|(_, list)| serde_json::to_value(list).ok())
                    }
                    _ => None,
                };
                subject.known = known.unwrap_or(subject.known);
            }
            On::Consent => {
                let ask = Care::ConsentShow { consent: id.to_owned(), whole: false };
                let view: ConsentView = backend.view(seat, ask).await?;
                subject.person = Some(view.person);
                subject.about = Some(view.name.clone());
                let parties = view.parties.iter().map(|party| {
                    let off = if is_outside(party.org) { " (not on the network)" } else { "" };
                    (party.org.to_string(), format!("{}{off}", party.name).as_str().into())
                });
                subject.lists.0.insert(Source::Parties, parties.collect());
                subject.lists.0.insert(
                    Source::LeftOut,
                    view.restrictions.iter().map(|one| left_out(one.number.to_string(), one)).collect(),
                );
                let waits = view.falsely.iter().filter(|told| told.open);
                let waits = waits.map(|told| (told.to.to_string(), told.recipient.as_str().into()));
                subject.lists.0.insert(Source::Falsely, waits.collect());
                subject.goes_to(backend, &view, (step.slug == "send", to)).await?;
            }
            On::Inquiry => {
                let view: InquiryView = backend.view(seat, Care::InquiryShow { inquiry: id.to_owned() }).await?;
                subject.about = Some(format!("{}\n{}", view.other_name, view.asked.script()).as_str().into());
            }
            On::Agreement => {
                let ask = Care::AgreementShow { agreement: id.to_owned() };
                subject.agreement(&backend.view(seat, ask).await?, step.slug);
            }
            On::Call => {
                let view: CallView = backend.view(seat, Care::CallShow { call: id.to_owned() }).await?;
                subject.read = super::call::said(&view);
            }
            On::Thread if step.slug == "revoke" => {
                let own = backend.about().await?.id;
                let view: ThreadView = backend.view(seat, Care::ReferralShow { thread: id.to_owned() }).await?;
                let parties = view.parties.iter().map(|party| {
                    let us = if party.org == own { " (this organisation)" } else { "" };
                    (party.org.to_string(), format!("{}{us}", party.name).as_str().into())
                });
                subject.lists.0.insert(Source::Parties, parties.collect());
            }
            On::House | On::Thread | On::Opening | On::Hold => {}
        }
        for source in step.sources() {
            subject.fill(backend, seat, source).await?;
        }
        if matches!(step.slug, "consent" | "amend") {
            // Law enforcement and criminal justice hear nothing back, unless the person says so.
            let usual = Draft::usual_way_back(backend.about().await?.kind);
            subject.first = usual.is_empty().then_some(("back", &[]));
            subject.shown(backend, seat).await?;
        }
        subject.staff(seat);
        Ok(subject)
    }

    /// Whom the consent names: the only one, or the one that was chosen. `sends`: with what it names for that one, and what was agreed with it.
    async fn goes_to(
        &mut self,
        backend: &dyn Backend,
        view: &ConsentView,
        (sends, chosen): (bool, Option<&str>),
    ) -> Outcome<()> {
        let to = match view.parties.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|party| sends && Some(party.org.to_string().as_str()) == chosen),
        };
        let Some(to) = to else { return Ok(()) };
        let org = to.org.to_string();
        self.known = json!({ "to": org, "at": org });
        if sends {
            self.read = agreed(backend, to).await?;
            self.lists.0.extend(super::send::named(view, backend.about().await?.id, to.org));
            self.lists.0.entry(Source::Parties).or_default().retain(|(id, _)| *id == org);
        }
        Ok(())
    }

    /// The partner, and to who signs the terms that wait for it.
    fn agreement(&mut self, view: &AgreementView, slug: &str) {
        self.about = Some(view.other_name.as_str().into());
        self.known = json!({ "to": view.other, "terms": view.to_sign });
        let shown = match slug {
            "sign" => view.versions.iter().find(|version| Some(version.hash) == view.to_sign),
            _ => view.versions.iter().find(|version| version.standing == "in force").or(view.versions.first()),
        };
        self.read = shown.map(terms).unwrap_or_default();
    }

    /// Who acts is who signed in, unless somebody else is named.
    fn staff(&mut self, seat: &StaffSession) {
        if let Value::Object(known) = &mut self.known {
            known.insert("discloser".to_owned(), seat.name().into());
        }
    }

    async fn fill(&mut self, backend: &dyn Backend, seat: &StaffSession, source: Source) -> Outcome<()> {
        let list = match source {
            Source::Organisations => {
                let mut all = members(backend).await?;
                let view: PartnersView = backend.view(seat, Care::PartnerList).await?;
                let partners = view.partners.into_iter().filter(|partner| partner.joined.is_none());
                all.extend(
                    partners.map(|p| (p.id.to_string(), format!("{} (not on the network)", p.name).as_str().into())),
                );
                all
            }
            Source::Members => members(backend).await?,
            Source::Options => self.options(backend, seat).await?,
            Source::Inquiries => {
                let view: InquiriesView = backend.view(seat, Care::InquiryList).await?;
                let fits = |i: &InquiryView| {
                    let answered = matches!(i.reply, Some(Reply::Yes | Reply::WaitList(_) | Reply::Phone));
                    answered && i.led_to.is_empty() && i.direction == "outgoing"
                };
                let words = |i: InquiryView| {
                    let asked = i.asked.wanted.word().replace('_', " ");
                    let said = i.reply.map(Reply::words).unwrap_or_default();
                    (i.id.to_string(), format!("{}: {asked} ({said})", i.other_name).as_str().into())
                };
                view.inquiries.into_iter().filter(fits).map(words).collect()
            }
            Source::Files => {
                let Some(person) = self.person else { return Ok(()) };
                let of = AttachmentsOf { person: Some(Personal::new(person.to_string())), thread: None };
                let view: AttachmentsView = backend.view(seat, Care::Attachments(of)).await?;
                view.attachments.into_iter().map(|file| (file.id, file.name)).collect()
            }
            Source::Calls => {
                let ask = CallsAsk { done: true, after: None };
                let view: CallsView = backend.view(seat, Care::CallList(ask)).await?;
                let words = |call: DoneView| {
                    let on = call.words.last().map_or_else(String::new, |word| system::day(word.at));
                    let line = format!("{on}: {}, about {}", call.to_name, call.name.reveal());
                    (call.id.to_string(), Personal::new(line))
                };
                // On a person's page: what nobody knows yet whom it was about. Of the others it is known, or was said of somebody else.
                let said = |call: &DoneView| call.whose.as_ref().is_some_and(|whose| whose.person.is_some());
                let fits = |call: &DoneView| self.person.is_none() || (call.nameless && !said(call));
                view.done.into_iter().filter(fits).map(words).collect()
            }
            Source::Chosen | Source::Gone => {
                let of = AttachmentsOf { person: None, thread: Some(self.id.clone()) };
                let view: AttachmentsView = backend.view(seat, Care::Attachments(of)).await?;
                let fits = |file: &AttachmentView| file.went.is_some() && file.waits() == (source == Source::Chosen);
                view.attachments.into_iter().filter(fits).map(|file| (file.id, file.name)).collect()
            }
            Source::Partners => {
                let view: PartnersView = backend.view(seat, Care::PartnerList).await?;
                view.partners.into_iter().map(|p| (p.id.to_string(), p.name.as_str().into())).collect()
            }
            Source::Statements => {
                let view: WithheldsView = backend.view(seat, Care::DisclosureWithheld).await?;
                let words = |one: WithheldRow| {
                    let whom = one.name.as_ref().map_or("everybody", |name| name.reveal().as_str());
                    let line = format!("{}, about {whom}, until {}", one.to, system::day(one.until));
                    (one.id, Personal::new(line))
                };
                view.withheld.into_iter().filter(|one| one.stands).map(words).collect()
            }
            Source::ByHand => {
                let Some(person) = self.person else { return Ok(()) };
                let ask = Care::Disclosures(DisclosuresAsk::of(&person.to_string()));
                let view: DisclosuresView = backend.view(seat, ask).await?;
                let mut seen = BTreeSet::new();
                let words = |one: DisclosureView| (one.record.to_string(), super::records::by_hand(&one));
                // The kinds that were put on record at once are struck at once.
                let apart = |one: &DisclosureView| one.by_hand && seen.insert((one.recorded, one.entry, one.to));
                view.disclosures.into_iter().filter(apart).map(words).collect()
            }
            Source::Barriers => self.barriers(backend, seat).await?,
            Source::Needs
            | Source::Entries
            | Source::Parties
            | Source::Kinds
            | Source::Purposes
            | Source::Falsely
            | Source::LeftOut
            | Source::Alike
            | Source::Joined
            | Source::Plans => return Ok(()),
        };
        self.lists.0.insert(source, list);
        Ok(())
    }

    /// Where all that the person was shown is of one organisation, it is the one to be named.
    async fn shown(&mut self, backend: &dyn Backend, seat: &StaffSession) -> Outcome<()> {
        let options = self.options(backend, seat).await?;
        let of: BTreeSet<&str> = options.iter().filter_map(|(listing, _)| listing.split('/').next()).collect();
        let known = |org: &&str| self.lists.of(Source::Organisations).iter().any(|(id, _)| id == org);
        if let (1, Some(org)) = (of.len(), of.first().filter(|org| known(org)))
            && let Value::Object(fields) = &mut self.known
        {
            fields.insert("parties".to_owned(), json!([{ "org": org }]));
        }
        Ok(())
    }

    /// What the person's referrals wait for that nothing lifts yet.
    async fn barriers(&self, backend: &dyn Backend, seat: &StaffSession) -> Outcome<Vec<(String, Personal<String>)>> {
        let Some(person) = self.person else { return Ok(Vec::new()) };
        let ask = Care::NeedList { person: Personal::new(person.to_string()) };
        let view: NeedsView = backend.view(seat, ask).await?;
        let words = |need: OpenNeed| {
            let words = format!("{} ({})", need.text.reveal(), need.other_name);
            (format!("{}:{}", need.thread, need.need), Personal::new(words))
        };
        Ok(view.needs.into_iter().map(words).collect())
    }

    /// What the person was shown last.
    async fn options(
        &mut self,
        backend: &dyn Backend,
        seat: &StaffSession,
    ) -> Outcome<Vec<(String, Personal<String>)>> {
        let Some(person) = self.person else { return Ok(Vec::new()) };
        let ask = Care::OptionsList { person: Personal::new(person.to_string()) };
        let view: OptionsListView = backend.view(seat, ask).await?;
        let shown = view.options.into_iter().next().map(|options| options.shown).unwrap_or_default();
        Ok(shown.into_iter().map(|(id, name)| (id, name.as_str().into())).collect())
    }
}

/// What the person asked to leave out, by its number.
fn left_out(value: String, one: &RestrictionView) -> (String, Personal<String>) {
    let to = one.to.as_deref().unwrap_or("anybody");
    (value, Personal::new(format!("To {to}: {}", one.asked.reveal())))
}

/// Whom an organisation that a consent names takes, and what must come along, as it was agreed: read before it is referred to.
async fn agreed(backend: &dyn Backend, to: &ConsentParty) -> Outcome<Vec<Part>> {
    let named = |of: &AgreementView| to.org == of.other;
    let mut parts = Vec::new();
    for agreement in backend.agreements().await?.into_iter().filter(named) {
        let version = agreement.versions.iter().find(|version| version.standing == "in force");
        let side = version.and_then(|version| version.terms.side(agreement.other));
        let lines = side.and_then(|side| side.intake.as_ref()).map(intake_words).unwrap_or_default();
        if !lines.is_empty() {
            let heading = format!("Agreed with {}", agreement.other_name);
            let lines = lines.into_iter().map(Personal::new).collect();
            parts.push(Part { heading: Personal::new(heading), lines, list: true, ..Part::default() });
        }
    }
    Ok(parts)
}

/// The other members of the coalition.
async fn members(backend: &dyn Backend) -> Outcome<Vec<(String, Personal<String>)>> {
    let own = backend.about().await?.id;
    let mut seen = BTreeSet::new();
    let all = backend.organisations().await?.into_iter();
    let others =
        all.filter(|org| org.id != own && matches!(org.state.as_str(), "member" | "steward") && seen.insert(org.id));
    Ok(others.map(|org| (org.id.to_string(), org.name.as_str().into())).collect())
}
