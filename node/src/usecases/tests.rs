use super::named;

const ALL: [(&str, &str); 3] = [("aaaa1111", "Clinic"), ("aaaa2222", "Shelter"), ("bbbb3333", "Shelter")];

fn find(given: &str) -> Result<&'static str, String> {
    named(&ALL, given, |(id, name)| ((*id).into(), (*name).into()), "organisation", "belay org list")
        .map(|(id, _)| *id)
        .map_err(|f| f.message)
}

#[test]
fn a_thing_is_found_by_id_by_its_beginning_or_by_a_name_that_fits_only_one() {
    assert_eq!(find("aaaa2222").unwrap(), "aaaa2222");
    assert_eq!(find("BBBB").unwrap(), "bbbb3333");
    assert_eq!(find(" clinic ").unwrap(), "aaaa1111");
}

#[test]
fn what_fits_none_or_several_is_refused() {
    assert!(find("aaaa").unwrap_err().contains("more than one"));
    assert!(find("shelter").unwrap_err().contains("more than one"));
    assert!(find("bb").unwrap_err().contains("no organisation"));
    assert!(find("").unwrap_err().contains("no organisation"));
}
