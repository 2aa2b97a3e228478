//! What the directory knows, beside what is asked and what is answered: names of services, addresses, numbers to phone.

use super::Office;
use crate::api::Outcome;
use crate::api::care::{
    CallView, CallsView, Care, DisclosuresView, DueView, HeardView, InquiriesView, InquiryView, OurOffice, PhoneRow,
    PhoneView, Print, Printed, ThreadRow, ThreadView, ThreadsView,
};
use crate::api::views::ListingView;
use crate::usecases::{directory, disclosures, outside, referrals};
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is looked up for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    Addresses,
    PhonesOfList,
    PhonesOfThread,
    PhonesOfInquiries,
    PhoneOfInquiry,
    PhonesOfCalls,
    PhoneOfCall,
    PhoneOfKeeper,
}

impl Beside {
    pub(super) const fn of(ask: &Care) -> Self {
        match ask {
            Care::Disclosures(_) => Self::Addresses,
            Care::ReferralList(_) => Self::PhonesOfList,
            Care::ReferralShow { .. } | Care::ReferralAct { .. } => Self::PhonesOfThread,
            Care::InquiryList => Self::PhonesOfInquiries,
            Care::InquiryShow { .. } => Self::PhoneOfInquiry,
            Care::CallList(_) => Self::PhonesOfCalls,
            Care::CallShow { .. } => Self::PhoneOfCall,
            Care::ConsentHeard(_) => Self::PhoneOfKeeper,
            _ => Self::Nothing,
        }
    }
}

impl Office {
    /// Fills in what the directory knows.
    pub(super) async fn look_up(&self, ask: &mut Care) -> Outcome<()> {
        let send = match ask {
            Care::ReferralRefer(ask) | Care::ReferralReferPreview(ask) => Some(&mut ask.send),
            Care::ReferralTied(ask) | Care::ReferralTiedPreview(ask) => Some(&mut ask.send),
            Care::ReferralSend(send) | Care::ReferralPreview(send) => Some(send),
            _ => None,
        };
        if let Some(send) = send
            && let Some(listing) = send.service.clone()
        {
            let listing = self.listing(listing).await?;
            (send.service, send.service_name) = (Some(listing.id), listing.name);
        }
        match ask {
            Care::PartnerAdd(fields) => {
                if let Some(listing) = fields.listing.clone() {
                    outside::from_listing(fields, self.listing(listing).await?);
                }
            }
            Care::OptionsKeep(ask) => {
                let found = self.search(ask.search.clone()).await?;
                ask.shown = outside::told_apart(found.listings);
            }
            Care::ReferralLetter(ask) => ask.office = self.ours().await?,
            Care::FileCover(ask) => ask.office = self.ours().await?,
            Care::Print(ask) => self.reach(ask).await?,
            Care::EmergencyOpen(ask) => {
                ask.phones = self.emergency_phones().await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn own(&self) -> Outcome<OrgId> {
        self.driver.query(|engine, _| -> Outcome<_> { Ok(engine.org()) }).await
    }

    /// An organisation's own listing and its locations: never those of others that it publishes.
    async fn office(&self, org: OrgId) -> Outcome<Vec<ListingView>> {
        let names = self.names().await?;
        self.driver.read(move |reader| directory::office(reader, &names, org)).await
    }

    /// Where an organisation is reached, as its own listings say.
    async fn reached(&self, org: OrgId) -> Outcome<OurOffice> {
        Ok(outside::our_office(&self.office(org).await?))
    }

    /// Where we are.
    async fn ours(&self) -> Outcome<OurOffice> {
        let own = self.own().await?;
        self.reached(own).await
    }

    /// Whom to phone in an emergency: the other members.
    async fn emergency_phones(&self) -> Outcome<Vec<PhoneRow>> {
        let own = self.own().await?;
        let names = self.names().await?;
        self.driver
            .read(move |reader| -> Outcome<_> {
                let mut rows = Vec::new();
                for org in names.orgs.keys().filter(|org| **org != own) {
                    rows.extend(outside::emergency_phone(&directory::office(reader, &names, *org)?));
                }
                rows.sort();
                rows.truncate(limits::EMERGENCY_PHONES);
                Ok(rows)
            })
            .await
    }

    /// Where who keeps an accounting, and whom it names, are reached (45 CFR 164.528(b)(2)(ii)); of a card, where we are and whom the person was
    /// referred to.
    async fn reach(&self, ask: &mut Print) -> Outcome<()> {
        let person = match ask.form.clone() {
            Printed::Accounting { person } => person,
            Printed::Card { person, .. } => {
                ask.office = self.ours().await?;
                for org in self.driver.read(move |reader| referrals::recipients(reader, &person)).await? {
                    let telephone = self.reached(org).await?.telephone;
                    ask.reach.extend((!telephone.trim().is_empty()).then_some((org, telephone)));
                }
                return Ok(());
            }
            Printed::Consent { .. }
            | Printed::Waiting { .. }
            | Printed::Amendment { .. }
            | Printed::Revocation { .. }
            | Printed::LeftOut { .. }
            | Printed::Plan { .. } => return Ok(()),
        };
        let mut orgs = self.driver.read(move |reader| disclosures::recipients(reader, &person)).await?;
        orgs.insert(self.own().await?);
        for org in orgs {
            let at = self.at(org).await?;
            ask.reach.extend((!at.is_empty()).then_some((org, at)));
        }
        Ok(())
    }

    /// Address and telephone of an organisation by its own listings; empty where they say neither.
    async fn at(&self, org: OrgId) -> Outcome<String> {
        let at = self.reached(org).await?;
        let parts = [at.address, at.telephone];
        Ok(parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(", "))
    }

    /// An answer with what the directory knows of it.
    pub(super) async fn beside(&self, what: Beside, view: serde_json::Value) -> serde_json::Value {
        match what {
            Beside::Nothing => view,
            Beside::Addresses => self.with_addresses(view).await,
            Beside::PhonesOfList => {
                let Ok(mut list) = ThreadsView::deserialize(&view) else { return view };
                let rows = list.threads.iter_mut().chain(&mut list.pressing).collect();
                let late = self.phones(rows).await;
                let asked = self.inquiry_phones(&mut list.inquiries).await;
                if self.call_phones(&mut list.calls).await || late || asked {
                    serde_json::to_value(list).unwrap_or(view)
                } else {
                    view
                }
            }
            Beside::PhonesOfInquiries => {
                let Ok(mut list) = InquiriesView::deserialize(&view) else { return view };
                let put = self.inquiry_phones(&mut list.inquiries).await;
                if put { serde_json::to_value(list).unwrap_or(view) } else { view }
            }
            Beside::PhoneOfInquiry => {
                let Ok(mut inquiry) = InquiryView::deserialize(&view) else { return view };
                let put = self.inquiry_phones(std::slice::from_mut(&mut inquiry)).await;
                if put { serde_json::to_value(inquiry).unwrap_or(view) } else { view }
            }
            Beside::PhonesOfCalls => {
                let Ok(mut list) = CallsView::deserialize(&view) else { return view };
                if self.call_phones(&mut list.calls).await { serde_json::to_value(list).unwrap_or(view) } else { view }
            }
            Beside::PhoneOfCall => {
                let Ok(mut call) = CallView::deserialize(&view) else { return view };
                let one = std::slice::from_mut(&mut call);
                if self.call_phones(one).await { serde_json::to_value(call).unwrap_or(view) } else { view }
            }
            Beside::PhoneOfKeeper => {
                let Ok(mut heard) = HeardView::deserialize(&view) else { return view };
                if heard.phone.is_none() {
                    heard.phone = self.listed(heard.keeper_id, None).await;
                }
                serde_json::to_value(heard).unwrap_or(view)
            }
            Beside::PhonesOfThread => {
                let Ok(mut thread) = ThreadView::deserialize(&view) else { return view };
                let row = vec![&mut thread.row];
                if self.phones(row).await { serde_json::to_value(thread).unwrap_or(view) } else { view }
            }
        }
    }

    /// Puts a number where the other side is late and neither an agreement nor the partner's own record says whom to phone: that of
    /// the listing that the referral asked for, else of the organisation. Whether any was put.
    async fn phones(&self, rows: Vec<&mut ThreadRow>) -> bool {
        let mut known: BTreeMap<(OrgId, Option<String>), Option<PhoneView>> = BTreeMap::new();
        let mut put = false;
        for row in rows {
            let late = |due: &DueView| (due.overdue && !due.ours || due.say.is_some()) && due.phone.is_none();
            // To others of a team it is the sender who telephones; `other` is the sender's number and not who is late.
            if row.recipient.is_some() || !row.due.iter().any(late) {
                continue;
            }
            let phone = match known.entry((row.other, row.service.clone())) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => {
                    let listed = self.listed(row.other, row.service.as_deref()).await;
                    unknown.insert(listed).clone()
                }
            };
            put |= phone.is_some();
            row.due.iter_mut().filter(|due| late(due)).for_each(|due| due.phone.clone_from(&phone));
        }
        put
    }

    /// Puts the number of its listing where a partner on the network is late to answer and nothing else says whom to phone. Whether any
    /// was put.
    async fn inquiry_phones(&self, inquiries: &mut [InquiryView]) -> bool {
        let mut put = false;
        for inquiry in inquiries.iter_mut().filter(|inquiry| !inquiry.off_network) {
            let Some(due) = &mut inquiry.due else { continue };
            if due.overdue && !due.ours && due.phone.is_none() {
                due.phone = self.listed(inquiry.other, None).await;
                put |= due.phone.is_some();
            }
        }
        put
    }

    /// Puts the number of its listing where nothing else says whom to phone. Whether any was put.
    async fn call_phones(&self, calls: &mut [CallView]) -> bool {
        let mut put = false;
        for call in calls.iter_mut().filter(|call| call.due.phone.is_none() && !call.off_network) {
            call.due.phone = self.listed(call.to, None).await;
            put |= call.due.phone.is_some();
        }
        put
    }

    /// The number of a listing, else of the organisation that offers it.
    async fn listed(&self, org: OrgId, service: Option<&str>) -> Option<PhoneView> {
        if let Some(service) = service
            && let Ok(listing) = self.listing(service.to_owned()).await
            && let Some(phone) = outside::listed_phone(&listing)
        {
            return Some(phone);
        }
        self.office(org).await.ok()?.iter().find_map(outside::listed_phone)
    }

    /// A list of disclosures with the addresses of recipients that the directory knows (45 CFR 164.528(b)(2)(ii)).
    async fn with_addresses(&self, view: serde_json::Value) -> serde_json::Value {
        let Ok(mut list) = DisclosuresView::deserialize(&view) else {
            return view;
        };
        let mut known = BTreeMap::new();
        for row in list.disclosures.iter_mut().filter(|row| row.address.is_none()) {
            if let Entry::Vacant(unknown) = known.entry(row.to) {
                let address = self.reached(row.to).await.ok().map(|office| office.address);
                unknown.insert(address.filter(|address| !address.trim().is_empty()));
            }
            row.address = known.get(&row.to).cloned().flatten();
        }
        serde_json::to_value(list).unwrap_or(view)
    }
}

#[cfg(test)]
mod tests;
