//! Real texts, multiplied: 20,000 listings of 500 organisations.

use super::Size;
use belay_node::interchange::{self, Import};
use belay_protocol::directory::{Kind, Listing, ListingId};
use std::path::{Path, PathBuf};

/// Listings of each organisation.
pub const EACH: usize = 40;
/// Of the listings of an organisation: itself, so many locations, the rest services.
const LOCATIONS: usize = 15;

/// The listings, by organisation.
pub struct Corpus {
    pub organisations: Vec<Vec<Listing>>,
    pub source: String,
}

fn shared() -> Option<PathBuf> {
    let up = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let from = std::env::var_os("BELAY_SHARED").map(PathBuf::from);
    let found = from.or_else(|| up.ancestors().map(|folder| folder.join("shared")).find(|f| f.join("data").is_dir()));
    found.map(|folder| folder.join("data")).filter(|folder| folder.is_dir())
}

fn imports(real: bool) -> (Vec<Import>, Vec<Import>, String) {
    let read = |path: &Path| interchange::read(path).ok();
    if let Some(data) = shared().filter(|_| real) {
        let texts = [
            "hsds-1.1-illinois-legal-aid/hsds",
            "ohana-san-mateo",
            "kentucky-sud-referral-list",
            "samhsa-treatment-directory/meth-2017.csv",
        ];
        let texts = texts.iter().filter_map(|name| read(&data.join(name))).collect();
        let places = read(&data.join("samhsa-treatment-directory/substance-use-facilities-2020.csv"));
        return (texts, places.into_iter().collect(), "real texts of the shared data sets".to_owned());
    }
    let up = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("node/src/demo/data"));
    let built_in = up.filter(|folder| folder.is_dir()).last().unwrap_or_default();
    let names = ["clinic", "emergency", "peers", "reentry", "shelter"];
    let all: Vec<Import> = names.iter().filter_map(|name| read(&built_in.join(name).with_extension("json"))).collect();
    (all.clone(), all, "the built-in set".to_owned())
}

fn id(organisation: usize, number: usize) -> ListingId {
    let seed = format!("{organisation}/{number}");
    let digest = ring::digest::digest(&ring::digest::SHA256, seed.as_bytes());
    ListingId::from_random(digest.as_ref()[..16].try_into().expect("16 of 32 bytes"))
}

/// Makes the corpus; the same one each time.
pub fn make(size: Size) -> Corpus {
    let (texts, places, source) = imports(size.real);
    let of = |imports: &[Import], kind: Kind| {
        let all = imports.iter().flat_map(|import| &import.listings);
        all.filter(|listing| listing.kind == kind && !listing.is_stub()).cloned().collect::<Vec<_>>()
    };
    // A county's directory is about much else than treatment: most of its services have no word of it.
    let kinds: Vec<Vec<Listing>> =
        texts.iter().chain(&places).map(|import| of(std::slice::from_ref(import), Kind::Service)).collect();
    let services = |o: usize, n: usize| {
        let which = [4, 0, 4, 1, 0, 4, 2, 0, 4, 3][(o * 7 + n) % 10] % kinds.len();
        let kind = &kinds[which];
        kind[(o * 31 + n * 7) % kind.len()].clone()
    };
    let locations = of(&places, Kind::Location);
    let organisations = of(&places, Kind::Organization);
    let make = |o: usize| {
        let itself = id(o, 0);
        let mut organisation = organisations[(o * 17) % organisations.len()].clone();
        organisation.id = itself;
        let mut all = vec![organisation];
        for n in 1..=LOCATIONS {
            // Neighbours in the list lie near each other, as an organisation's places do.
            let mut location = locations[(o * 28 + n) % locations.len()].clone();
            location.id = id(o, n);
            location.set("organization_id", itself.to_string());
            all.push(location);
        }
        for n in LOCATIONS + 1..EACH {
            let mut service = services(o, n);
            service.id = id(o, n);
            service.set("organization_id", itself.to_string());
            service.fields.retain(|field, _| !field.starts_with("at."));
            let at = id(o, 1 + n % LOCATIONS);
            service.set("at.a.location_id", at.to_string());
            all.push(service);
        }
        all
    };
    Corpus { organisations: (0..size.organisations).map(make).collect(), source }
}

impl Corpus {
    /// Listings, mean fields and mean bytes as JSON.
    pub fn size(&self) -> (usize, usize, usize) {
        let all = || self.organisations.iter().flatten();
        let count = all().count();
        let fields: usize = all().map(|listing| listing.fields.len()).sum();
        let bytes: usize = all().map(|listing| serde_json::to_vec(&listing.fields).map_or(0, |json| json.len())).sum();
        (count, fields / count, bytes / count)
    }
}
