//! Who they are: added by hand or from a listing, and used again.

use crate::api::care::{OurOffice, PartnerEdit, PartnerFields, PartnerView, PartnersView, PhoneRow, PhoneView};
use crate::api::views::ListingView;
use crate::api::{Failure, Outcome};
use crate::usecases::identity::proper_name;
use crate::usecases::named;
use belay_protocol::disclosure::{Outside, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::referral::{OutsidePartner, outside_id};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::store::View;
use std::collections::BTreeMap;

/// Adds a partner. What a listing says stands where nothing else was given.
///
/// # Errors
/// No name, or one that is taken by another partner or by an organisation of the coalition.
pub fn add(step: &mut Step<'_>, fields: &PartnerFields) -> Outcome<PartnerView> {
    let name = proper_name("the partner's name", &fields.name)?;
    let known = every(step.draft())?;
    if known.iter().any(|p| p.name.to_lowercase() == name.to_lowercase()) {
        return Err(Failure::misuse("a partner of that name is there already").next("belay partner list"));
    }
    let on_network = super::super::parties::member(step, &name).is_ok();
    if on_network {
        return Err(
            Failure::misuse(format!("{name} is on the network; a consent can name it as it is")).next("belay org list")
        );
    }
    let partner = OutsidePartner {
        org: outside_id(random::array(step.context().random)),
        revision: 1,
        name,
        kind: fields.kind.unwrap_or(PartnerKind::Other),
        address: one_line(&fields.address),
        telephone: one_line(&fields.telephone),
        fax: one_line(&fields.fax),
        listing: fields.listing.clone(),
        affiliated: fields.affiliated,
        joined: None,
    };
    write(step, partner)
}

/// Takes from a listing what was not given by hand.
pub fn from_listing(fields: &mut PartnerFields, listing: ListingView) {
    let fill = |field: &mut String, text: String| {
        if field.trim().is_empty() {
            *field = text;
        }
    };
    fill(&mut fields.telephone, telephone(&listing));
    fill(&mut fields.address, address(&listing));
    let name = if listing.offered_by.is_empty() { listing.name } else { listing.offered_by };
    fill(&mut fields.name, name);
    fields.listing = Some(listing.id);
}

/// How an organisation is reached, by its own listing and its locations: the first address and the first number among them.
#[must_use]
pub fn our_office(listings: &[ListingView]) -> OurOffice {
    let first = |of: fn(&ListingView) -> String| listings.iter().map(of).find(|text| !text.trim().is_empty());
    OurOffice { address: first(address).unwrap_or_default(), telephone: first(telephone).unwrap_or_default() }
}

/// Listings by their names; those that have one name in common also by what they are, who offers them and where.
#[must_use]
pub fn told_apart(listings: Vec<ListingView>) -> Vec<(String, String)> {
    let mut times = BTreeMap::<String, usize>::new();
    listings.iter().for_each(|listing| *times.entry(listing.name.clone()).or_default() += 1);
    let named = |listing: ListingView| {
        let by = if listing.offered_by.is_empty() { &listing.organisation } else { &listing.offered_by };
        let beside = [listing.kind.clone(), by.clone(), address(&listing)];
        let beside: Vec<String> = beside.into_iter().filter(|text| !text.is_empty()).collect();
        let same = times.get(&listing.name).is_some_and(|times| *times > 1);
        let longer = format!("{} ({})", listing.name, beside.join(", "));
        let name = if same && longer.len() <= 4 * limits::NAME_CHARS { longer } else { listing.name };
        (listing.id, name)
    };
    listings.into_iter().map(named).collect()
}

/// Whom to phone by a listing, if it has a number.
#[must_use]
pub fn listed_phone(listing: &ListingView) -> Option<PhoneView> {
    let telephone = telephone(listing);
    (!telephone.trim().is_empty()).then(|| PhoneView { who: listing.name.clone(), telephone })
}

/// Whom to phone in an emergency at an organisation, by its own listing and its locations: a number that says that it is for emergencies or
/// always answered, before the usual one.
#[must_use]
pub fn emergency_phone(office: &[ListingView]) -> Option<PhoneRow> {
    let day_and_night = |listing: &ListingView| {
        let told = listing.fields.iter().find(|(key, value)| {
            let text = value.to_lowercase();
            key.starts_with("phone.")
                && ["emergency", "crisis", "24"].iter().any(|word| text.contains(word))
                && !key.ends_with(".number")
        });
        let row = told?.0.rsplit_once('.')?.0;
        listing.fields.get(&format!("{row}.number")).cloned()
    };
    let usual = || office.iter().map(telephone).find(|number| !number.is_empty());
    let telephone = office.iter().find_map(day_and_night).or_else(usual)?;
    Some(PhoneRow { organisation: office.first()?.organisation.clone(), telephone })
}

fn telephone(listing: &ListingView) -> String {
    first(listing, "phone.", &["number"])
}

fn address(listing: &ListingView) -> String {
    first(listing, "address.", &["address_1", "city", "state_province", "postal_code"])
}

/// These columns of the first row of a table that a listing holds.
fn first(listing: &ListingView, prefix: &str, ends: &[&str]) -> String {
    let mut row: Option<&str> = None;
    let mut parts = vec![String::new(); ends.len()];
    for (key, value) in &listing.fields {
        let Some((of, end)) = key.strip_prefix(prefix).and_then(|rest| rest.rsplit_once('.')) else { continue };
        if *row.get_or_insert(of) == of
            && let Some(part) = ends.iter().position(|e| *e == end).and_then(|at| parts.get_mut(at))
        {
            part.clone_from(value);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// Changes what is known of a partner; what is not given stays. Of an organisation on the network, which says of itself what it is,
/// whether it is bound to us.
///
/// # Errors
/// None fits.
pub fn edit(step: &mut Step<'_>, ask: &PartnerEdit) -> Outcome<PartnerView> {
    let mut partner = match find(step.draft(), &ask.partner) {
        Ok(partner) => partner,
        Err(unknown) => match super::super::parties::member(step, &ask.partner) {
            Ok(member) => return super::joined::bind(step, &member, ask),
            Err(_) => return Err(unknown),
        },
    };
    let other_name = ask.name.as_ref().is_some_and(|name| name.trim() != partner.name);
    let other_kind = ask.kind.is_some_and(|kind| kind != partner.kind);
    // A consent names this partner by name and kind: under another name it would reach somebody whom the person did not name.
    if (other_name || other_kind) && crate::usecases::consents::names(step.draft(), partner.org)? {
        return Err(Failure::misuse("a consent names this partner, so its name and kind stay as the person read them")
            .next("belay partner add, for the new name; and a consent that names it"));
    }
    if other_name
        && every(step.draft())?.iter().any(|p| ask.name.as_ref().is_some_and(|n| p.name.eq_ignore_ascii_case(n.trim())))
    {
        return Err(Failure::misuse("another partner has this name").next("belay partner list"));
    }
    partner.revision = partner.revision.saturating_add(1);
    if let Some(name) = &ask.name {
        partner.name = proper_name("the partner's name", name)?;
    }
    partner.kind = ask.kind.unwrap_or(partner.kind);
    let put = |place: &mut String, given: &Option<String>| {
        if let Some(text) = given {
            *place = one_line(text);
        }
    };
    put(&mut partner.address, &ask.address);
    put(&mut partner.telephone, &ask.telephone);
    put(&mut partner.fax, &ask.fax);
    partner.affiliated = ask.affiliated.unwrap_or(partner.affiliated);
    write(step, partner)
}

/// All of them, by name.
///
/// # Errors
/// `Store`.
pub fn list(view: &dyn View) -> Outcome<PartnersView> {
    let mut partners: Vec<PartnerView> = every(view)?.iter().map(shown).collect();
    partners.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    Ok(PartnersView { partners })
}

/// One by id, beginning of an id, or name.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &str) -> Outcome<OutsidePartner> {
    let partners = every(view)?;
    named(&partners, given, |p| (p.org.to_string(), p.name.clone()), "partner off the network", "belay partner list")
        .cloned()
}

/// One by id.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, org: OrgId) -> Result<Option<OutsidePartner>> {
    Ok(super::all(view, Outside::PARTNER, &org.0)?.into_iter().find_map(|(_, record)| match record {
        Outside::Partner(partner) => Some(partner),
        _ => None,
    }))
}

pub(super) fn every(view: &dyn View) -> Result<Vec<OutsidePartner>> {
    let records = super::all(view, Outside::PARTNER, &[])?;
    Ok(records
        .into_iter()
        .filter_map(|(_, record)| match record {
            Outside::Partner(partner) => Some(partner),
            _ => None,
        })
        .collect())
}

pub(super) fn write(step: &mut Step<'_>, partner: OutsidePartner) -> Outcome<PartnerView> {
    partner.check()?;
    let view = shown(&partner);
    step.write_private(&PrivateBody::Outside(Box::new(Outside::Partner(partner))).encode())?;
    Ok(view)
}

pub(super) fn shown(partner: &OutsidePartner) -> PartnerView {
    PartnerView {
        id: partner.org,
        name: partner.name.clone(),
        kind: partner.kind,
        address: partner.address.clone(),
        telephone: partner.telephone.clone(),
        fax: partner.fax.clone(),
        listing: partner.listing.clone(),
        affiliated: partner.affiliated,
        joined: partner.joined,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
