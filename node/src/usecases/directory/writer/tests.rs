use super::*;

fn fields(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_a_document_keeps_about_a_listing_can_not_be_edited_away() {
    let mut listing = Listing::new(ListingId::from_random([7; 16]), Kind::Service);
    set(&mut listing, fields(&[("name", "Evening group")])).unwrap();
    let before = listing.clone();
    for field in [KIND, STUB, DIGEST, EDITED] {
        for value in ["", "location"] {
            let refused = set(&mut listing, fields(&[(field, value)])).unwrap_err();
            assert!(refused.message.contains("is not for editing"), "{}", refused.message);
            assert_eq!(listing, before, "{field}={value} destroyed something");
        }
    }
}

#[test]
fn a_field_that_is_none_is_refused_with_the_names_of_those_there_are() {
    let mut listing = Listing::new(ListingId([1; 16]), Kind::Service);
    listing.set("from_a_file", "kept");
    let mut one = |field: &str| set(&mut listing, BTreeMap::from([(field.to_owned(), "1".to_owned())]));
    let refused = one("nosuchfield").unwrap_err();
    assert!(refused.message.contains("nosuchfield") && refused.message.contains("description"), "{refused:?}");
    assert!(one("phone.number").is_err() && one("service_kind").is_err());
    for field in ["name", "from_a_file", "phone.1.number", "service_kind.detox"] {
        one(field).unwrap();
    }
}
