//! Writing listings by staff, and what every change of documents needs. Imports are in `import`.

use crate::api::views::ListingView;
use crate::api::{Failure, Outcome};
use crate::driver::Driver;
use crate::store::directory as tables;
use crate::usecases::coalition::roster;
use belay_protocol::directory::listing::{DIGEST, EDITED, KIND, STUB};
use belay_protocol::directory::plan::{self, Plan};
use belay_protocol::directory::view::FACETS;
use belay_protocol::directory::{Existing, Kind, Listing, ListingId, Openings};
use belay_protocol::document::Actor;
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::SpaceId;
use belay_protocol::random;
use belay_protocol::store::Table;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The set that listings typed by staff belong to.
const OWN: &str = "own";

/// When all tables were last made again, in [`Table::Own`].
const REBUILT: &[u8] = b"rebuilt";

/// Keeps the actor under which this run of the node changes documents.
#[derive(Debug, Default)]
pub struct Writer {
    actor: Mutex<Option<Actor>>,
    /// Whether the next transaction makes all tables again.
    rebuild: AtomicBool,
    /// One import at a time.
    pub(super) importing: tokio::sync::Mutex<()>,
    /// Rung where an import left parts behind.
    pub(super) left: tokio::sync::Notify,
}

impl Writer {
    /// Draws a new actor with the next change: a transaction failed, and its changes must not be made a second time.
    pub fn forget(&self) {
        *self.actor.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Makes all tables again from the entries, in one transaction.
    ///
    /// # Errors
    /// `Store`.
    pub async fn rebuild(self: &Arc<Self>, driver: &Driver) -> Outcome<()> {
        let writer = Arc::clone(self);
        driver
            .write(move |step, _| -> Result<(), Fault> {
                writer.rebuild.store(true, Ordering::Release);
                // A transaction that writes nothing is none.
                let now = step.context().now;
                step.draft().put(Table::Own, REBUILT, now.0.to_be_bytes());
                Ok(())
            })
            .await?;
        Ok(())
    }

    /// Whether to make all tables again now; asked once for each time it was wanted.
    pub fn due(&self) -> bool {
        self.rebuild.swap(false, Ordering::AcqRel)
    }

    fn actor(&self, step: &mut Step<'_>) -> Actor {
        let mut actor = self.actor.lock().unwrap_or_else(PoisonError::into_inner);
        let node = step.node();
        actor.get_or_insert_with(|| Actor::draw(node, step.context().random)).clone()
    }

    /// Adds a listing.
    ///
    /// # Errors
    /// No name, a kind or a field that is none.
    pub async fn add(
        self: &Arc<Self>,
        driver: &Driver,
        kind: String,
        fields: BTreeMap<String, String>,
    ) -> Outcome<ListingView> {
        let kind: Kind = kind.parse().map_err(|e: belay_protocol::directory::listing::NotAKind| {
            Failure::misuse(e.to_string()).next("belay listing add --help")
        })?;
        if fields.get("name").is_none_or(|name| name.trim().is_empty()) {
            return Err(Failure::misuse("a listing has a name").next("belay listing add name=\"...\" ..."));
        }
        let writer = Arc::clone(self);
        let id = driver
            .write(move |step, _| -> Outcome<ListingId> {
                let mut listing = Listing::new(ListingId::from_random(random::array(step.context().random)), kind);
                set(&mut listing, fields)?;
                let space = roster(step)?.coalition;
                let existing = Existing::of_set(step, &space, &step.org(), OWN)?;
                writer.edited(step, space, &existing, &listing)?;
                Ok(listing.id)
            })
            .await?;
        own(driver, id).await
    }

    /// Changes fields of a listing of ours.
    ///
    /// # Errors
    /// Not ours, or none such.
    pub async fn edit(
        self: &Arc<Self>,
        driver: &Driver,
        listing: String,
        fields: BTreeMap<String, String>,
    ) -> Outcome<ListingView> {
        let id = own_id(driver, listing).await?;
        let writer = Arc::clone(self);
        driver
            .write(move |step, sql| -> Outcome<()> {
                let (space, existing) = standing(step, sql, &id)?;
                let (_, listing) = existing.find(&id).ok_or_else(none)?;
                let mut listing = listing.clone();
                set(&mut listing, fields)?;
                if listing.name().trim().is_empty() {
                    return Err(Failure::misuse("a listing has a name").next("belay listing show"));
                }
                writer.edited(step, space, &existing, &listing)
            })
            .await?;
        own(driver, id).await
    }

    /// Publishes openings of a service of ours.
    ///
    /// # Errors
    /// Not ours, none such, no service.
    pub async fn openings(
        self: &Arc<Self>,
        driver: &Driver,
        listing: String,
        open: u32,
        note: Option<String>,
    ) -> Outcome<ListingView> {
        let id = own_id(driver, listing).await?;
        driver
            .write(move |step, sql| -> Outcome<()> {
                let (space, existing) = standing(step, sql, &id)?;
                let (_, listing) = existing.find(&id).ok_or_else(none)?;
                if listing.kind != Kind::Service {
                    return Err(
                        Failure::misuse("only services have openings").next("belay directory search --kind service")
                    );
                }
                let as_of = step.context().now;
                let openings =
                    Openings { unit: "openings".into(), open, of: None, as_of, note: note.unwrap_or_default() };
                step.register(space, &Openings::register(&id), &openings.encode()?)?;
                Ok(())
            })
            .await?;
        own(driver, id).await
    }

    fn edited(&self, step: &mut Step<'_>, space: SpaceId, existing: &Existing, listing: &Listing) -> Outcome<()> {
        let plan = plan::edit(&step.org(), existing, OWN, listing);
        Ok(self.write(step, space, &plan)?)
    }

    pub(super) fn write(&self, step: &mut Step<'_>, space: SpaceId, plan: &Plan) -> Result<(), Fault> {
        let actor = self.actor(step);
        let (now, org) = (step.context().now, step.org());
        let (engine, draft) = step.engine();
        for body in plan.bodies((engine.documents(), draft), &space, &org, (&actor, now))? {
            step.write_coalition(space, &body.encode())?;
        }
        Ok(())
    }
}

/// Fields of a listing itself: the columns of HSDS 1.1 and 3.x for organisation, programme, service and location.
const PLAIN: [&str; 38] = [
    "name",
    "alternate_name",
    "description",
    "short_desc",
    "keywords",
    "audience",
    "email",
    "url",
    "website",
    "status",
    "eligibility_description",
    "fees_description",
    "fees",
    "application_process",
    "interpretation_services",
    "wait_time",
    "accreditations",
    "licenses",
    "alert",
    "notes",
    "region",
    "transportation",
    "latitude",
    "longitude",
    "location_type",
    "minimum_age",
    "maximum_age",
    "organization_id",
    "program_id",
    "parent_organization_id",
    "tax_id",
    "tax_status",
    "year_incorporated",
    "legal_status",
    "logo",
    "uri",
    "assured_date",
    "last_modified",
];

/// Tables of HSDS whose rows are fields of the listing they hang on: `<table>.<row>.<column>`.
const ROWS: [&str; 20] = [
    "phone",
    "schedule",
    "holiday",
    "address",
    "at",
    "eligibility",
    "language",
    "contact",
    "attribute",
    "cost_option",
    "funding",
    "accessibility",
    "service_area",
    "required_document",
    "identifier",
    "capacity",
    "payment_accepted",
    "url",
    "metadata",
    "unit",
];

/// Whether there is such a field: one that the listing has, one of HSDS, or a facet.
fn exists(listing: &Listing, field: &str) -> bool {
    let parts: Vec<&str> = field.split('.').collect();
    let named = match parts.as_slice() {
        [plain] => PLAIN.contains(plain),
        [group, code] => FACETS.contains(group) && !code.is_empty(),
        [table, row, column] => ROWS.contains(table) && !row.is_empty() && !column.is_empty(),
        _ => false,
    };
    named || listing.fields.contains_key(field)
}

/// Sets fields as staff typed them; what the document keeps about itself, and places that are none, are refused.
fn set(listing: &mut Listing, fields: BTreeMap<String, String>) -> Outcome<()> {
    for (field, value) in fields {
        if [KIND, STUB, DIGEST, EDITED].contains(&field.as_str()) {
            return Err(Failure::misuse(format!(
                "the field {field} is not for editing; a kind is given once, by --kind"
            ))
            .next("belay listing show, for the fields that there are"));
        }
        if !exists(listing, &field) {
            return Err(Failure::misuse(format!(
                "no field is called {field}; there are {}, and rows such as phone.1.number",
                PLAIN.join(", ")
            ))
            .next("belay listing show, for the fields of a listing"));
        }
        let bound = match field.as_str() {
            "latitude" => 90.0,
            "longitude" => 180.0,
            _ => f64::INFINITY,
        };
        let place = value.trim();
        if bound.is_finite() && !place.is_empty() && !place.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= bound) {
            return Err(Failure::misuse(format!("{field} is a number of degrees between -{bound} and {bound}")));
        }
        listing.set(field, value);
    }
    Ok(())
}

/// The document of ours that holds a listing, as it stands.
fn standing(step: &mut Step<'_>, sql: &Connection, id: &ListingId) -> Outcome<(SpaceId, Existing)> {
    let (space, org) = (roster(step)?.coalition, step.org());
    let document = tables::document_of(sql, &space, &org, id)?;
    Ok((space, Existing::of(step, &space, &org, document)?))
}

fn none() -> Failure {
    Failure::misuse("this organisation keeps no such listing; others' can not be changed here")
        .next("belay directory search")
}

async fn own(driver: &Driver, id: ListingId) -> Outcome<ListingView> {
    let names = driver.query(|engine, store| super::names(engine, store)).await?;
    let org = driver.org();
    driver.read(move |reader| super::own(reader, &names, org, id)).await
}

/// The id out of `<org>/<listing>` or `<listing>`, whole or its beginning, if the organisation is ours.
async fn own_id(driver: &Driver, listing: String) -> Outcome<ListingId> {
    let (org, id) = listing.rsplit_once('/').map_or((None, listing.as_str()), |(org, id)| (Some(org), id));
    if org.is_some_and(|org| !driver.org().to_string().starts_with(org)) {
        return Err(none());
    }
    let id = id.to_owned();
    driver.read(move |reader| super::listing_id(reader, &id)).await
}

#[cfg(test)]
mod tests;
