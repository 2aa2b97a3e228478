//! What the columns of a spreadsheet mean, by their headers.

use crate::interchange::source::Record;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Name,
    Name2,
    Street,
    City,
    State,
    Zip,
    Zip4,
    County,
    Phone,
    Latitude,
    Longitude,
    ExternalId,
    /// SAMHSA's codes.
    Codes,
    /// Yes or no.
    Flag(&'static str),
    /// A list of places served.
    Areas,
    /// A text, into a field of the service.
    Field(&'static str),
    /// Read past, and why.
    Ignored(&'static str),
}

/// Columns with what each holds, in order of the header.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub targets: Vec<(String, Target)>,
}

impl Mapping {
    /// Whether the columns are those of a list of places that people go to.
    pub fn is_directory(&self) -> bool {
        let has = |wanted: &[Target]| self.targets.iter().any(|(_, target)| wanted.contains(target));
        has(&[Target::Name]) && has(&[Target::Street, Target::City, Target::Phone, Target::Zip])
    }
}

/// Headers without blanks and signs, lower case.
const ALIASES: [(&[&str], Target); 36] = [
    (
        &[
            "name",
            "name1",
            "facility",
            "facilityname",
            "facilityorprovider",
            "provider",
            "providername",
            "program",
            "programname",
            "agency",
            "agencyname",
            "organization",
            "organizationname",
            "servicename",
            "title",
        ],
        Target::Name,
    ),
    (&["name2", "name3", "dba", "alternatename"], Target::Name2),
    (
        &[
            "street",
            "street1",
            "street2",
            "address",
            "address1",
            "address2",
            "address3",
            "physicaladdress",
            "streetaddress",
        ],
        Target::Street,
    ),
    (&["city", "town", "physicalcity"], Target::City),
    (&["state", "stateprovince", "physicalstate"], Target::State),
    (&["zip", "zipcode", "postal", "postalcode", "physicalzipcode"], Target::Zip),
    (&["zip4"], Target::Zip4),
    (&["county", "parish"], Target::County),
    (
        &[
            "phone",
            "phonenumber",
            "telephone",
            "phones",
            "contact",
            "contactnumber",
            "intake1",
            "intake2",
            "hotline1",
            "hotline",
            "tollfree",
        ],
        Target::Phone,
    ),
    (&["latitude", "lat", "y"], Target::Latitude),
    (&["longitude", "lon", "lng", "long", "x"], Target::Longitude),
    (&["id", "uid", "frid", "npi", "externalid"], Target::ExternalId),
    (&["keys", "servicecodes", "codes"], Target::Codes),
    (&["bordercounties", "counties", "countiesserved", "areaserved", "servicearea"], Target::Areas),
    (&["description", "about", "summary"], Target::Field("description")),
    (&["note", "notes", "comments", "servesotherstext", "servesotherstxt"], Target::Field("notes")),
    (&["website", "url", "web"], Target::Field("url")),
    (&["email", "emailaddress"], Target::Field("email")),
    (&["region"], Target::Field("region")),
    (&["eligibility", "whoweserve"], Target::Field("eligibility_description")),
    (&["fees", "cost"], Target::Field("fees_description")),
    (&["hours", "openinghours"], Target::Field("hours")),
    // The misspelling is that of the Kentucky list.
    (&["oupatientoffered", "outpatientoffered", "outpatient"], Target::Flag("service_kind.outpatient")),
    (&["residentialoffered", "residential"], Target::Flag("service_kind.residential")),
    (&["partialhospoffered"], Target::Flag("service_kind.partial_hospitalization")),
    (&["transitionallivingoffered", "peertransitionalliving"], Target::Flag("service_kind.transitional_living")),
    (&["peerservicesoffered", "peermentoring"], Target::Flag("service_kind.peer_support")),
    (&["peergroups12steps"], Target::Flag("service_kind.mutual_aid")),
    (&["servesadolescentfemales", "servesadolescentmales"], Target::Flag("serves.adolescents")),
    (&["serveschildren"], Target::Flag("serves.children")),
    (&["servesfaithbased"], Target::Flag("offers.faith_based")),
    (&["servesfamilies"], Target::Flag("serves.families")),
    (&["servesfemaleonly"], Target::Flag("serves.women_only")),
    (&["servesmaleonly"], Target::Flag("serves.men_only")),
    (&["servespregfemales"], Target::Flag("serves.pregnant")),
    (&["servesveterans"], Target::Flag("serves.veterans")),
];

fn plain(header: &str) -> String {
    header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn target(header: &str) -> Target {
    let plain = plain(header);
    if let Some((_, target)) = ALIASES.iter().find(|(names, _)| names.contains(&plain.as_str())) {
        return target.clone();
    }
    let survey =
        plain.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    if survey {
        return Target::Ignored("a leftover of a survey, without a meaning; left out");
    }
    Target::Ignored("not a column that we know; left out")
}

/// Tells what the columns hold, looking into the cells where a header misleads.
pub(super) fn map(header: &[String], records: &[Record]) -> Mapping {
    let mut mapping = Mapping::default();
    for column in header.iter().filter(|column| !column.is_empty()) {
        if !mapping.targets.iter().any(|(known, _)| known == column) {
            mapping.targets.push((column.clone(), target(column)));
        }
    }
    let named = mapping.targets.iter().any(|(_, target)| *target == Target::Name);
    for (column, target) in &mut mapping.targets {
        // A column of ids that holds words, in a list without names: those are the names.
        if !named && *target == Target::ExternalId && is_words(column, records) {
            *target = Target::Name;
        }
    }
    mapping
}

fn is_words(column: &str, records: &[Record]) -> bool {
    let cells: Vec<&str> =
        records.iter().map(|record| record.get(column)).filter(|cell| !cell.is_empty()).take(200).collect();
    let words =
        cells.iter().filter(|cell| cell.contains(' ') && cell.chars().filter(|c| c.is_alphabetic()).count() > 4);
    words.count() * 2 > cells.len() && !cells.is_empty()
}
