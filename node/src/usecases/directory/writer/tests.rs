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
